"""Counts seconds of an idle screen: watcher and display as in the daemon, in simulated time.

Argument: ``overview`` or ``graph`` (of a signal: it moves), which the display shows, or ``nothing``: no display. Two
marks stand around `SECONDS` seconds in which a radio hops and hears a usual air; a line says how many pictures
were sent meanwhile, and how many octets. Nobody waits: when all tasks do, time goes on to the next thing that is due,
so that two runs are the same.
"""

from __future__ import annotations

import asyncio
import gc
import os
import selectors
import sys
import threading
from typing import Any

from tools.icount.guest.marks import mark
from tools.icount.guest.panel import SECONDS, Octets, everything, heard, plug_in

from whimbrel.bus import Bus
from whimbrel.drivers.registry import PANELS
from whimbrel.events.device import SystemReport
from whimbrel.events.keys import Press
from whimbrel.events.radio import FrameBatch, HoppingChanged, RadioOpened, Tuned
from whimbrel.module import Context, Module
from whimbrel.modules.watcher import Watcher
from whimbrel.wifi.channels import Channel

WARM = 10
EPOCH = 1.7e9
_DWELL = 0.25
_REPORT = 5.0
_CHANNELS = (2412, 2437, 2462)


class Panel:
    """The pending jobs of the panel's thread. Time stops until they are done."""

    given = 0
    shown = 0
    turn = threading.Condition()

    @classmethod
    def settle(cls) -> None:
        """Wait for the thread."""
        with cls.turn:
            cls.turn.wait_for(lambda: cls.shown >= cls.given)


class Leap(selectors.DefaultSelector):
    """Lets time pass at once if nothing is ready; waits only for threads."""

    now = 0.0
    waits_for_threads = False

    def select(self, timeout: float | None = None) -> Any:
        """Return the ready events, or advance to the time of the next one."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        Panel.settle()
        if timeout is None or self.waits_for_threads:
            return super().select(None)
        if ready := super().select(0):
            return ready
        self.now += timeout
        return []


async def main_task(selector: Leap, what: str) -> None:
    """Run the modules, be the radio, and mark."""
    bus = Bus(clock=lambda: EPOCH + selector.now)
    modules: list[type[Module[Any]]] = [Watcher]
    if what != "nothing":
        from whimbrel.modules.display import Display

        modules.append(Display)
    radio = bus.sender("sniffer")
    radio.publish(RadioOpened(driver="sim", description="a usual air"))
    tasks = []
    for module in modules:
        ctx: Context[Any] = Context(module.__name__.lower(), module.Settings(), bus)
        tasks.append(asyncio.create_task(module(ctx).run()))
        selector.waits_for_threads = True
        await ctx.is_ready.wait()
        selector.waits_for_threads = False
    radio.publish(FrameBatch(frames=everything(bus.clock())))
    radio.publish(HoppingChanged(mode="hopping", channel=None))
    await be_radio(radio, bus, WARM // 2)
    # The first tile is the access points, and the first of these the strongest, with its signal.
    for number in range(2 if what == "graph" else 0):
        for step in ("press", "short", "release"):
            radio.publish(Press(key="ok", gesture=step, gesture_id=number + 1))
        await be_radio(radio, bus, 1)
    await be_radio(radio, bus, WARM // 2)
    gc.collect()
    sent, shows = Octets.sent, Panel.shown
    mark()
    await be_radio(radio, bus, SECONDS)
    mark()
    print(f"{Panel.shown - shows}\t{Octets.sent - sent}")
    failed = [task.exception() for task in tasks if task.done()]
    if failed:
        raise SystemExit(f"a module ended: {failed}")


async def be_radio(radio: Any, bus: Bus, seconds: int) -> None:
    """Hop, hear, and report the board's state now and then."""
    turns = round(seconds / _DWELL)
    for turn in range(turns):
        radio.publish(Tuned(channel=Channel(_CHANNELS[turn % len(_CHANNELS)]), dwell=_DWELL))
        frames = heard(turn // 2, bus.clock())
        half = len(frames) // 2
        radio.publish(FrameBatch(frames=frames[:half] if turn % 2 else frames[half:]))
        if turn % round(_REPORT / _DWELL) == 0:
            radio.publish(report(turn))
        await asyncio.sleep(_DWELL)


def report(turn: int) -> SystemReport:
    """Return how the board is, each time otherwise."""
    return SystemReport(
        cpu=0.1 + turn % 7 / 100, memory_used=10**8, memory_total=5 * 10**8, resident=4 * 10**7,
        temperature=41.0 + turn % 3, throttled="", disk_used=0.3, uptime=float(turn), battery=None,
        addresses=(("wlan0", "192.0.2.7"),), losses=(),
    )  # fmt: skip


def stand_in() -> None:
    """Have the module find the panel on the bus that takes everything, and time wait for its thread."""
    from whimbrel.display.panel_thread import PanelThread

    panel = plug_in()
    PANELS.load = lambda _name: lambda _settings: panel  # type: ignore[method-assign, assignment, return-value]
    put, show = PanelThread.put, PanelThread._show

    def counted_put(self: PanelThread, *what: Any) -> bool:
        news = put(self, *what)
        Panel.given += news
        return news

    def counted_show(self: PanelThread, *what: Any) -> None:
        show(self, *what)
        with Panel.turn:
            Panel.shown += 1
            Panel.turn.notify()

    PanelThread.put = counted_put  # type: ignore[assignment, method-assign]
    PanelThread._show = counted_show  # type: ignore[assignment, method-assign]


def main() -> None:
    """Count."""
    what = sys.argv[1]
    if what != "nothing":
        stand_in()
    selector = Leap()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    loop.run_until_complete(main_task(selector, what))
    sys.stdout.flush()
    os._exit(0)  # the display's thread and tasks are not needed any more

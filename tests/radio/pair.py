"""Two sniffers on one bus, each with a tuner that can be made to misbehave, in one simulated air."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab.waiting import until
from tests.radio.rig import WilfulTuner, hopping, settings

from whimbrel.answering import Verbs
from whimbrel.bus import Bus
from whimbrel.drivers.registry import TUNERS
from whimbrel.drivers.sim.source import SimSource
from whimbrel.events.base import Event
from whimbrel.module import Context
from whimbrel.modules.sniffer import SecondSniffer, Sniffer, SnifferSettings
from whimbrel.receivers import receiver_rows
from whimbrel.rows import ReceiverRow
from whimbrel.testing import PATIENCE

NAMES = {"sniffer": Sniffer, "sniffer2": SecondSniffer}
PLAN = hopping("1", "6", "11", "13")


class Pair:
    """The sniffers, by name."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.bus = Bus()
        self.verbs = Verbs()
        self.tuners: dict[str, WilfulTuner] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.contexts: dict[str, Context[Any]] = {}
        self.modules: dict[str, Sniffer] = {}
        self.settings: dict[str, SnifferSettings] = dict.fromkeys(NAMES, settings(folder, PLAN, **more))
        self.sender = self.bus.sender("test")
        self.events: list[Event] = []
        self._heard = self.bus.subscribe(reader="test", capacity=1_000_000)

    async def start(self, name: str) -> None:
        """Run a sniffer; return once it is ready."""
        self.contexts[name] = ctx = Context(name, self.settings[name], self.bus, self.verbs)
        self.modules[name] = module = NAMES[name](ctx)
        before = set(map(id, MADE))
        self.tasks[name] = task = asyncio.create_task(module.run(), name=name)
        await until(lambda: ctx.is_ready.is_set() or task.done(), f"{name} is ready")
        if task.done():
            task.result()
        self.tuners[name] = next(tuner for tuner in MADE if id(tuner) not in before)

    async def stop(self, name: str) -> None:
        """End a sniffer."""
        self.contexts[name].stop()
        await asyncio.wait_for(self.tasks.pop(name), PATIENCE)
        self.contexts[name].release()

    def told(self, kind: type, source: str = "") -> list[Any]:
        """Return the bodies of a kind so far, of one sniffer or of all."""
        self.events += [event for event in self._heard.read_waiting() if isinstance(event, Event)]
        return [
            event.body
            for event in self.events
            if isinstance(event.body, kind) and (not source or event.source == source)
        ]

    def row(self, name: str) -> ReceiverRow:
        """Return what a receiver does."""
        return next(row for row in receiver_rows(self.bus.latest_of_each) if row.receiver == name)

    async def lose_interface(self, name: str) -> None:
        """Have the radio's interface go away; a sniffer opens it again."""
        await self.modules[name]._source.close()

    async def visits(self, name: str, *channels: str) -> None:
        """Wait until a sniffer visits these channels, and no others, for some laps."""

        def settled() -> bool:
            said = [each.removeprefix("tune ") for each in self.tuners[name].said if each.startswith("tune ")]
            return len(said) >= 12 and set(said[-12:]) == set(channels)

        await until(settled, f"{name} visits {channels}")


MADE: list[WilfulTuner] = []


@asynccontextmanager
async def pair(monkeypatch: pytest.MonkeyPatch, folder: Path, **more: Any) -> AsyncIterator[Pair]:
    """Run both, for the duration of the block."""

    def make(source: SimSource) -> WilfulTuner:
        MADE.append(WilfulTuner(source))
        return MADE[-1]

    MADE.clear()
    monkeypatch.setattr(TUNERS, "load", lambda _: make)
    both = Pair(folder, **more)
    try:
        for name in NAMES:
            await both.start(name)
        yield both
    finally:
        for task in both.tasks.values():
            task.cancel()
        if both.tasks:
            await asyncio.wait(both.tasks.values(), timeout=PATIENCE)

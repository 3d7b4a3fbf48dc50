"""The contract of every driver of the port `Keypad`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.benches import bench_for
from tests.drivers.keypad.listening import listening
from tests.drivers.keypad.typing import Terminal

from whimbrel.drivers.keypad.settings import GpioSettings, KeyboardSettings, SimKeypadSettings
from whimbrel.drivers.ports import Keypad
from whimbrel.drivers.registry import KEYPADS
from whimbrel.events.keys import KEYS
from whimbrel.settings import Duration


class Bench:
    """A keypad, and a way to tap its key ``ok``, if it has one."""

    keypad: Keypad
    taps = True

    def tap(self) -> None:
        """Press ``ok`` and release it, if that does not happen by itself."""


class GpioBench(Bench):
    def __init__(self, factory: Any) -> None:
        self.pin = factory.pin("GPIO4")
        self.keypad = KEYPADS.load("gpio")(GpioSettings(keys={"up": 17, "ok": 4}))

    def tap(self) -> None:
        self.pin.drive_low()
        self.pin.drive_high()


class KeyboardBench(Bench):
    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.keypad = KEYPADS.load("keyboard")(KeyboardSettings(terminal=terminal.path))

    def tap(self) -> None:
        self.terminal.type_(b"\r")


class SimBench(Bench):
    def __init__(self) -> None:
        self.keypad = KEYPADS.load("sim")(SimKeypadSettings(script=("ok",), every=Duration(0.01), again=True))


class NoBench(Bench):
    taps = False

    def __init__(self) -> None:
        self.keypad = KEYPADS.load("none")(None)


def _gpio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    gpiozero = pytest.importorskip("gpiozero")
    from gpiozero.pins.mock import MockFactory

    factory = MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield GpioBench(factory)


def _keyboard(_monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with Terminal() as terminal:
        yield KeyboardBench(terminal)


BENCHES: dict[str, Callable[[pytest.MonkeyPatch], Iterator[Bench]]] = {
    "gpio": _gpio,
    "keyboard": _keyboard,
    "sim": lambda _: iter([SimBench()]),
    "none": lambda _: iter([NoBench()]),
}


@pytest.fixture(params=KEYPADS.drivers)
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    yield from bench_for(KEYPADS, request.param, BENCHES, __name__)(monkeypatch)


def descriptors() -> dict[str, str]:
    found = {}
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found[entry.name] = str(entry.readlink())
    return found


def children() -> str:
    """Return the numbers of the processes that the main thread has started and that are not gone."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text()


async def test_it_says_in_one_line_what_it_is(bench: Bench) -> None:
    async with listening(bench.keypad):
        assert bench.keypad.description
        assert bench.keypad.description.isprintable()


async def test_a_tap_is_an_edge_down_and_an_edge_up(bench: Bench) -> None:
    began = time.monotonic()
    async with listening(bench.keypad) as listener:
        assert list(bench.keypad.held()) == []
        bench.tap()
        if not bench.taps:
            await asyncio.sleep(0.01)
            assert listener.edges == []
            return
        await listener.wait_until(lambda: len(listener.edges) >= 2)
        assert listener.changes[:2] == [("ok", True), ("ok", False)]
        times = [at for _, _, at in listener.edges]
        assert times == sorted(times)
        assert began <= times[0] <= times[-1] <= time.monotonic()
        assert {key for key, _, _ in listener.edges} <= set(KEYS)


async def test_a_cancelled_run_reports_no_more(bench: Bench) -> None:
    async with listening(bench.keypad) as listener:
        bench.tap()
        await listener.wait_until(lambda: not bench.taps or listener.edges)
        listener.task.cancel()
        await asyncio.wait([listener.task])
        assert listener.task.cancelled()
        count = len(listener.edges)
        bench.tap()
        await asyncio.sleep(0.02)
        assert len(listener.edges) == count


async def test_it_can_be_opened_again(bench: Bench) -> None:
    for _ in range(3):
        async with listening(bench.keypad) as listener:
            bench.tap()
            await listener.wait_until(lambda: not bench.taps or listener.edges)
            assert listener.changes[:1] == ([("ok", True)] if bench.taps else [])


async def test_closing_is_idempotent_and_works_before_opening(bench: Bench) -> None:
    await bench.keypad.close()
    async with listening(bench.keypad):
        pass
    await bench.keypad.close()
    await bench.keypad.close()


async def test_nothing_stays_open(bench: Bench) -> None:
    async with listening(bench.keypad):  # the first opening imports
        pass
    gc.collect()
    before = descriptors()
    directory = Path.cwd()
    tasks = asyncio.all_tasks()
    async with listening(bench.keypad) as listener:
        bench.tap()
        await listener.wait_until(lambda: not bench.taps or listener.edges)
    gc.collect()
    assert descriptors() == before
    assert asyncio.all_tasks() == tasks
    assert Path.cwd() == directory
    assert children() == ""

"""Counts the cost of waking up for frames: the live source, the sniffer and the watcher, as in the daemon.

Arguments: frames of a wake-up, and ``recorder`` to have that listen too. The first two of three marks stand around
`WAKES` turns of a radio that hears nothing, the last two around as many in which the kernel's ring hands over that many
known beacons. Time is that of the loop, which leaps from one thing that is due to the next, so that two runs are the
same.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.icount.guest.frames import FRAMES, RADIOTAP, numbered, read_mix
from tools.icount.guest.marks import mark
from tools.icount.guest.usual import EPOCH, Leap

from whimbrel.bus import Bus
from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.registry import SOURCES
from whimbrel.module import Context, Module
from whimbrel.modules.sniffer import Sniffer, SnifferSettings
from whimbrel.modules.watcher import Watcher
from whimbrel.settings import Size
from whimbrel.wifi.capture_record import CaptureRecord

WAKES = 200
RECORDER = "recorder"
_WARM = 50
_BETWEEN = 0.3
"""Seconds between two wake-ups: longer than any frame waits."""


class StandIn:
    """A ring that another hand fills; a pipe makes it readable, as a block of the kernel's does."""

    paced = False
    span = 0.0

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self._records: list[CaptureRecord] = []

    def fill(self, records: list[CaptureRecord]) -> None:
        """Hand records over."""
        self._records += records
        os.write(self._write, b"x")

    def take(self, most: int) -> list[CaptureRecord]:
        """Return the records that wait."""
        taken, self._records = self._records[:most], self._records[most:]
        if taken and not self._records:
            os.read(self._read, 1)
        return taken

    def fileno(self) -> int:
        """Return the end to wait at."""
        return self._read

    def error(self) -> int:
        """Return that nothing is wrong."""
        return 0

    def losses(self) -> Any:
        """Return that nothing was lost."""
        from whimbrel.drivers.ports import Losses

        return Losses(0, 0)

    def pace(self, patience: float) -> None:
        """Do nothing: whoever reads it decides when to."""

    def hurry(self) -> None:
        """Do nothing: it holds nothing back."""

    def close(self) -> None:
        """Do nothing: the process ends."""


class Source(LinuxSource):
    """The live source on that ring."""

    ring = StandIn()

    async def open(self) -> None:
        """Take the ring instead of the kernel's."""
        self._ring = self.ring  # type: ignore[assignment]
        self._link_type = RADIOTAP


def batches(first: int, wakes: int, frames: int, raw: bytes) -> list[list[CaptureRecord]]:
    """Return known beacons, numbered from `first` on, for so many wake-ups of so many frames."""
    made: list[list[CaptureRecord]] = []
    for wake in range(first, first + wakes * frames, frames):
        numbers = range(wake, wake + frames)
        made.append([(EPOCH + each * 0.1, numbered(raw, each, new=False), len(raw)) for each in numbers])
    return made


async def be_radio(batches: list[list[CaptureRecord]]) -> None:
    """Fill the ring with each of them, and let time pass."""
    for records in batches:
        if records:
            Source.ring.fill(records)
        await asyncio.sleep(_BETWEEN)


def modules(more: str) -> Iterator[tuple[type[Module[Any]], object]]:
    """Yield the modules with their settings, the listeners first."""
    yield Watcher, Watcher.Settings()
    if more == RECORDER:
        from whimbrel.modules.recorder import Recorder

        # A ring that the warm beacons fill: what comes in goes out again, as it does behind the first minute.
        yield Recorder, Recorder.Settings(folder=Path("/run/recordings"), ring=Size(64 << 10))
    yield Sniffer, SnifferSettings(source="linux", tuner="none", linux=LinuxSettings())


async def main_task(selector: Leap, frames: int, more: str) -> None:
    """Run the modules, and mark."""
    SOURCES.load = lambda _name: Source  # type: ignore[method-assign, assignment]
    raw = read_mix(FRAMES)["beacon"]
    bus = Bus(clock=lambda: EPOCH + selector.now)
    tasks = []
    for module, chosen in modules(more):
        ctx: Context[Any] = Context(module.__name__.lower(), chosen, bus)
        tasks.append(asyncio.create_task(module(ctx).run()))
        selector.waits_for_threads = True
        await ctx.is_ready.wait()
        selector.waits_for_threads = False
    await be_radio(batches(0, _WARM, frames, raw))
    silence: list[list[CaptureRecord]] = [[] for _ in range(WAKES)]
    heard = batches(_WARM * frames, WAKES, frames, raw)
    gc.collect()
    mark()
    await be_radio(silence)
    mark()
    await be_radio(heard)
    mark()
    failed = [task.exception() for task in tasks if task.done()]
    if failed:
        raise SystemExit(f"a module ended: {failed}")


def main() -> None:
    """Count."""
    selector = Leap()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    loop.run_until_complete(main_task(selector, int(sys.argv[1]), "".join(sys.argv[2:])))
    sys.stdout.flush()
    os._exit(0)  # the tasks are not needed any more

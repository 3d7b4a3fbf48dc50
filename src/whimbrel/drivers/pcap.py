"""The `FrameSource` of capture files."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from collections.abc import Awaitable, Callable, Generator, Iterator
from pathlib import Path

import attrs

from whimbrel.capture.chunks import CaptureError, Damaged
from whimbrel.capture.reader import read_capture
from whimbrel.capture.records import Batch
from whimbrel.config.fields import setting
from whimbrel.drivers.ports import Deliver, Losses, Record, next_turn
from whimbrel.events.base import Body
from whimbrel.events.radio import CaptureBegun, CaptureDamaged
from whimbrel.module import NotReady

TICK = 0.01
"""Seconds between two deliveries at least when frames come in their own time; they are late by no more than this."""
LONGEST_PAUSE = 3600.0
"""Seconds. A longer gap in a capture is a clock that was set, or a new beginning; it is not waited for."""
LONGEST_STEP_BACK = 1.0
"""Seconds by which a frame may be older than one before it, as with two radios; more is a clock that was set."""


@attrs.frozen
class PcapSettings:
    """Frames from capture files."""

    files: tuple[Path, ...] = setting(
        (),
        help="Files to read, one after the other: pcap or pcapng, gzipped or not; radiotap, raw 802.11, Prism, PPI.",
    )
    speed: float = setting(
        0.0,
        low=0.0,
        help="How many times faster than captured: 1 is the capture's own time, 0 as fast as possible.",
    )


def _nothing(_: Body) -> None:
    pass


class PcapSource:
    """Replays capture files; of one that is cut short or broken, every whole frame before that."""

    live = False

    def __init__(self, settings: PcapSettings) -> None:
        self.settings = settings
        self.description = ", ".join(path.name for path in settings.files) or "no capture file"
        self.on_event: Callable[[Body], object] = _nothing
        self.turn: Callable[[], Awaitable[None]] = next_turn
        self._received = 0

    @staticmethod
    def check(settings: PcapSettings) -> Iterator[tuple[str, str]]:
        """Yield each file that cannot be replayed, with why. One that is cut short can be."""
        if not settings.files:
            yield "files", "no capture file is named: set 'files'"
        for path in settings.files:
            if problem := _problem(path):
                yield "files", f"{path} cannot be replayed: {problem}"

    async def open(self) -> None:
        """Look at the beginning of every file. Raises `NotReady` where one is missing, or is no Wi-Fi capture."""
        if problems := [problem for _, problem in self.check(self.settings)]:
            raise NotReady("; ".join(problems))
        self._received = 0

    async def run(self, deliver: Deliver) -> None:
        """Deliver the frames of every file, then return. Raises what `deliver` raises."""
        pace = _Pace(self.settings.speed) if self.settings.speed > 0 else None
        for path in self.settings.files:
            before = self._received
            self.on_event(CaptureBegun(file=str(path)))
            try:
                with contextlib.closing(_batches(path)) as batches:
                    for link_type, records in batches:
                        if pace is None:
                            self._received += len(records)
                            deliver(link_type, records)
                            await self.turn()
                        else:
                            await self._deliver_in_time(pace, deliver, link_type, records)
            except (CaptureError, OSError) as error:
                whole = self._received - before
                self.on_event(CaptureDamaged(file=str(path), problem=_in_words(error), frames=whole))

    def losses(self) -> Losses:
        """Return how many frames were read since `open`; none is ever lost."""
        return Losses(self._received, 0)

    async def close(self) -> None:
        """Do nothing: files are open only while `run` reads them."""

    async def _deliver_in_time(self, pace: _Pace, deliver: Deliver, link_type: int, records: list[Record]) -> None:
        first = 0
        while first < len(records):
            due = pace.due(records, first)
            if due > first:
                self._received += due - first
                deliver(link_type, records[first:due])
                first = due
                await asyncio.sleep(0)
            else:
                await asyncio.sleep(max(TICK, pace.wait(records[first][0])))


class _Pace:
    """When a frame is due: its distance from the first, on the loop's clock, so that delays do not add up."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._clock = asyncio.get_running_loop().time
        self._shift: float | None = None  # the loop's time, in the capture's seconds, less the capture's own
        self._newest = 0.0  # the latest time of a frame so far

    def due(self, records: list[Record], first: int) -> int:
        """Return the index of the first record from `first` on that is not due yet."""
        for index in range(first, len(records)):
            time = records[index][0]
            gap = time - self._newest
            if self._shift is None or gap > LONGEST_PAUSE or gap < -LONGEST_STEP_BACK:
                self._shift = self._clock() * self._speed - time
                self._newest = time
            if self.wait(time) > 0:
                return index
            self._newest = max(self._newest, time)
        return len(records)

    def wait(self, time: float) -> float:
        """Return the seconds until a frame of this time is due; negative where it is late."""
        assert self._shift is not None
        return (time + self._shift) / self._speed - self._clock()


def _batches(path: Path) -> Generator[Batch, None, None]:
    with path.open("rb", buffering=0) as stream:
        yield from read_capture(stream)


def _problem(path: Path) -> str | None:
    """Say why `path` does not begin as a Wi-Fi capture does; None where it does, even if it is cut short."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "it is not a file"
        with contextlib.closing(_batches(path)) as batches:
            next(batches, None)
    except Damaged:
        return None
    except (CaptureError, OSError) as error:
        return _in_words(error)
    return None


def _in_words(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)

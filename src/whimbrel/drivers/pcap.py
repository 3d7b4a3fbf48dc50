"""The `FrameSource` of capture files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from io import FileIO
from pathlib import Path

from whimbrel.capture.chunks import CaptureError, Damaged
from whimbrel.capture.link_types import link_name
from whimbrel.capture.reader import read_capture
from whimbrel.capture.records import Batch, Oddities
from whimbrel.drivers.pipe_reader import from_thread
from whimbrel.drivers.ports import Deliver, Losses, next_turn
from whimbrel.events.base import Body
from whimbrel.events.radio import CaptureBegun, CaptureDamaged, CaptureOdd
from whimbrel.module import NotReady, ignore
from whimbrel.settings import frozen, setting
from whimbrel.wifi.capture_record import CaptureRecord

TICK = 0.01
"""Shortest time between two deliveries in seconds at limited speed; frames are late by no more than this."""
LONGEST_PAUSE = 3600.0
"""Seconds. A longer gap in a capture means that the clock was set, or a new beginning; the replay skips it."""
LONGEST_STEP_BACK = 1.0
"""Seconds by which a frame may be older than one before it, as with two radios; more means that the clock was set."""
STANDARD_INPUT = Path("-")
_STDIN = 0


@frozen
class PcapSettings:
    """Frames from capture files."""

    files: tuple[Path, ...] = setting(
        (),
        help="Files to read, one after the other: pcap or pcapng, gzipped or not; radiotap, raw 802.11, Prism, PPI. "
        "Named pipes too; - is standard input.",
    )
    speed: float = setting(
        0.0,
        low=0.0,
        help="Speed of the replay: 1 is the capture's own time, 0 as fast as possible.",
    )


class PcapSource:
    """Replays capture files; of one that is cut short or broken, every whole frame before the damage."""

    live = False

    def __init__(self, settings: PcapSettings) -> None:
        self.settings = settings
        self.description = ", ".join(path.name for path in settings.files) or "no capture file"
        self.on_event: Callable[[Body], object] = ignore
        self.turn: Callable[[], Awaitable[None]] = next_turn
        self._received = 0
        self._file: FileIO | None = None  # the current file, if it is a regular one

    @staticmethod
    def check(settings: PcapSettings) -> Iterator[tuple[str, str]]:
        """Yield each file that cannot be replayed, with the reason. A file that is cut short can be."""
        if not settings.files:
            yield "files", "no capture file is named: set 'files'"
        for path in settings.files:
            if problem := _problem(path):
                yield "files", f"{path} cannot be replayed: {problem}"

    async def open(self) -> None:
        """Check the beginning of every file. Raises `NotReady` if one is missing, or is no Wi-Fi capture."""
        if problems := [problem for _, problem in self.check(self.settings)]:
            raise NotReady("; ".join(problems))
        self._received = 0

    async def run(self, deliver: Deliver) -> None:
        """Deliver the frames of every file, then return. Raises the errors of `deliver`."""
        pace = _Pace(self.settings.speed) if self.settings.speed > 0 else None
        for path in self.settings.files:
            before = self._received
            if path is not self.settings.files[0]:
                self.on_event(CaptureBegun(file=str(path)))
            oddities = Oddities()
            try:
                async with contextlib.aclosing(self._take_batches(path, oddities)) as batches:
                    async for link_type, records in batches:
                        if pace is None:
                            self._received += len(records)
                            deliver(link_type, records)
                            await self.turn()
                        else:
                            await self._deliver_in_time(pace, deliver, link_type, records)
            except (CaptureError, OSError) as error:
                whole = self._received - before
                self.on_event(CaptureDamaged(file=str(path), problem=_in_words(error), frames=whole))
            for remark in _remarks(oddities):
                self.on_event(CaptureOdd(file=str(path), remark=remark))

    def share_read(self) -> float | None:
        """Return the share of the current file that was read, 0 to 1; None if unknown."""
        if self._file is None:
            return None
        size = os.fstat(self._file.fileno()).st_size
        return self._file.tell() / size if size else None

    def losses(self) -> Losses:
        """Return the number of frames read since `open`; none is ever lost."""
        return Losses(self._received, 0)

    async def close(self) -> None:
        """Do nothing: files are open only while `run` reads them."""

    async def _take_batches(self, path: Path, oddities: Oddities) -> AsyncGenerator[Batch, None]:
        """Yield the batches of a capture; a file that may block is read in a thread.

        Raises `CaptureError`."""
        if _may_wait(path):
            # It is not closed here: the thread may be waiting in it for the next octet.
            async with contextlib.aclosing(from_thread(_batches(path, oddities))) as taken:
                async for batch in taken:
                    yield batch
            return
        with _opened(path) as file, contextlib.closing(read_capture(file, oddities)) as batches:
            self._file = file
            try:
                for batch in batches:
                    yield batch
            finally:
                self._file = None

    async def _deliver_in_time(
        self, pace: _Pace, deliver: Deliver, link_type: int, records: list[CaptureRecord]
    ) -> None:
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
    """The due times of frames, by their distance from the first on the loop's clock, so that delays do not add up."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._clock = asyncio.get_running_loop().time
        self._shift: float | None = None  # the loop's time in the capture's seconds, minus the capture's time
        self._newest = 0.0  # the latest time of a frame so far

    def due(self, records: list[CaptureRecord], first: int) -> int:
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
        """Return the seconds until a frame of this time is due; negative if it is late."""
        assert self._shift is not None
        return (time + self._shift) / self._speed - self._clock()


def _batches(path: Path, oddities: Oddities | None = None) -> Generator[Batch, None, None]:
    with _opened(path) as stream:
        yield from read_capture(stream, oddities)


def _opened(path: Path) -> FileIO:
    given = path == STANDARD_INPUT
    return open(_STDIN if given else path, "rb", buffering=0, closefd=not given)  # the caller closes it


def _status(path: Path) -> os.stat_result:
    return os.fstat(_STDIN) if path == STANDARD_INPUT else path.stat()


def _may_wait(path: Path) -> bool:
    """Return whether reading may block for a writer, and is possible only once."""
    return not stat.S_ISREG(_status(path).st_mode)


def _problem(path: Path) -> str | None:
    """Return why `path` does not begin like a Wi-Fi capture; None if it does, even if it is cut short.

    The beginning of standard input and of pipes cannot be checked in advance: it would be consumed.
    """
    try:
        mode = _status(path).st_mode
        if stat.S_ISDIR(mode):
            return "it is a directory"
        if path == STANDARD_INPUT and os.isatty(_STDIN):
            return "standard input is a terminal; pipe a capture into it, as in: zcat home.pcap.gz | whimbrel replay -"
        if path == STANDARD_INPUT or not stat.S_ISREG(mode):
            return None
        with contextlib.closing(_batches(path)) as batches:
            next(batches, None)
    except Damaged:
        return None
    except (CaptureError, OSError) as error:
        return _in_words(error)
    return None


def _remarks(oddities: Oddities) -> Iterator[str]:
    """Yield the oddities of a sound capture in words."""
    for claimed, found in oddities.mislabelled.items():
        yield (
            f"its link type looks wrong: it claims {link_name(claimed)}, its frames are {link_name(found)}; "
            "they were read as that"
        )
    if oddities.left_out:
        what = ", ".join(f"{count} of {link_name(kind)}" for kind, count in sorted(oddities.left_out.items()))
        yield f"frames that are not Wi-Fi were left out: {what}"


def _in_words(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)

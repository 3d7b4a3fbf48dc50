"""The last frames in memory, bounded in octets and in time: references to their octets, of which nothing is copied and
nothing is read.

The frames themselves are let go, and the records that they were read from are kept: those have a third of the memory
beside the octets, and refer to nothing that the garbage collector would follow for the minute that they live.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.recording.counts import Counts
from whimbrel.recording.packing import is_radiotap, record_of

if TYPE_CHECKING:
    from whimbrel.recording.packing import Heard
    from whimbrel.wifi.capture_record import CaptureRecord
    from whimbrel.wifi.frames import Frame

OVERHEAD = 640
"""Octets of memory that a frame takes beside those that were captured: the object, its addresses and numbers."""
RECORD_OVERHEAD = 208
"""The same of the capture record of a frame."""
_length = itemgetter(2)
_NONE = Counts()


class Held(NamedTuple):
    """A batch of recent frames."""

    stamp: float
    """Time of the newest, by the first clock."""
    octets: int
    """Of memory."""
    heard: Sequence[Heard]
    lost: int
    """Frames that are missing before it."""
    counts: Counts
    """The totals of the radio when it was heard."""


class FrameRing:
    """Frames of at most `octets` of memory, at most `seconds` older than the newest; batches go whole, the oldest
    first."""

    def __init__(self, octets: int, seconds: float) -> None:
        self.octets = 0
        """The memory of the frames in octets, including parts cut off by the capture."""
        self._most = octets
        self._seconds = seconds
        self._batches: deque[Held] = deque()
        self._lost = 0  # frames that are missing behind the newest batch
        self._offset = 0.0  # of their clock, by how much it was set since the start

    def add(self, frames: Sequence[Frame], records: Sequence[CaptureRecord] = (), counts: Counts = _NONE) -> None:
        """Add frames, at least one, all of one source; `records` as in `FrameBatch`, `counts` the totals by now."""
        kept: Sequence[Heard]
        if is_radiotap(frames[0]):
            kept = records = records or [record_of(frame) for frame in frames]
            # A length that is there already: to measure the octets would cost as much as all the rest.
            size = sum(map(_length, records)) + RECORD_OVERHEAD * len(records)
        else:
            kept = frames
            size = sum([len(frame.raw) for frame in frames]) + OVERHEAD * len(frames)
        stamp = frames[-1].time - self._offset
        batches = self._batches
        batches.append(Held(stamp, size, kept, self._lost, counts))
        self._lost = 0
        self.octets += size
        oldest = stamp - self._seconds
        # The newest batch stays, however large: an alert about it is to come.
        while (self.octets > self._most or batches[0].stamp < oldest) and len(batches) > 1:
            self.octets -= batches.popleft().octets

    def shift(self, delta: float) -> None:
        """Note that the clock of the frames was set, by `delta` seconds."""
        self._offset += delta

    def lose(self, frames: int) -> None:
        """Note that frames are missing before the next ones."""
        self._lost += frames

    def batches(self) -> list[Held]:
        """Return its contents, the oldest first; an empty batch at the end has frames that are missing there."""
        batches = list(self._batches)
        if self._lost and batches:
            batches.append(batches[-1]._replace(octets=0, heard=(), lost=self._lost))
        return batches

    @property
    def seconds(self) -> float:
        """How far back it goes."""
        return self._batches[-1].stamp - self._batches[0].stamp if self._batches else 0.0

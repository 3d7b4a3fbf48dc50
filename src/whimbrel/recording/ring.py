"""The last frames in memory, bounded in octets and in time. It holds references: nothing is copied, nothing is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

OVERHEAD = 640
"""Octets of memory that a frame takes beside those that were captured: the object, its addresses and numbers."""
_raw = attrgetter("raw")


class FrameRing:
    """Frames of at most `octets` of memory, at most `seconds` older than the newest; batches go whole, the oldest
    first."""

    def __init__(self, octets: int, seconds: float) -> None:
        self.octets = 0
        """Of memory that the frames take."""
        self._most = octets
        self._seconds = seconds
        self._batches: deque[tuple[float, int, Sequence[Frame]]] = deque()
        self._offset = 0.0  # of their clock, by how much it was set since the start

    def add(self, frames: Sequence[Frame]) -> None:
        """Add frames, at least one."""
        size = sum(map(len, map(_raw, frames))) + OVERHEAD * len(frames)
        stamp = frames[-1].time - self._offset
        batches = self._batches
        batches.append((stamp, size, frames))
        self.octets += size
        oldest = stamp - self._seconds
        # The newest batch stays, however large: an alert about it is to come.
        while (self.octets > self._most or batches[0][0] < oldest) and len(batches) > 1:
            self.octets -= batches.popleft()[1]

    def shift(self, delta: float) -> None:
        """Note that the clock of the frames was set, by `delta` seconds."""
        self._offset += delta

    def batches(self) -> list[Sequence[Frame]]:
        """Return its contents, the oldest first."""
        return [frames for _, _, frames in self._batches]

    @property
    def seconds(self) -> float:
        """How far back it goes."""
        return self._batches[-1][0] - self._batches[0][0] if self._batches else 0.0

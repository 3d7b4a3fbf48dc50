"""The frames of evidence of an alert: the first and the last ones, in a bounded number of octets."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

FIRST, LAST = 16, 32
"""The number of kept frames from the beginning, and of newest ones."""
OCTETS = 24_576
"""Limit of octets of all frames of an alert: half of it for the first ones; then the oldest of the last ones are
evicted. So 128 alerts stay below 3 MiB."""
_FIRST_OCTETS = OCTETS // 2


class KeptFrames:
    """Frames in the order of hearing."""

    __slots__ = ("_first", "_last", "_octets", "left_out")

    def __init__(self, frames: Iterable[Frame] = ()) -> None:
        self._first: list[Frame] = []
        self._last: deque[Frame] = deque()
        self._octets = 0
        self.left_out = 0
        """The number of frames between the first and the last ones that were not kept."""
        for frame in frames:
            self.add(frame)

    def __len__(self) -> int:
        return len(self._first) + len(self._last)

    def add(self, frame: Frame) -> None:
        """Keep `frame`, and evict older ones if there are too many; the frame added last is not kept twice."""
        last = self._last
        octets = self._octets + len(frame.raw)
        if last:
            if last[-1] is frame:
                return
        else:
            first = self._first
            if first and first[-1] is frame:
                return
            if len(first) < FIRST and octets <= _FIRST_OCTETS:
                first.append(frame)
                self._octets = octets
                return
        last.append(frame)
        if len(last) > LAST:
            octets -= len(last.popleft().raw)
            self.left_out += 1
        while octets > OCTETS and last:
            octets -= len(last.popleft().raw)
            self.left_out += 1
        self._octets = octets

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The kept frames."""
        return (*self._first, *self._last)

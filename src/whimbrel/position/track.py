"""The track of the device, with as few points as necessary."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter

from whimbrel.geo import Position

_APART = 10.0
"""Metres between two points."""
_PAUSE = 60.0
"""Seconds without a position after which another part of the way begins."""
_time = attrgetter("time")


class Track:
    """Points in the order of time, at most `limit`: where there are more, every second one goes, the older ones so
    more often than the newer. Time never goes back: a point from before the last one is left out."""

    def __init__(self, limit: int = 4096) -> None:
        self.points: list[Position] = []
        self._limit = limit

    def add(self, position: Position) -> None:
        """Process a position."""
        points = self.points
        if points:
            last = points[-1]
            near = last.distance(position.latitude, position.longitude) < _APART
            if position.time <= last.time or (near and position.time - last.time < _PAUSE):
                return
        if len(points) >= self._limit:
            del points[1:-1:2]
        points.append(position)

    def after(self, time: float, count: int) -> list[Position]:
        """Return at most so many points later than a time."""
        begin = bisect_right(self.points, time, key=_time)
        return self.points[begin : begin + count]

    def forget(self, before: float) -> None:
        """Remove the points from before a time."""
        self.points = self.points[bisect_left(self.points, before, key=_time) :]

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds: the system clock was set."""
        self.points = [point.replace(time=point.time + delta) for point in self.points]

"""The positions of the device for the frames to be written."""

from __future__ import annotations

from collections import deque

_FIXES = 1024
"""Of which one comes each second: more than the ring's minute, and what waits for a slow card."""


class TimedPositions:
    """Positions with the times for which they count; one thread adds, another asks."""

    def __init__(self) -> None:
        self._fixes: deque[tuple[float, float, bytes]] = deque(maxlen=_FIXES)

    def add(self, since: float, until: float, place: bytes) -> None:
        """Add the device's position from `since` until `until`, seconds since the epoch, or until the next one.

        `place` is what is written with a frame; empty if nothing is to be.
        """
        self._fixes.append((since, until, place))

    def at(self, time: float) -> bytes:
        """Return what is written with a frame of that time; nothing where the position is not known."""
        for since, until, place in reversed(self._fixes.copy()):
            if since <= time:
                return place if time <= until else b""
        return b""

"""The positions of the device for the frames to be written."""

from __future__ import annotations

from collections import deque

_FIXES = 1024
"""One comes each second: enough for the ring's minute and for frames that wait for a slow card."""


class TimedPositions:
    """Positions with their times of validity; one thread adds, another reads."""

    def __init__(self) -> None:
        self._fixes: deque[tuple[float, float, bytes]] = deque(maxlen=_FIXES)

    def add(self, since: float, until: float, place: bytes) -> None:
        """Add the device's position from `since` until `until`, seconds since the epoch, or until the next one.

        `place` is the value written with a frame; empty for none.
        """
        self._fixes.append((since, until, place))

    def at(self, time: float) -> bytes:
        """Return the value for a frame of that time; empty if the position is not known."""
        for since, until, place in reversed(self._fixes.copy()):
            if since <= time:
                return place if time <= until else b""
        return b""

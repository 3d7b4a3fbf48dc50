"""The times when an unused panel is dimmed and switched off. Pure."""

from __future__ import annotations

import enum


class Rest(enum.Enum):
    """How far asleep the panel is."""

    AWAKE = "awake"
    DIM = "dim"
    OFF = "off"


class Sleeper:
    """Counts the time since the last key. `dim_after` and `off_after` are seconds; 0 for never."""

    def __init__(self, dim_after: float, off_after: float, now: float) -> None:
        self._dim_after = dim_after or float("inf")
        self._off_after = off_after or float("inf")
        self._used = now

    def touch(self, now: float) -> None:
        """Be awake from now on."""
        self._used = now

    def at(self, now: float) -> Rest:
        """Return how far asleep the panel is."""
        idle = now - self._used
        if idle >= self._off_after:
            return Rest.OFF
        return Rest.DIM if idle >= self._dim_after else Rest.AWAKE

    def due(self, now: float) -> float:
        """Return when that changes; infinity where it does not."""
        times = (self._used + self._dim_after, self._used + self._off_after)
        return min((time for time in times if time > now), default=float("inf"))


class Shift:
    """Moves the picture by a pixel now and then, so that constant lines do not burn in over months."""

    STEPS = ((0, 0), (1, 0), (1, 1), (0, 1))

    def __init__(self, every: float, now: float) -> None:
        self._every = every or float("inf")
        self._began = now

    def at(self, now: float) -> tuple[int, int]:
        """Return how far to move the picture, right and down."""
        if self._every == float("inf"):
            return (0, 0)
        return self.STEPS[int((now - self._began) / self._every) % len(self.STEPS)]

    def due(self, now: float) -> float:
        """Return when that changes; infinity where it does not."""
        if self._every == float("inf"):
            return self._every
        return self._began + (int((now - self._began) / self._every) + 1) * self._every

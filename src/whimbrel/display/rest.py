"""The times when an unused panel is dimmed and switched off. Pure."""

from __future__ import annotations

import enum

_UNSEEN = 60.0
"""Seconds for which pictures are made after a screenshot, and where there is no panel after a key."""


class Rest(enum.Enum):
    """How far asleep the panel is."""

    AWAKE = "awake"
    DIM = "dim"
    OFF = "off"


class Sleeper:
    """Counts the time since the last key or alarm. `dim_after` and `off_after` are seconds; 0 for never."""

    def __init__(self, dim_after: float, off_after: float, now: float) -> None:
        self._dim_after = dim_after or float("inf")
        self._off_after = off_after or float("inf")
        self._used = now
        self._keyed = now
        self._asked = float("-inf")
        self.there = True
        """Whether there is a panel."""

    def touch(self, now: float) -> None:
        """Be awake from now on, for a key."""
        self._used = self._keyed = now

    def wake(self, now: float) -> None:
        """Be awake from now on, for an alarm."""
        self._used = now

    def ask(self, now: float) -> None:
        """Note that somebody wants the picture in another place."""
        self._asked = now

    def seen(self, now: float) -> Rest:
        """Return what pictures are made for: as `at`, but `Rest.AWAKE` while somebody wants them in another place, and
        else `Rest.OFF` where nobody can see them."""
        if now - self._asked < _UNSEEN:
            return Rest.AWAKE
        return self.at(now) if self.there or now - self._keyed < _UNSEEN else Rest.OFF

    def at(self, now: float) -> Rest:
        """Return how far asleep the panel is."""
        idle = now - self._used
        if idle >= self._off_after:
            return Rest.OFF
        return Rest.DIM if idle >= self._dim_after else Rest.AWAKE

    def due(self, now: float) -> float:
        """Return when that changes; infinity where it does not."""
        times = [self._used + self._dim_after, self._used + self._off_after, self._asked + _UNSEEN]
        if not self.there:
            times.append(self._keyed + _UNSEEN)
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

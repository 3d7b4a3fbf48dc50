"""The time of the next picture. Pure."""

from __future__ import annotations

KEY_GAP = 0.04
"""Shortest time between two images in seconds, the transfer time of a panel at 400 kHz."""
NEVER = float("inf")


class RedrawPace:
    """Draws changes by keys at once, moving parts at `rate`, figures at `idle_rate`, and nothing without changes."""

    def __init__(self, rate: float, idle_rate: float) -> None:
        self._moving = 1 / rate
        self._idle = max(1 / idle_rate, KEY_GAP)
        self._dirty = self._urgent = True
        self._drawn = -NEVER

    def touch(self, *, urgent: bool = False) -> None:
        """Request a new picture: when it is due, or at once."""
        self._dirty = True
        self._urgent = self._urgent or urgent

    def due(self, *, moving: bool) -> float:
        """Return when the next picture is due; `NEVER` where nothing has changed."""
        if self._urgent:
            return self._drawn + KEY_GAP
        if moving:
            return self._drawn + self._moving
        return self._drawn + self._idle if self._dirty else NEVER

    def drew(self, now: float) -> None:
        """Note that a picture is drawn at `now`."""
        self._dirty = self._urgent = False
        self._drawn = now

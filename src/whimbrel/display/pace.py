"""The time of the next picture. Pure."""

from __future__ import annotations

KEY_GAP = 0.04
"""Shortest time between two images in seconds, the transfer time of a panel at 400 kHz."""
SLOW = 10.0
"""Shortest time between two images without a key on a panel that takes seconds for one."""
NEVER = float("inf")


class RedrawPace:
    """Draws changes by keys at once, moving parts at `rate`, figures at `idle_rate`, and nothing without changes.

    `slow`: the panel takes seconds for an image; nothing moves, and figures wait for `SLOW`.
    """

    def __init__(self, rate: float, idle_rate: float, *, slow: bool = False) -> None:
        self._moving = NEVER if slow else 1 / rate
        self._idle = max(1 / idle_rate, SLOW if slow else KEY_GAP)
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
        if moving and self._moving < NEVER:
            return self._drawn + self._moving
        return self._drawn + self._idle if self._dirty else NEVER

    def drew(self, now: float) -> None:
        """Note that a picture is drawn at `now`."""
        self._dirty = self._urgent = False
        self._drawn = now

"""When the next picture is to be drawn. Pure."""

from __future__ import annotations

KEY_GAP = 0.04
"""Seconds between two pictures however fast keys are pressed; what a panel at 400 kHz takes to show one."""
NEVER = float("inf")


class RedrawPace:
    """Draws what a key has changed at once, what moves at `rate`, figures at `idle_rate`, and nothing for nothing."""

    def __init__(self, rate: float, idle_rate: float) -> None:
        self._moving = 1 / rate
        self._idle = max(1 / idle_rate, KEY_GAP)
        self._dirty = self._urgent = True
        self._drawn = -NEVER

    def touch(self, *, urgent: bool = False) -> None:
        """Have the picture drawn anew: when it is due, or at once."""
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

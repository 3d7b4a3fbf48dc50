"""Where the device is."""

from __future__ import annotations

from whimbrel.events.base import Body, Level
from whimbrel.geo import Position, Zone


class PositionChanged(Body, level=Level.DEBUG):
    """The receiver has a new fix, about every second; also where the device has not moved."""

    position: Position
    """Where the device is, since when, and how sure that is."""
    until: float
    """Seconds since the epoch after which nothing may be put at this position: the fix is too old then."""
    zones: tuple[Zone, ...] = ()
    """The zones that the device may be in, as far as the error allows."""
    satellites: int | None = None
    """The number of satellites of the fix; None if the receiver does not report it."""
    regained: bool = False
    """Whether there was no position before it."""

    @property
    def urgency(self) -> Level:
        """The first position is news; the further ones are details."""
        return Level.INFO if self.regained else Level.DEBUG


class PositionLost(Body, level=Level.NOTICE):
    """The last fix is too old, and there is no newer one: until the next `PositionChanged` nothing has a position.

    The zones that the device was in count on until then.
    """

    reason: str
    """The reason, and advice."""
    position: Position | None
    """The last one."""


class ZonesDrawn(Body, level=Level.DEBUG):
    """The zones of the settings, at the start of the module `position`; empty if it was removed from them."""

    zones: tuple[Zone, ...]
    """All of them."""

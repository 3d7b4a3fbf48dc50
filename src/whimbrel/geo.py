"""Positions on the earth, the distance between them, and the zones that the user draws around some."""

from __future__ import annotations

import enum
import math

from whimbrel.record import Record

EARTH = 6_371_009.0
"""Metres: mean radius of the earth (IUGG)."""
_DEGREE = EARTH * math.pi / 180
"""Metres of a degree along a meridian."""


class Position(Record):
    """Where the device was at a moment."""

    latitude: float
    """Degrees north of the equator, -90 to 90 (WGS 84)."""
    longitude: float
    """Degrees east of Greenwich, -180 to 180 (WGS 84)."""
    altitude: float | None = None
    """Metres above mean sea level; None if the receiver does not report it."""
    error: float
    """Metres around it within which the true position is expected, with 95 % confidence."""
    speed: float | None = None
    """Metres a second over ground; None if the receiver does not report it."""
    time: float
    """Seconds since the epoch, by this machine's clock."""

    def distance(self, latitude: float, longitude: float) -> float:
        """Return the metres to another position."""
        return distance(self.latitude, self.longitude, latitude, longitude)

    def error_at(self, time: float) -> float:
        """Return the radius in metres within which the device is expected at another time, at its speed."""
        return self.error + (self.speed or 0.0) * abs(time - self.time)


class ZoneKind(enum.StrEnum):
    """The purpose of a zone."""

    HOME = "home"
    """The user's home or workplace: devices heard there appear on no map."""
    QUIET = "quiet"
    """Where no notices are wanted."""


class Kept(enum.StrEnum):
    """The exceptions for a zone of the kind home."""

    NOTHING = "nothing"
    GUARDED = "guarded"
    """The guarded networks."""


class Zone(Record):
    """A circle that the user has drawn."""

    name: str
    """The user's name for it."""
    kind: ZoneKind
    """home or quiet."""
    latitude: float
    """Degrees north, of its centre."""
    longitude: float
    """Degrees east, of its centre."""
    radius: float
    """Metres."""
    keep: Kept = Kept.NOTHING
    """For a home, the exceptions for recording and export: nothing, or the guarded networks."""

    def holds(self, latitude: float, longitude: float) -> bool:
        """Return whether a position lies in it."""
        return distance(self.latitude, self.longitude, latitude, longitude) <= self.radius

    def touches(self, position: Position) -> bool:
        """Return whether the device may be in it, as far as the error of its position allows."""
        return position.distance(self.latitude, self.longitude) <= self.radius + position.error


def distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the metres between two positions along the earth, as a sphere (within 0.6 %)."""
    north, other_north = math.radians(latitude), math.radians(other_latitude)
    east = math.radians(other_longitude - longitude)
    half = math.sin((other_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(other_north) * math.sin(east / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))


def offset(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> tuple[float, float]:
    """Return the metres east and north from one position to another that is not far."""
    east = (to_longitude - longitude + 180) % 360 - 180
    return east * _DEGREE * math.cos(math.radians(latitude)), (to_latitude - latitude) * _DEGREE


def moved(latitude: float, longitude: float, east: float, north: float) -> tuple[float, float]:
    """Return latitude and longitude of the position so many metres east and north of another, which is not far."""
    to_latitude = max(-90.0, min(90.0, latitude + north / _DEGREE))
    along = _DEGREE * max(math.cos(math.radians(latitude)), 1e-9)
    return to_latitude, (longitude + east / along + 180) % 360 - 180

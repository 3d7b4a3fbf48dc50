"""The position of the device while it listens, read by detections and alerts."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from whimbrel.geo import Kept, ZoneKind

if TYPE_CHECKING:
    from whimbrel.geo import Position, Zone


class Here:
    """The last position, its validity, and its zones. All times are times of frames."""

    def __init__(self) -> None:
        self.position: Position | None = None
        """The last one, however old; None before the first."""
        self.hold = 0.0
        """Seconds before and after its time for which it is valid."""
        self.zones: tuple[Zone, ...] = ()
        """The zones that the device may be in; after the position is lost, its last zones."""
        self.home = self.quiet = False
        """Whether any of them is of that kind."""

    def move(self, position: Position, until: float, zones: tuple[Zone, ...]) -> None:
        """Process a position that is valid until a time, in seconds since the epoch."""
        self.position = position
        self.hold = max(until - position.time, 0.0)
        self._be_in(zones)

    def redraw(self, zones: Collection[Zone]) -> None:
        """Set the zones; the device is in no other zone."""
        self._be_in(tuple(zone for zone in self.zones if zone in zones))

    def shift(self, delta: float) -> None:
        """Move its time by `delta` seconds: the system clock was set."""
        if self.position is not None:
            self.position = self.position.replace(time=self.position.time + delta)

    def at(self, time: float) -> Position | None:
        """Return the position for a frame at a time; None if none is valid."""
        position = self.position
        return position if position is not None and abs(time - position.time) <= self.hold else None

    def shown(self, time: float) -> Position | None:
        """Return the position like `at` for publication: none at home."""
        position = self.at(time)
        return None if position is None or self.home else position

    def _be_in(self, zones: tuple[Zone, ...]) -> None:
        self.zones = zones
        self.home = any(zone.kind is ZoneKind.HOME for zone in zones)
        self.quiet = any(zone.kind is ZoneKind.QUIET for zone in zones)


def kept(zones: tuple[Zone, ...], *, guarded: bool) -> bool:
    """Return whether a network that lies in `zones` may be recorded and exported."""
    return all(zone.kind is not ZoneKind.HOME or (guarded and zone.keep is Kept.GUARDED) for zone in zones)


def kept_at(zones: tuple[Zone, ...], *places: tuple[float, float], guarded: bool) -> bool:
    """Return whether a network may be recorded and exported that lies at `places`, each latitude and longitude."""
    return kept(tuple(zone for zone in zones if any(zone.holds(*place) for place in places)), guarded=guarded)

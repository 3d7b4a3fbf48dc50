"""Positions of access points: combines the device's positions with the frames heard between them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from whimbrel.detections.here import kept
from whimbrel.events.position import PositionChanged, PositionLost, ZonesDrawn
from whimbrel.module import Context, VerbError
from whimbrel.verbs.places import SIGHTINGS, TRACK
from whimbrel.verbs.places import SightingRows as SightingsAnswer
from whimbrel.verbs.places import TrackRows as TrackAnswer

if TYPE_CHECKING:
    from whimbrel.detections.engine import Detections
    from whimbrel.geo import Zone
    from whimbrel.position.sightings import Sighting, Sightings
    from whimbrel.position.track import Track
    from whimbrel.survey.access_point import AccessPoint

_ROWS, _POINTS = 64, 256
"""Limit of rows in an answer, for which a Pi Zero does not block the loop too long."""


class AccessPointPlaces:
    """The positions, which outlast a restart of the watcher."""

    def __init__(self, limit: int) -> None:
        # Imported only if there is a position: most devices have no receiver.
        from whimbrel.position.sightings import Sightings
        from whimbrel.position.track import Track

        self.sightings: Sightings = Sightings(limit)
        self.track: Track = Track()


class Placing:
    """Keeps at most `limit` sightings, and answers the verbs ``sightings`` and ``track``.

    `places` are those of the previous run.
    """

    KINDS = (PositionChanged, PositionLost, ZonesDrawn)
    """The kinds that it processes, in order with the frames."""

    def __init__(self, ctx: Context[Any], detections: Detections, limit: int, places: AccessPointPlaces | None) -> None:
        self.places = places
        """None before the first position."""
        self._ctx = ctx
        self._detections = detections
        self._limit = limit
        self._drawn: tuple[Zone, ...] = ()
        if places is not None:
            places.sightings.table.resize(limit)

    def open(self) -> None:
        """Answer from now on."""
        if (drawn := self._ctx.latest(ZonesDrawn)) is not None:
            self._drawn = drawn.body.zones
        self._ctx.serve(SIGHTINGS, self._sightings)
        self._ctx.serve(TRACK, self._track)

    async def take(self, body: object) -> None:
        """Process one of the `KINDS`; other modules can run meanwhile."""
        if isinstance(body, ZonesDrawn):
            self._drawn = body.zones
            self._detections.air.here.redraw(body.zones)
            return
        if not isinstance(body, PositionChanged):  # a lost position expires by itself
            return
        here = self._detections.air.here
        here.move(body.position, body.until, body.zones)
        if self.places is None:
            self.places = AccessPointPlaces(self._limit)
        if not here.home:
            self.places.track.add(body.position)
        elif not any(kept((zone,), guarded=True) for zone in here.zones):
            return
        aps = list(self._detections.survey.access_points.table.entries.values())
        for _ in self.places.sightings.take(body.position, here.hold, aps, self._keeps):
            await asyncio.sleep(0)

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds: the system clock was set."""
        self._detections.air.here.shift(delta)
        if self.places is not None:
            self.places.sightings.shift(delta)
            self.places.track.shift(delta)

    def _keeps(self, ap: AccessPoint) -> bool:
        air = self._detections.air
        return kept(air.here.zones, guarded=air.guard.network(ap.ssid, ap.address) is not None)

    def _shown(self, sighting: Sighting) -> bool:
        """Return whether a sighting may leave the device: not if its position lies in a zone of the kind home that was
        defined later, or only the average of the positions around such a zone lies in it."""
        where = [(sighting.latitude, sighting.longitude), (sighting.strongest.latitude, sighting.strongest.longitude)]
        zones = tuple(zone for zone in self._drawn if any(zone.holds(*place) for place in where))
        if not zones:
            return True
        row = sighting.row()
        return kept(zones, guarded=self._detections.air.guard.network(row.ssid, row.bssid) is not None)

    async def _sightings(self, request: dict[str, Any]) -> SightingsAnswer:
        after = request.get("after", 0)
        if type(after) is not int:
            raise VerbError('"after": expected a whole number, as the answer before has it')
        found = [] if self.places is None else self.places.sightings.after(after, _ROWS)
        return SightingsAnswer(
            sightings=tuple(sighting.row() for sighting in found if self._shown(sighting)),
            after=found[-1].number if len(found) == _ROWS else None,
        )

    async def _track(self, request: dict[str, Any]) -> TrackAnswer:
        after = request.get("after", float("-inf"))
        if isinstance(after, bool) or not isinstance(after, (int, float)):
            raise VerbError('"after": expected a time, as the answer before has it')
        found = [] if self.places is None else self.places.track.after(after, _POINTS)
        return TrackAnswer(
            points=tuple(point for point in found if kept(self._zones_of(point), guarded=False)),
            after=found[-1].time if len(found) == _POINTS else None,
        )

    def _zones_of(self, point: Any) -> tuple[Zone, ...]:
        return tuple(zone for zone in self._drawn if zone.touches(point))

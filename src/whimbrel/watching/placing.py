"""Positions of access points: combines the device's positions with the frames heard between them."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

from whimbrel.bus import Lagged
from whimbrel.detections.here import kept, kept_at
from whimbrel.events.history import AlertKeeping, HistoryErased
from whimbrel.events.position import PositionChanged, PositionLost, ZonesDrawn
from whimbrel.module import Context, VerbError
from whimbrel.verbs.places import EARLIER, SIGHTINGS, TRACK, EarlierSightings
from whimbrel.verbs.places import SightingRows as SightingsAnswer
from whimbrel.verbs.places import TrackRows as TrackAnswer

if TYPE_CHECKING:
    from whimbrel.detections.engine import Detections
    from whimbrel.geo import Zone
    from whimbrel.position.sightings import Sighting, Sightings
    from whimbrel.position.track import Track
    from whimbrel.rows import SightingRow
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
        self.recalled = False
        """Whether what a history has of earlier runs is among the sightings."""


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
        self._matters = asyncio.Event()
        self._one_by_one = asyncio.Lock()
        if places is not None:
            places.sightings.resize(limit)

    def open(self) -> None:
        """Answer from now on."""
        if (drawn := self._ctx.latest(ZonesDrawn)) is not None:
            self._drawn = drawn.body.zones
        self._ctx.serve(SIGHTINGS, self._sightings)
        self._ctx.serve(TRACK, self._track)

    async def run(self) -> None:
        """Hear of a history's sightings and of what is erased there, until cancelled.

        A history is asked once positions matter: most devices have none.
        """
        events = self._ctx.subscribe(AlertKeeping, HistoryErased)
        beside = asyncio.create_task(self._recall_once_wanted())
        try:
            async for event in events:
                if isinstance(event, Lagged) or isinstance(event.body, AlertKeeping):
                    await self._recall()
                else:
                    async with self._one_by_one:
                        self._forget(event.body)
        finally:
            beside.cancel()

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
        self._matters.set()
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
        where = (sighting.latitude, sighting.longitude), (sighting.strongest.latitude, sighting.strongest.longitude)
        guarded = self._detections.air.guard.network(sighting.ssid, sighting.address) is not None
        return kept_at(self._drawn, *where, guarded=guarded)

    async def _recall_once_wanted(self) -> None:
        await self._matters.wait()
        await self._recall()

    async def _recall(self) -> None:
        """Take in what a history has, once; where there is none or its card fails, at its next word."""
        async with self._one_by_one:
            known = self.places is not None and self.places.recalled
            if self._matters.is_set() and not known:
                await self._ask()

    async def _ask(self) -> None:
        ask = self._ctx.verbs.find(EARLIER.name)
        if ask is None:
            return
        rows: list[SightingRow] = []
        after: int | None = 0
        try:
            while after is not None and len(rows) < self._limit:
                answer: EarlierSightings = await ask({"after": after})
                rows += answer.sightings
                after = answer.after
        except VerbError:
            return
        if self.places is None:
            self.places = AccessPointPlaces(self._limit)
        self.places.sightings.recall(rows[::-1])
        self.places.recalled = True

    def _forget(self, body: HistoryErased) -> None:
        if self.places is None:
            return

        def unwanted(sighting: Sighting) -> bool:
            return (
                body.everything
                or sighting.address == body.device
                or (body.ssid is not None and sighting.ssid == body.ssid)
                or (body.before is not None and sighting.last < body.before)
            )

        self.places.sightings.forget(unwanted)
        self.places.track.forget(math.inf if body.everything else body.before or 0.0)

    async def _sightings(self, request: dict[str, Any]) -> SightingsAnswer:
        after = request.get("after")
        if after is not None and type(after) is not int:
            raise VerbError('"after": expected a whole number, as the answer before has it')
        self._matters.set()
        await self._recall()
        if self.places is None:
            return SightingsAnswer(sightings=(), after=None, upto=0)
        known = self.places.sightings
        # The number of another process: its sightings are not these.
        found = known.after(None if after is not None and after > known.number else after, _ROWS)
        upto = found[-1].number if found else known.number
        return SightingsAnswer(
            sightings=tuple(sighting.row() for sighting in found if self._shown(sighting)),
            after=upto if len(found) == _ROWS else None,
            upto=upto,
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

"""Verbs about positions of access points and the device."""

from __future__ import annotations

from whimbrel.geo import Position
from whimbrel.record import Record
from whimbrel.rows import SightingRow
from whimbrel.verbs.declare import Query, Verb


class SightingRows(Record):
    """Some of the access points that were heard at a known position, in the order in which they were last heard there.

    One that is heard between two requests comes again, at the end.
    """

    sightings: tuple[SightingRow, ...]
    """At most 64."""
    after: int | None
    """The key ``after`` of the next request; None if these are the last."""
    upto: int
    """The key ``after`` of a request for later sightings than these; numbers restart with the daemon."""


class EarlierSightings(Record):
    """Some of the access points that earlier runs of the daemon heard at a known position, the last heard first."""

    sightings: tuple[SightingRow, ...]
    """At most 64."""
    after: int | None
    """The key ``after`` of the next request; None if these are the last."""


class TrackRows(Record):
    """A part of the device's track."""

    points: tuple[Position, ...]
    """The oldest first; at most 256."""
    after: float | None
    """The key ``after`` of the next request; None if these are the last."""


_AFTER = "the value from the previous answer; default: from the beginning?"
SIGHTINGS = Query("sightings", SightingRows, "the positions of access points, some at a time", after=_AFTER)
TRACK = Query("track", TrackRows, "the device's track, a part at a time", after=_AFTER)
EARLIER = Query(
    "earlier-sightings", EarlierSightings, "the positions that a history has of access points, some at a time",
    after=_AFTER,
)  # fmt: skip
VERBS: tuple[Verb[object], ...] = (SIGHTINGS, TRACK, EARLIER)

"""Where what was heard was heard."""

from __future__ import annotations

from whimbrel.geo import Position
from whimbrel.record import Record
from whimbrel.rows import SightingRow
from whimbrel.verbs.declare import Verb


class Sightings(Record):
    """Some of the access points that were heard at a known position, in the order of their first sighting."""

    sightings: tuple[SightingRow, ...]
    """At most 64."""
    after: int | None
    """What to ask for the next ones with; None where these are the last."""


class Track(Record):
    """A part of the way that the device went."""

    points: tuple[Position, ...]
    """The oldest first; at most 256."""
    after: float | None
    """What to ask for the next ones with; None where these are the last."""


_AFTER = "what the answer before said; from the beginning without?"
SIGHTINGS = Verb("sightings", Sightings, "where access points were heard, some at a time", after=_AFTER)
TRACK = Verb("track", Track, "the way that the device went, a part at a time", after=_AFTER)
VERBS: tuple[Verb[object], ...] = (SIGHTINGS, TRACK)

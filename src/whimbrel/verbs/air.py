"""What is in the air."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.rows import AccessPointRow, ChannelRow, StationRow, Totals
from whimbrel.verbs.declare import Verb


class Survey(Record):
    """What the survey knows; parts that were not asked for are empty."""

    time: float
    """Seconds since the epoch of the last frame; 0 before the first."""
    totals: Totals
    """Counts since the start."""
    access_points: tuple[AccessPointRow, ...] = ()
    """The most recently heard first."""
    stations: tuple[StationRow, ...] = ()
    """The most recently heard first."""
    channels: tuple[ChannelRow, ...] = ()
    """By frequency."""


SURVEY = Verb("survey", Survey, "what is in the air", what="access_points, stations or channels; all of it without?")
VERBS: tuple[Verb[object], ...] = (SURVEY,)

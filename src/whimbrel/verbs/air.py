"""Verbs about the air."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.rows import AccessPointRow, ChannelRow, StationRow, Totals
from whimbrel.verbs.declare import Query, Verb


class SurveyRows(Record):
    """The contents of the survey; parts that were not requested are empty."""

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
    left_out: int = 0
    """Stations in the network of the requested device that are not among these: only the last heard are."""


SURVEY = Query(
    "survey",
    SurveyRows,
    "the survey of the air",
    what="access_points, stations or channels; default: all?",
    device="an address: its rows alone, and those of the stations in its network?",
)
VERBS: tuple[Verb[object], ...] = (SURVEY,)

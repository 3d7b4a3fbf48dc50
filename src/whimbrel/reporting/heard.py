"""The input of a report: rows of a running daemon, or of a replayed capture."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.rows import AccessPointRow, ChannelRow, StationRow
from whimbrel.verbs.alerts import AlertRow, IncidentRow
from whimbrel.verbs.history import ChangePast, CrowdRow, HourRow


class Loss(Record):
    """Something that was not heard, or could not be used."""

    what: str
    """A few words, as a row of a table begins."""
    number: int
    """How many."""
    meaning: str
    """Its meaning for the report, in a sentence."""


class ListeningSession(Record):
    """A time of listening."""

    began: float
    """Seconds since the epoch."""
    ended: float
    """Seconds since the epoch."""
    place: str
    """Where the device was; empty if unknown."""
    frames: int
    """Frames heard."""
    lost: int
    """Frames that the kernel had no room for."""


class Heard(Record):
    """The results of one run. Text off the air in it is unescaped: the model escapes it."""

    name: str
    """Of the capture file, or of the machine that listened."""
    live: bool
    """Whether it comes from a running daemon, not a file."""
    sessions: tuple[ListeningSession, ...]
    """The times of listening, the oldest first; empty if no frame was heard."""
    access_points: tuple[AccessPointRow, ...]
    stations: tuple[StationRow, ...]
    channels: tuple[ChannelRow, ...]
    alerts: tuple[AlertRow, ...]
    """In any order."""
    incidents: tuple[IncidentRow, ...] = ()
    """In any order; an alert without an incident is listed by itself."""
    guarded: frozenset[bytes] = frozenset()
    """Names of the networks that are the user's own."""
    earlier: frozenset[bytes] = frozenset()
    """Addresses of access points that are no longer heard, and only in the history."""
    changes: tuple[ChangePast, ...] = ()
    """Changed announcements of access points from a history, the newest first."""
    hours: tuple[HourRow, ...] = ()
    """The traffic of the channels from a history, in intervals of `step` hours."""
    crowds: tuple[CrowdRow, ...] = ()
    """How much was around in the same stretches."""
    step: int = 1
    losses: tuple[Loss, ...] = ()
    """The losses; a loss of 0 was checked."""
    remarks: tuple[str, ...] = ()
    """Reasons for doubt, one sentence each."""

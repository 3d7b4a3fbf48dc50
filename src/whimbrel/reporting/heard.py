"""What a report is made of: rows of a running daemon, or of a capture that was replayed."""

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
    """What that means for the report, in a sentence."""


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
    """What was heard in one go. What came off the air in it is as it was there: the model escapes it."""

    name: str
    """Of the capture file, or of the machine that listened."""
    live: bool
    """Whether a running daemon tells it, not a file."""
    sessions: tuple[ListeningSession, ...]
    """When it was listened, the oldest first; none where no frame was heard."""
    access_points: tuple[AccessPointRow, ...]
    stations: tuple[StationRow, ...]
    channels: tuple[ChannelRow, ...]
    alerts: tuple[AlertRow, ...]
    """In any order."""
    incidents: tuple[IncidentRow, ...] = ()
    """In any order; an alert that none of them has stands for itself."""
    guarded: frozenset[bytes] = frozenset()
    """Names of the networks that are the user's own."""
    earlier: frozenset[bytes] = frozenset()
    """Addresses of the access points that are not heard any more, and only a history knows."""
    changes: tuple[ChangePast, ...] = ()
    """What access points announced otherwise than before, the newest first, as a history has it."""
    hours: tuple[HourRow, ...] = ()
    """What the channels carried in stretches of `step` hours, as a history has it."""
    crowds: tuple[CrowdRow, ...] = ()
    """How much was around in the same stretches."""
    step: int = 1
    losses: tuple[Loss, ...] = ()
    """What is not in it; a loss of 0 says that it was looked for."""
    remarks: tuple[str, ...] = ()
    """What a reader should know before believing it, a sentence each."""

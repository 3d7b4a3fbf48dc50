"""The history of earlier days: requests and answers."""

from __future__ import annotations

from whimbrel.events.air import Change
from whimbrel.events.alerts import Alert
from whimbrel.events.incidents import IncidentOpened
from whimbrel.record import Record
from whimbrel.rows import Announced
from whimbrel.verbs.alerts import FrameRow
from whimbrel.verbs.declare import Query, Verb


def changes(before: Announced, after: Announced) -> tuple[Change, ...]:
    """Return the differences of `after` from `before`."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in Announced.fields)
    return tuple([Change(name, old, new) for name, old, new in pairs if old != new])


class DatedMoment(Record):
    """When something was."""

    time: float
    """Seconds since the epoch."""
    clock: bool
    """Whether the clock was set by then; if not, only times of the same session are comparable."""
    estimate: bool = False
    """Whether it was set, and nobody had told it the time since the board's start."""


class SessionRow(Record):
    """A time of listening, from a start of the daemon to its end."""

    id: int
    """Its number, ascending."""
    began: float
    """Seconds since the epoch."""
    ended: float
    """Seconds since the epoch; after an unclean end, the time of the last entry."""
    clock: bool
    """Whether the clock was set; where it was not, its times only compare with each other."""
    version: str
    """Version of Whimbrel."""
    radio: str
    """Where the frames came from; empty if no radio was opened."""
    place: str
    """The place from the settings; empty without one."""
    frames: int
    """Frames heard."""
    kernel_lost: int
    """Frames that the kernel had no room for."""
    bus_lost: int
    """Events that listeners were too slow for."""
    not_kept: int
    """Entries that this history could not keep."""
    estimate: bool = False
    """Whether the clock was set, and nobody had told it the time since the board's start."""


class AccessPointPast(Record):
    """An access point in the history."""

    bssid: bytes
    """Its address."""
    first: DatedMoment
    """When it was first heard."""
    last: DatedMoment
    """When it was last heard, to a quarter of an hour."""
    loudest: int | None
    """dBm of its strongest frame."""
    announced: Announced
    """Its last announcement."""
    changes: int
    """How often that was something else."""


class ChangePast(Record):
    """An access point announced something else than before."""

    bssid: bytes
    """Its address."""
    ssid: bytes
    """Name of its network since."""
    at: DatedMoment
    """When that was noticed: within a minute of the change, or at the start where it changed before."""
    change: Change
    """The changes."""


class StationPast(Record):
    """A station that the settings allow to keep."""

    station: bytes
    """Its address."""
    vendor: str
    """Its maker; empty if unknown."""
    first: DatedMoment
    """When it was first heard."""
    last: DatedMoment
    """When it was last heard, to a quarter of an hour."""
    bssid: bytes | None
    """The access point that it worked with last."""
    why: str
    """Why it is kept: guarded (it works with a guarded network), alert (it is part of one), or settings."""


class AlertPast(Alert, published=False):
    """An alert in its last state."""

    open: bool
    """Whether it goes on, or its end was not heard."""
    acknowledged: bool
    """Whether a person has acknowledged it at its last severity."""
    clock: bool
    """Whether the clock was set when it was raised."""
    kept: int
    """Frames of its evidence that are kept here."""
    estimate: bool = False
    """Whether its time is an estimate."""


class IncidentPast(IncidentOpened, published=False):
    """An incident in its last state."""

    open: bool
    """Whether it goes on, or its end was not heard."""
    clock: bool
    """Whether the clock was set when it began."""
    estimate: bool = False
    """Whether its time is an estimate."""


class HourRow(Record):
    """The traffic of a channel in one hour, or in the hours that the request names as its step."""

    hour: float
    """Seconds since the epoch at which that began."""
    clock: bool
    """Whether the clock was known."""
    freq: int
    """MHz; 0 for frames without a frequency."""
    frames: int
    """Frames heard."""
    octets: int
    """On the air, FCS included."""
    airtime_us: int
    """Microseconds; frames without a rate do not count."""
    retries: int
    """Frames marked as sent again."""


class CrowdRow(Record):
    """The number of devices around in one hour, or in the hours that the request names as its step: the most at
    once."""

    hour: float
    """Seconds since the epoch at which that began."""
    clock: bool
    """Whether the clock was known."""
    access_points: int
    """Access points."""
    stations: int
    """Stations, including those with random addresses."""
    random: int
    """Stations with random (locally administered) addresses, which are counted and not kept."""


class History(Record):
    """The answer of a history; parts that were not requested are empty."""

    file: str
    """Path of it."""
    octets: int
    """Its size."""
    sessions: tuple[SessionRow, ...] = ()
    """The newest first."""
    access_points: tuple[AccessPointPast, ...] = ()
    """The last heard first."""
    changes: tuple[ChangePast, ...] = ()
    """The newest first."""
    stations: tuple[StationPast, ...] = ()
    """The last heard first."""
    alerts: tuple[AlertPast, ...] = ()
    """The newest first."""
    incidents: tuple[IncidentPast, ...] = ()
    """The newest first."""
    evidence: tuple[FrameRow, ...] = ()
    """Of the one requested alert, the oldest first."""
    channels: tuple[HourRow, ...] = ()
    """By hour and frequency."""
    crowds: tuple[CrowdRow, ...] = ()
    """By hour."""
    left_out: int = 0
    """Rows beyond those that one answer has."""


class Erased(Record):
    """The result of erasing."""

    rows: int
    """Entries that are gone."""
    file: str
    """Path of it."""


HISTORY = Query(
    "history",
    History,
    "what was heard in earlier days",
    what="sessions, access_points, changes, stations, alerts, incidents, channels or crowds; sessions without?",
    since="seconds since the epoch?",
    new="true: only devices first heard since then?",
    ssid="of one network, as in the settings?",
    device="of one address?",
    alert="the id of one alert, with its evidence?",
    step="hours that one row of channels and crowds sums up; default: 1?",
)
ERASE = Verb(
    "erase",
    Erased,
    "forget what was heard in earlier days",
    ssid="all of one network?",
    device="all of one address?",
    before="all from before these seconds since the epoch?",
    everything="true: all there is?",
)
VERBS: tuple[Verb[object], ...] = (HISTORY, ERASE)

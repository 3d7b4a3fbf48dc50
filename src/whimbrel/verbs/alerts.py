"""Verbs about alerts, their evidence, and the rules."""

from __future__ import annotations

from collections.abc import Mapping

from whimbrel.events.alerts import Alert, Severity
from whimbrel.events.incidents import IncidentOpened
from whimbrel.record import Record
from whimbrel.verbs.declare import Query, Verb


class AlertRow(Alert, published=False):
    """The present version of an alert, with its state and the facts about its rule."""

    state: str
    """open or closed."""
    acknowledged: bool
    """Whether it was acknowledged at its present severity."""
    left_out: int
    """Frames between the first and the last ones that were not kept."""
    fooled_by: str
    """Harmless causes that look the same."""
    reference: str
    """The source: a standard, a paper."""


class IncidentRow(IncidentOpened, published=False):
    """The present version of an incident, with its state."""

    state: str
    """open or closed."""
    acknowledged: bool
    """Whether each of its alerts was acknowledged at its present severity."""


class Alerts(Record):
    """The remembered alerts, and their incidents."""

    time: float
    """Seconds since the epoch: now, or the last frame's time if that is later, as in a simulated air."""
    alerts: tuple[AlertRow, ...]
    """The newest first."""
    incidents: tuple[IncidentRow, ...]
    """The newest first; if one alert was requested, its incident."""
    number: int = 0
    """The highest number that an alert was given so far; 0 before the first."""


class FrameRow(Record):
    """A frame without capture header and FCS."""

    time: float
    """Seconds since the epoch."""
    freq: int
    """MHz; 0 if unknown."""
    rssi: int | None
    """dBm."""
    noise: int | None
    """dBm."""
    tsft: int | None
    """Microseconds of the receiver's clock."""
    rate: float
    """Mbit/s; 0 if unknown."""
    phy: str
    """Generation, as 802.11n; empty if unknown."""
    length: int
    """Octets on the air without FCS: more than `octets` has if the capture cut the frame."""
    octets: bytes
    """The octets from Frame Control on."""


class Evidence(Record):
    """The frames of an alert."""

    alert: AlertRow
    """The alert."""
    frames: tuple[FrameRow, ...]
    """The frames kept, the oldest first."""
    left_out: int
    """The number of frames between the first and the last ones that were not kept."""


class Acknowledged(Record):
    """Newly acknowledged alerts."""

    acknowledged: tuple[str, ...]
    """Ids of the alerts that had not been acknowledged before."""
    safe: bool = True
    """Whether that is on the card; False if a history keeps the alerts, and its card has not taken it yet."""


class RuleSettingRow(Record):
    """One setting of a rule, in the notation of the settings file."""

    value: str
    """The value in force."""
    default: str
    """The default."""
    help: str
    """Its meaning."""


class RuleRow(Record):
    """One detection with its settings."""

    rule: str
    """Its name."""
    title: str
    """The title of its alerts."""
    severity: Severity
    """The default severity of its alerts."""
    enabled: bool
    """Whether it is enabled in the settings."""
    failed: bool
    """Whether it was switched off because it failed."""
    needs_monitor: bool = False
    """Whether only a radio in monitor mode hears what it looks for; a scan does not."""
    unheard: bool = False
    """Whether the daemon listens by scanning, and so cannot hear that."""
    looks_for: str
    """The rule in words."""
    family: str
    """disruption, impersonation, protocol, weakness or presence."""
    meaning: str
    """The meaning, in a few sentences."""
    advice: str
    """Advice."""
    fooled_by: str
    """Harmless causes that look the same."""
    reference: str
    """The source: a standard, a paper."""
    kismet: tuple[str, ...]
    """Corresponding alerts of Kismet."""
    nzyme: tuple[str, ...]
    """Corresponding alerts of nzyme."""
    settings: Mapping[str, RuleSettingRow]
    """By name."""


_ALERT = "its id"
ALERTS = Query(
    "alerts", Alerts, "alerts and incidents", alert="the id of an incident or an alert?",
    open="true: only open ones?",
)  # fmt: skip
EVIDENCE = Query("evidence", Evidence, "the frames of an alert", alert=_ALERT)
ACKNOWLEDGE = Verb(
    "acknowledge", Acknowledged, "mark an incident or an alert as seen", alert="the id of either, or all"
)
RULES = Query(
    "rules", tuple[RuleRow, ...], "the detection rules and their thresholds", rule="the name of one; default: all?"
)
VERBS: tuple[Verb[object], ...] = (ALERTS, EVIDENCE, ACKNOWLEDGE, RULES)

"""What is wrong in the air: alerts, their evidence, and what is looked for."""

from __future__ import annotations

from collections.abc import Mapping

from whimbrel.events.alerts import Alert, Severity
from whimbrel.events.incidents import IncidentOpened
from whimbrel.record import Record
from whimbrel.verbs.declare import Verb


class AlertRow(Alert, published=False):
    """An alert as it is now, with its state and what is known of its rule."""

    state: str
    """open or closed."""
    acknowledged: bool
    """Whether a person has seen it as bad as it is now."""
    left_out: int
    """Frames between the first and the last ones that were not kept."""
    fooled_by: str
    """What looks the same and is harmless."""
    reference: str
    """Where that is written down: a standard, a paper."""


class IncidentRow(IncidentOpened, published=False):
    """An incident as it is now, with its state."""

    state: str
    """open or closed."""
    acknowledged: bool
    """Whether a person has seen each of its alerts as bad as it is now."""


class Alerts(Record):
    """Alerts that are remembered, and the incidents that they are parts of."""

    time: float
    """Seconds since the epoch: now, or the last frame's time where that is later, as in a simulated air."""
    alerts: tuple[AlertRow, ...]
    """The newest first."""
    incidents: tuple[IncidentRow, ...]
    """The newest first; where one alert was asked for, its own."""


class FrameRow(Record):
    """A frame without capture header and FCS."""

    time: float
    """Seconds since the epoch."""
    freq: int
    """MHz; 0 where not told."""
    rssi: int | None
    """dBm."""
    noise: int | None
    """dBm."""
    tsft: int | None
    """Microseconds of the receiver's clock."""
    rate: float
    """Mbit/s; 0 where not told."""
    phy: str
    """Generation, as 802.11n; empty where not told."""
    length: int
    """Octets on the air, without FCS: more than are there where the capture cut it."""
    octets: bytes
    """From Frame Control on."""


class Evidence(Record):
    """The frames of an alert."""

    alert: AlertRow
    """The alert."""
    frames: tuple[FrameRow, ...]
    """What is kept of them, the oldest first."""
    left_out: int
    """How many between the first and the last ones are not."""


class Acknowledged(Record):
    """What is seen from now on."""

    acknowledged: tuple[str, ...]
    """Ids of the alerts that nobody had acknowledged before."""


class RuleSettingRow(Record):
    """One setting of a rule, as it is written in the settings file."""

    value: str
    """What is in force."""
    default: str
    """What holds where nothing is set."""
    help: str
    """What it means."""


class RuleRow(Record):
    """What one detection looks for, and with which settings."""

    rule: str
    """Its name."""
    title: str
    """What is wrong, in a few words."""
    severity: Severity
    """Of its alerts, unless they say otherwise."""
    enabled: bool
    """Whether the settings want it."""
    failed: bool
    """Whether it is switched off because of a mistake in it."""
    looks_for: str
    """The rule in words."""
    family: str
    """disruption, impersonation, protocol, weakness or presence."""
    meaning: str
    """What that means, in a few sentences."""
    advice: str
    """What a person should do."""
    fooled_by: str
    """What looks the same and is harmless."""
    reference: str
    """Where that is written down."""
    kismet: tuple[str, ...]
    """Alerts of Kismet that it corresponds to."""
    nzyme: tuple[str, ...]
    """Alerts of nzyme that it corresponds to."""
    settings: Mapping[str, RuleSettingRow]
    """By name."""


_ALERT = "its id"
ALERTS = Verb(
    "alerts", Alerts, "what is wrong in the air", alert="the id of an incident or an alert?",
    open="true for those that go on?",
)  # fmt: skip
EVIDENCE = Verb("evidence", Evidence, "the frames of an alert", alert=_ALERT)
ACKNOWLEDGE = Verb("acknowledge", Acknowledged, "an incident or an alert was seen", alert="the id of either, or all")
RULES = Verb(
    "rules", tuple[RuleRow, ...], "what is looked for, and with which thresholds", rule="the name of one; all without?"
)
VERBS: tuple[Verb[object], ...] = (ALERTS, EVIDENCE, ACKNOWLEDGE, RULES)

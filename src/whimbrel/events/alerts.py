"""Events of the detections: an alert is raised, updated, and closed."""

from __future__ import annotations

import enum
from typing import NamedTuple

from whimbrel.events.base import Body, Level
from whimbrel.geo import Position
from whimbrel.wifi.security import Pmf, Protection

REMEMBERED = 128
"""Alerts that the daemon keeps with their evidence, open and closed; older ones are in the history alone."""


class Severity(enum.StrEnum):
    """How much an alert matters."""

    WEAKNESS = "weakness"
    """A network or a device could be attacked, but is not."""
    NOTICE = "notice"
    """Worth knowing; often harmless."""
    WARNING = "warning"
    """There may be an attack."""
    CRITICAL = "critical"
    """There is an attack or an imitation."""

    @property
    def level(self) -> Level:
        """The journal priority of such an alert."""
        return _LEVELS[self]

    @property
    def rank(self) -> int:
        """Place in the order above, from 0."""
        return _ORDER.index(self)


_ORDER = tuple(Severity)
_LEVELS = {
    Severity.WEAKNESS: Level.INFO,
    Severity.NOTICE: Level.NOTICE,
    Severity.WARNING: Level.WARNING,
    Severity.CRITICAL: Level.ALERT,
}


class _AboutAlert(Body, level=Level.ALERT):
    """The common fields of the three."""

    id: str
    """Names the alert in commands, as long as the daemon runs: 1, 2, 3…"""
    rule: str
    """Name of the detection, as in the settings and in docs/detections.md."""
    key: str = ""
    """Its subject within the rule, as JSON: the same key is the same alert. Empty for a folded alert."""
    family: str
    """disruption, impersonation, protocol, weakness or presence."""
    title: str
    """The title."""
    meaning: str
    """The meaning, in a few sentences."""
    advice: str
    """Advice, in a few sentences."""
    lasting: bool
    """Whether it has a duration; if not, it ends when it is raised, without an event for its end."""
    severity: Severity
    """weakness, notice, warning or critical."""
    confidence: str
    """How sure that is: low, medium or high."""
    text: str
    """The evidence in words: sender, receiver, count, threshold."""
    bssid: bytes | None
    """The access point it is about."""
    ssid: bytes
    """The SSID; empty if unknown, or if it is about no network."""
    sender: bytes | None
    """Address that the frames claim to come from."""
    receiver: bytes | None
    """Address that they are for; ff:ff:ff:ff:ff:ff for all."""
    channel: int
    """Number of the channel announced by its access point; without one, of the channel of the last frame; 0 if
    unknown."""
    freq: int
    """The same in MHz."""
    band: str
    """2.4, 5, 6 or 60 (GHz): the number alone says too little; empty if unknown."""
    heard_on: tuple[int, ...] = ()
    """MHz of other channels that it was heard on."""
    rssi: int | None
    """dBm of the last frame with a level; of the frames on `channel`, if there are any."""
    rssi_range: tuple[int, int] | None
    """dBm of the weakest and of the strongest frame."""
    first: float
    """Seconds since the epoch of the first frame of the evidence."""
    last: float
    """Seconds since the epoch of the last one."""
    count: int
    """How often that was seen, as the rule counts it."""
    threshold: str
    """The threshold: ``10 in 10 s``; empty if once is enough."""
    frames: int
    """Frames that are kept as evidence: ``whimbrel evidence ID FILE.pcapng``."""
    position: Position | None = None
    """The position of the device at the loudest frame; None if unknown, or in a home zone."""
    incident: str = ""
    """Id of its incident; empty for weaknesses, which have none."""

    @property
    def urgency(self) -> Level:
        """The level of this alert: that of its severity, unless its incident is reported at that level."""
        return Level.INFO if self.incident else self.severity.level


class Alert(_AboutAlert, level=Level.ALERT):
    """A detection has raised an alert. Its level is that of its severity."""

    again: int = 0
    """How often the same had been raised, and had ended, before."""


class AlertUpdated(_AboutAlert, level=Level.ALERT):
    """An alert continues, or became worse; sent now and then."""


class AlertClosed(_AboutAlert, level=Level.NOTICE):
    """An alert has ended, or was quiet for long."""

    reason: str = "quiet"
    """quiet, over (ended by the detection), evicted (too many at once), end (of the capture), made up (its access point
    turned out to be a member of a flood: the alert is forgotten), or missed (its end was not heard)."""

    @property
    def urgency(self) -> Level:
        """The end of something is never urgent."""
        return max(Level.INFO if self.incident else Level.NOTICE, self.severity.level)


class AlertState(NamedTuple):
    """One alert that is remembered."""

    alert: Alert
    """Its present state."""
    open: bool
    """Whether it is open."""
    acknowledged: bool
    """Whether a person has acknowledged it at its present severity."""


class ReportAlerts(Body, level=Level.DEBUG):
    """Command: publish `AlertsStanding`; for a listener that began late or has missed something."""


class AcknowledgeAlert(Body, level=Level.DEBUG):
    """Command: a person has seen an alert, or a whole incident. `AlertAcknowledged`, for each alert, or
    `CommandRefused` answers it."""

    id: str
    """Of the incident, or else of the alert."""


class AlertAcknowledged(Body, level=Level.INFO):
    """A person has seen an alert; should it become worse, it counts as not seen again."""

    id: str
    """As in the alert."""
    rule: str
    """Name of the detection."""
    title: str
    """The title."""
    incident: str = ""
    """Id of its incident; empty for none."""
    together: int = 1
    """Number of alerts that were acknowledged at once; 0 for all but the first of them."""

    @property
    def urgency(self) -> Level:
        """An incident, or all of them, is one line of the journal."""
        return Level.INFO if self.together else Level.DEBUG


class NetworksGuarded(Body, level=Level.INFO):
    """The guarded networks have changed: those of the settings and the learned ones."""

    ssids: tuple[bytes, ...]
    """Their names."""
    bssids: tuple[bytes, ...]
    """Their access points, as far as they are known."""


class GuardedAs(NamedTuple):
    """A guarded network."""

    ssid: bytes
    bssids: tuple[bytes, ...]
    """Its access points."""
    security: tuple[Protection, ...]
    """The protections that it may have; empty for any."""
    pmf: Pmf
    """The least protection of management frames that it may have."""


class LearnNetwork(Body, level=Level.INFO):
    """Command: guard the network of an access point in its present state.

    `NetworkLearned` or `CommandRefused` answers it.
    """

    bssid: bytes
    """The access point."""
    sure: bool = False
    """Whether to do so in spite of doubts."""


class NetworkLearned(Body, level=Level.INFO):
    """The result of `LearnNetwork`."""

    network: GuardedAs
    """The network in its present state."""
    written: bool
    """Whether it is guarded from now on."""
    doubts: tuple[str, ...]
    """The doubts, one sentence each; with any, the network is guarded only if the command was `sure`."""
    answers: int
    """`seq` of the command."""


def number_of(id_: str) -> int:
    """Return the number of an alert or incident, which grows from one to the next; 0 for an invalid id."""
    return int(id_) if id_.isascii() and id_.isdigit() else 0

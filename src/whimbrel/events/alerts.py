"""What the detections have to say: an alert is raised, goes on, and ends."""

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
    """A network or a device could be attacked; nobody does."""
    NOTICE = "notice"
    """Worth knowing; often harmless."""
    WARNING = "warning"
    """Somebody may be doing something wrong."""
    CRITICAL = "critical"
    """Somebody attacks or imitates."""

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
    """What the three have in common."""

    id: str
    """Names the alert in commands, as long as the daemon runs: 1, 2, 3…"""
    rule: str
    """Name of the detection, as in the settings and in docs/detections.md."""
    key: str = ""
    """What it is about, within its rule, as JSON: the same is the same alert. Empty where it stands for many."""
    family: str
    """disruption, impersonation, protocol, weakness or presence."""
    title: str
    """What is wrong, in a few words."""
    meaning: str
    """What that means, in a few sentences."""
    advice: str
    """What a person should do, in a few sentences."""
    lasting: bool
    """Whether it can go on; if not, it is over as it is raised, and nothing tells its end."""
    severity: Severity
    """weakness, notice, warning or critical."""
    confidence: str
    """How sure that is: low, medium or high."""
    text: str
    """The evidence in words: sender, receiver, count, threshold."""
    bssid: bytes | None
    """The access point it is about."""
    ssid: bytes
    """The network it is about; empty if it is about none, or its name is not known."""
    sender: bytes | None
    """Address that the frames claim to come from."""
    receiver: bytes | None
    """Address that they are for; ff:ff:ff:ff:ff:ff for all."""
    channel: int
    """Number of the channel that the access point announces, where it is about one; of the one that it was last heard
    on otherwise; 0 if the frames did not tell."""
    freq: int
    """The same in MHz."""
    band: str
    """2.4, 5, 6 or 60 (GHz): the number alone says too little; empty if unknown."""
    heard_on: tuple[int, ...] = ()
    """MHz of other channels that it was heard on."""
    rssi: int | None
    """dBm of the last frame that told; while any is heard on `channel`, of those there."""
    rssi_range: tuple[int, int] | None
    """dBm of the weakest and of the strongest frame."""
    first: float
    """Seconds since the epoch of the first frame of the evidence."""
    last: float
    """Seconds since the epoch of the last one."""
    count: int
    """How often that was seen, as the rule counts it."""
    threshold: str
    """What it takes: ``10 in 10 s``; empty where once is enough."""
    frames: int
    """Frames that are kept as evidence: ``whimbrel evidence ID FILE.pcapng``."""
    position: Position | None = None
    """Where the device was when the evidence was loudest; None if unknown, or is a zone home."""
    incident: str = ""
    """Id of the incident that it is a part of; empty for weaknesses, which are none."""

    @property
    def urgency(self) -> Level:
        """The level of this one: that of its severity, unless the incident that it is a part of is told at that."""
        return Level.INFO if self.incident else self.severity.level


class Alert(_AboutAlert, level=Level.ALERT):
    """Something is wrong in the air, by the rule named. Its level is that of its severity."""

    again: int = 0
    """How often the same had been raised, and had ended, before."""


class AlertUpdated(_AboutAlert, level=Level.ALERT):
    """An alert goes on, or became worse; sent now and then."""


class AlertClosed(_AboutAlert, level=Level.NOTICE):
    """What an alert was about has stopped, or was not heard for long."""

    reason: str = "quiet"
    """quiet, over (the detection says so), evicted (too many at once), end (of the capture), made up (what it was
    about turned out to be a member of a flood: it is forgotten), or missed (its end was not heard)."""

    @property
    def urgency(self) -> Level:
        """The end of something is never urgent."""
        return max(Level.INFO if self.incident else Level.NOTICE, self.severity.level)


class AlertState(NamedTuple):
    """One alert that is remembered."""

    alert: Alert
    """As it is now."""
    open: bool
    """Whether it goes on."""
    acknowledged: bool
    """Whether a person has seen it as bad as it is now."""


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
    """What is wrong, in a few words."""
    incident: str = ""
    """Id of the incident that it is a part of; empty for none."""


class NetworksGuarded(Body, level=Level.INFO):
    """Which networks are the user's own from now on: those of the settings and those that were learned."""

    ssids: tuple[bytes, ...]
    """Their names."""
    bssids: tuple[bytes, ...]
    """Their access points, as far as they are known."""


class GuardedAs(NamedTuple):
    """A network as it is guarded."""

    ssid: bytes
    bssids: tuple[bytes, ...]
    """Its access points."""
    security: tuple[Protection, ...]
    """The protections that it may have; empty for any."""
    pmf: Pmf
    """The least protection of management frames that it may have."""


class LearnNetwork(Body, level=Level.INFO):
    """Command: guard the network of an access point as it is heard now.

    `NetworkLearned` or `CommandRefused` answers it.
    """

    bssid: bytes
    """The access point."""
    sure: bool = False
    """Whether to do so in spite of doubts."""


class NetworkLearned(Body, level=Level.INFO):
    """What came of `LearnNetwork`."""

    network: GuardedAs
    """The network as it is heard."""
    written: bool
    """Whether it is guarded from now on."""
    doubts: tuple[str, ...]
    """What speaks against it, one sentence each; with any, it is only guarded where the command was `sure`."""
    answers: int
    """`seq` of the command."""

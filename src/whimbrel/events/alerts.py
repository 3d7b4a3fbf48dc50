"""What the detections have to say: an alert is raised, goes on, and ends."""

from __future__ import annotations

import enum

from whimbrel.events.base import Body, Level


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
    title: str
    """What is wrong, in a few words."""
    severity: Severity
    """weakness, notice, warning or critical."""
    confidence: str
    """How sure that is: low, medium or high."""
    text: str
    """The evidence in words: who, whom, how often, against which threshold."""
    bssid: bytes | None
    """The access point it is about."""
    ssid: bytes
    """The network it is about; empty where it is about none, or its name is not known."""
    sender: bytes | None
    """Address that the frames claim to come from."""
    receiver: bytes | None
    """Address that they are for; ff:ff:ff:ff:ff:ff for all."""
    channel: int
    """Number of the channel that the access point announces, where it is about one; of the one that it was last heard
    on otherwise; 0 where the frames did not tell."""
    freq: int
    """The same in MHz."""
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

    @property
    def urgency(self) -> Level:
        """The level of this one: that of its severity."""
        return self.severity.level


class Alert(_AboutAlert, level=Level.ALERT):
    """Something is wrong in the air, by the rule named. Its level is that of its severity."""

    again: int = 0
    """How often the same had been raised, and had ended, before."""


class AlertUpdated(_AboutAlert, level=Level.ALERT):
    """An alert goes on, or became worse; sent now and then."""


class AlertClosed(_AboutAlert, level=Level.NOTICE):
    """What an alert was about has stopped, or was not heard for long."""

    reason: str = "quiet"
    """quiet, over (the detection says so), evicted (too many at once), or muted."""

    @property
    def urgency(self) -> Level:
        """The end of something is never urgent."""
        return max(Level.NOTICE, self.severity.level)


class AlertAcknowledged(Body, level=Level.INFO):
    """A person has seen an alert; should it become worse, it counts as not seen again."""

    id: str
    """As in the alert."""
    rule: str
    """Name of the detection."""
    title: str
    """What is wrong, in a few words."""


class NetworksGuarded(Body, level=Level.INFO):
    """Which networks are the user's own from now on: those of the settings and those that were learned."""

    ssids: tuple[bytes, ...]
    """Their names."""
    bssids: tuple[bytes, ...]
    """Their access points, as far as they are known."""

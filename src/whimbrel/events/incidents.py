"""What is going on: alerts of one cause as one incident, from its first alert to the end of its last one."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.events.alerts import AlertState, Severity
from whimbrel.events.base import Body, Level


class _AboutIncident(Body, level=Level.ALERT):
    """What the three have in common. What is said of one access point and place is that of its worst alert."""

    id: str
    """That of its first alert."""
    cause: str
    """Name of the most likely cause, from the list in docs/detections.md; empty if there is none."""
    title: str
    """What is going on, in a few words."""
    text: str
    """The same in a sentence; where there is one alert, its evidence."""
    meaning: str
    """What that means, in a few sentences."""
    advice: str
    """What a person should do, in a few sentences."""
    severity: Severity
    """That of the worst alert."""
    confidence: str
    """How sure it is: that of the surest alert, one step more where three rules agree."""
    bssid: bytes | None
    """The access point it is about."""
    ssid: bytes
    """The network it is about; empty if it is about none, or its name is not known."""
    channel: int
    """Number of the channel; 0 if the frames did not tell."""
    freq: int
    """The same in MHz."""
    band: str
    """2.4, 5, 6 or 60 (GHz); empty if unknown."""
    heard_on: tuple[int, ...] = ()
    """MHz of other channels that it was heard on."""
    rssi: int | None
    """dBm of the last frame that told."""
    rssi_range: tuple[int, int] | None
    """dBm of the weakest and of the strongest frame."""
    first: float
    """Seconds since the epoch of the first frame of the evidence."""
    last: float
    """Seconds since the epoch of the last one."""
    alerts: tuple[str, ...]
    """Ids of its alerts that are remembered, in the order of raising."""
    rules: tuple[str, ...]
    """Names of the detections that raised them, each once; first that of the worst alert."""

    @property
    def urgency(self) -> Level:
        """The level of this one: that of its severity."""
        return self.severity.level


class IncidentOpened(_AboutIncident, level=Level.ALERT):
    """Something goes on in the air: published before the first alert of it. Its level is that of its severity."""


class IncidentChanged(_AboutIncident, level=Level.ALERT):
    """An incident goes on; its level is that of its severity where it is worse, or something else than it seemed."""

    news: str
    """worse (its severity), cause (something else is most likely going on), alert (another one), or goes on."""

    @property
    def urgency(self) -> Level:
        """The level of the news: alerts have events of their own, and an update is nothing new."""
        return {"alert": Level.INFO, "goes on": Level.DEBUG}.get(self.news, self.severity.level)


class IncidentClosed(_AboutIncident, level=Level.NOTICE):
    """The last alert of an incident has ended."""

    @property
    def urgency(self) -> Level:
        """The end of something is never urgent."""
        return max(Level.NOTICE, self.severity.level)


class IncidentState(NamedTuple):
    """One incident that is remembered."""

    incident: IncidentOpened
    """As it is now."""
    open: bool
    """Whether it goes on."""


class AlertsStanding(Body, level=Level.DEBUG, bulky=True):
    """All alerts and incidents that are remembered; sent at the start of the watcher, and as the answer to
    `ReportAlerts`."""

    alerts: tuple[AlertState, ...]
    """The oldest first."""
    incidents: tuple[IncidentState, ...]
    """The oldest first."""

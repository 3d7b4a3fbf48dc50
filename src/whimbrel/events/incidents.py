"""Events about incidents: alerts of one cause, from the first alert to the end of the last one."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.events.alerts import Alert, AlertClosed, AlertState, AlertUpdated, Severity
from whimbrel.events.base import Body, Level


class _AboutIncident(Body, level=Level.ALERT):
    """The common fields of the three. The access point and the place are those of its worst alert."""

    id: str
    """The id of its first alert."""
    cause: str
    """Name of the most likely cause, from the list in docs/detections.md; empty if there is none."""
    title: str
    """The title."""
    text: str
    """The same in a sentence; where there is one alert, its evidence."""
    meaning: str
    """The meaning, in a few sentences."""
    advice: str
    """Advice, in a few sentences."""
    severity: Severity
    """The severity of the worst alert."""
    confidence: str
    """The confidence of the most certain alert, one step higher if three rules agree."""
    bssid: bytes | None
    """The access point it is about."""
    ssid: bytes
    """The SSID; empty if unknown, or if it is about no network."""
    channel: int
    """Number of the channel; 0 if unknown."""
    freq: int
    """The same in MHz."""
    band: str
    """2.4, 5, 6 or 60 (GHz); empty if unknown."""
    heard_on: tuple[int, ...] = ()
    """MHz of other channels that it was heard on."""
    rssi: int | None
    """dBm of the last frame with a level."""
    rssi_range: tuple[int, int] | None
    """dBm of the weakest and of the strongest frame."""
    first: float
    """Seconds since the epoch of the first frame of the evidence."""
    last: float
    """Seconds since the epoch of the last one."""
    alerts: tuple[str, ...]
    """Ids of its alerts that are remembered, in the order of raising."""
    rules: tuple[str, ...]
    """Names of its detections, each once; the one of the worst alert first."""

    @property
    def urgency(self) -> Level:
        """The level of this incident: that of its severity."""
        return self.severity.level


class IncidentOpened(_AboutIncident, level=Level.ALERT):
    """An incident has begun: published before its first alert. Its level is that of its severity."""


class IncidentChanged(_AboutIncident, level=Level.ALERT):
    """An incident has changed; its level is that of its severity if it became worse or has another cause."""

    news: str
    """worse (its severity), cause (another one is more likely), alert (a further one), or goes on."""

    @property
    def urgency(self) -> Level:
        """The level of the news: alerts have events of their own, and an update is nothing new."""
        return {"alert": Level.INFO, "goes on": Level.DEBUG}.get(self.news, self.severity.level)


class IncidentClosed(_AboutIncident, level=Level.NOTICE):
    """The last alert of an incident has ended, or was quiet for its time where it has no duration."""

    @property
    def urgency(self) -> Level:
        """The end of something is never urgent."""
        return max(Level.NOTICE, self.severity.level)


COURSE: tuple[type[Body], ...] = (Alert, AlertUpdated, AlertClosed, IncidentOpened, IncidentChanged, IncidentClosed)
"""What becomes of alerts and incidents, from their beginning to their end."""


class IncidentState(NamedTuple):
    """One incident that is remembered."""

    incident: IncidentOpened
    """Its present state."""
    open: bool
    """Whether it is open."""


class AlertsStanding(Body, level=Level.DEBUG, bulky=True):
    """All alerts and incidents that are remembered; sent at the start of the watcher, and as the answer to
    `ReportAlerts`."""

    alerts: tuple[AlertState, ...]
    """The oldest first."""
    incidents: tuple[IncidentState, ...]
    """The oldest first."""

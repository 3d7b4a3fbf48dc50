"""The incidents and alerts that the screens list: events in, rows out, bounded. Pure."""

from __future__ import annotations

from whimbrel.events.alerts import Alert, AlertAcknowledged, AlertClosed, AlertUpdated, Severity
from whimbrel.events.base import Event, Level
from whimbrel.events.encode import kind_of
from whimbrel.events.incidents import COURSE, AlertsStanding, IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.events.interest import level_of_body
from whimbrel.screens.alert_rows import AlertLine
from whimbrel.text import mac, ssid
from whimbrel.wording.sentences import sentence

ROWS = 128
"""Rows that can be read again: as many as the watcher remembers alerts."""

_MADE_UP = "made up"


class AlertBoard:
    """Keeps a row for each incident, with its alerts, and for each alert without one; reports those new enough to
    interrupt."""

    KINDS: tuple[type, ...] = (*COURSE, AlertAcknowledged, AlertsStanding)
    """The events that it needs, besides those that interrupt by their level."""

    def __init__(self) -> None:
        self._rows: dict[str, AlertLine] = {}  # by id, in the order of raising

    @property
    def rows(self) -> tuple[AlertLine, ...]:
        """The rows, the newest first; weaknesses, of which there may be many, behind all others."""
        newest = list(reversed(self._rows.values()))
        weak = [row for row in newest if row.severity is Severity.WEAKNESS]
        return (*(row for row in newest if row.severity is not Severity.WEAKNESS), *weak)

    def take(self, event: Event) -> AlertLine | None:
        """Process an event; return the row of an alert that is new or has become worse."""
        body = event.body
        if isinstance(body, AlertsStanding):
            self._know(body)
            return None
        if isinstance(body, AlertAcknowledged):
            self.acknowledge(body.id, body.incident)
            return None
        if isinstance(body, (IncidentOpened, IncidentChanged, IncidentClosed)):
            return self._take_incident(body)
        if isinstance(body, (Alert, AlertUpdated, AlertClosed)):
            if not body.incident:
                return self._take_alert(body)
            self._take_part(body)
            return None
        row = _of_device(event)
        self._rows[row.id] = row
        self._make_room()
        return row

    def acknowledge(self, number: str, incident: str = "") -> None:
        """Mark a row as seen, or one alert of an incident."""
        row = self._rows.get(incident or number)
        if row is None:
            return
        if incident:
            parts = tuple(part._replace(acknowledged=part.acknowledged or part.id == number) for part in row.parts)
            self._rows[row.id] = _with(row, parts)
        else:
            self._rows[row.id] = row._replace(acknowledged=True)

    def _know(self, body: AlertsStanding) -> None:
        """Forget alerts that the watcher no longer remembers; interrupting ones have a separate event."""
        rows = [row for row in self._rows.values() if row.of_device]
        parts: dict[str, list[AlertLine]] = {}
        for state in body.alerts:
            row = _row(state.alert, going_on=state.open, acknowledged=state.acknowledged)
            (parts.setdefault(state.alert.incident, []) if state.alert.incident else rows).append(row)
        for known in body.incidents:
            row = _incident_row(known.incident, going_on=known.open)
            rows.append(_with(row, tuple(parts.get(row.id, ()))))
        self._rows = {row.id: row for row in sorted(rows, key=lambda row: row.first)}
        self._make_room()

    def _take_incident(self, body: IncidentOpened | IncidentChanged | IncidentClosed) -> AlertLine | None:
        before = self._rows.get(body.id)
        if isinstance(body, IncidentOpened):
            # An id may come back after a restart of the watcher.
            self._rows.pop(body.id, None)
            before = None
        parts = () if before is None else tuple(part for part in before.parts if part.id in body.alerts)
        row = _incident_row(body, going_on=not isinstance(body, IncidentClosed))
        news = before is None or row.severity.rank > before.severity.rank
        if isinstance(body, IncidentChanged) and before is not None and before.acknowledged:
            news = news or body.news != "goes on"
        row = row._replace(parts=parts, acknowledged=before is not None and before.acknowledged and not news)
        self._rows[body.id] = row
        self._make_room()
        return row if news and not isinstance(body, IncidentClosed) else None

    def _take_part(self, body: Alert | AlertUpdated | AlertClosed) -> None:
        incident = self._rows.get(body.incident)
        if incident is None:
            return
        before = next((part for part in incident.parts if part.id == body.id), None)
        parts = [part for part in incident.parts if part.id != body.id]
        if not (isinstance(body, AlertClosed) and body.reason == _MADE_UP):
            parts.append(_changed(before, body))
        self._rows[incident.id] = _with(incident, tuple(sorted(parts, key=lambda part: part.first)))
        if not parts:
            del self._rows[incident.id]

    def _take_alert(self, body: Alert | AlertUpdated | AlertClosed) -> AlertLine | None:
        if isinstance(body, Alert):
            # An id may come back after a restart of the watcher.
            self._rows.pop(body.id, None)
        before = self._rows.get(body.id)
        if isinstance(body, AlertClosed) and body.reason == _MADE_UP:
            self._rows.pop(body.id, None)
            return None
        row = self._rows[body.id] = _changed(before, body)
        self._make_room()
        worse = before is None or row.severity.rank > before.severity.rank
        return row if worse and not isinstance(body, AlertClosed) else None

    def _make_room(self) -> None:
        """Forget the oldest of the least important alerts, closed ones before open ones."""
        while len(self._rows) > ROWS:
            least = min(self._rows.values(), key=lambda row: (row.open, row.severity.rank))
            del self._rows[least.id]


def _changed(before: AlertLine | None, body: Alert | AlertUpdated | AlertClosed) -> AlertLine:
    """Return the row of an alert; an acknowledged one stays so unless it has become worse."""
    worse = before is None or body.severity.rank > before.severity.rank
    seen = before is not None and before.acknowledged and not worse
    return _row(body, going_on=body.lasting and not isinstance(body, AlertClosed), acknowledged=seen)


def _with(row: AlertLine, parts: tuple[AlertLine, ...]) -> AlertLine:
    """Return the row of an incident with its alerts: it is acknowledged if all of them are."""
    one = parts[0] if len(parts) == 1 else None
    return row._replace(
        parts=parts,
        acknowledged=bool(parts) and all(part.acknowledged for part in parts),
        times=0 if one is None else one.times,
        threshold="" if one is None else one.threshold,
    )


def _incident_row(incident: IncidentOpened | IncidentChanged | IncidentClosed, going_on: bool) -> AlertLine:
    return AlertLine(
        id=incident.id,
        severity=incident.severity,
        title=incident.title,
        text=incident.text,
        first=incident.first,
        last=incident.last,
        open=going_on,
        rule=incident.rules[0],
        confidence=incident.confidence,
        network=ssid(incident.ssid),
        bssid=mac(incident.bssid) if incident.bssid else "",
        channel=incident.channel,
        freq=incident.freq,
        rssi=incident.rssi,
        rssi_range=incident.rssi_range,
        heard_on=incident.heard_on,
        meaning=incident.meaning,
        advice=incident.advice,
    )


def _row(
    alert: Alert | AlertUpdated | AlertClosed, going_on: bool, acknowledged: bool
) -> AlertLine:  # the fields of AlertState
    return AlertLine(
        id=alert.id,
        severity=alert.severity,
        title=alert.title,
        text=alert.text,
        first=alert.first,
        last=alert.last,
        open=going_on,
        acknowledged=acknowledged,
        rule=alert.rule,
        confidence=alert.confidence,
        network=ssid(alert.ssid),
        bssid=mac(alert.bssid) if alert.bssid else "",
        channel=alert.channel,
        freq=alert.freq,
        rssi=alert.rssi,
        rssi_range=alert.rssi_range,
        heard_on=alert.heard_on,
        times=alert.count,
        threshold=alert.threshold,
        meaning=alert.meaning,
        advice=alert.advice,
    )


def _of_device(event: Event) -> AlertLine:
    """Return the row of an event of the device: the radio that is blind."""
    urgent = level_of_body(event.body) <= Level.ALERT
    return AlertLine(
        id=f"event {event.seq}",
        severity=Severity.CRITICAL if urgent else Severity.WARNING,
        title=kind_of(event.body).replace("-", " "),
        text=sentence(event.body),
        first=event.time,
        last=event.time,
    )

"""The alerts that the screens list: events in, rows out, bounded. Pure."""

from __future__ import annotations

from whimbrel.events.alerts import (
    Alert,
    AlertAcknowledged,
    AlertClosed,
    AlertsStanding,
    AlertUpdated,
    Severity,
)
from whimbrel.events.base import Event, Level
from whimbrel.events.encode import kind_of
from whimbrel.events.interest import level_of_body
from whimbrel.screens.alert_rows import AlertRow
from whimbrel.text import mac, ssid
from whimbrel.wording.sentences import sentence

ROWS = 128
"""Alerts that can be read again: as many as the watcher remembers."""


class AlertBoard:
    """Keeps the rows, and tells what is so new that it may break in."""

    KINDS: tuple[type, ...] = (Alert, AlertUpdated, AlertClosed, AlertAcknowledged, AlertsStanding)
    """What it has to hear, beside the events that break in by their level."""

    def __init__(self) -> None:
        self._rows: dict[str, AlertRow] = {}  # by id, in the order of raising

    @property
    def rows(self) -> tuple[AlertRow, ...]:
        """The rows, the newest first; weaknesses, of which there may be many, behind all others."""
        newest = list(reversed(self._rows.values()))
        weak = [row for row in newest if row.severity is Severity.WEAKNESS]
        return (*(row for row in newest if row.severity is not Severity.WEAKNESS), *weak)

    def take(self, event: Event) -> AlertRow | None:
        """Take in an event; return the row of one that is new, or worse than it was."""
        body = event.body
        if isinstance(body, AlertsStanding):
            self._know(body)
            return None
        if isinstance(body, AlertAcknowledged):
            self.acknowledge(body.id)
            return None
        if isinstance(body, (Alert, AlertUpdated, AlertClosed)):
            return self._take_alert(body)
        row = _of_device(event)
        self._rows[row.id] = row
        self._make_room()
        return row

    def acknowledge(self, number: str) -> None:
        """Mark a row as seen."""
        if number in self._rows:
            self._rows[number] = self._rows[number]._replace(acknowledged=True)

    def _know(self, body: AlertsStanding) -> None:
        """Forget what is not remembered where alerts are raised; what breaks in was told by an event of its own."""
        rows = [row for row in self._rows.values() if row.of_device]
        rows += [_row(state.alert, going_on=state.open, acknowledged=state.acknowledged) for state in body.alerts]
        self._rows = {row.id: row for row in sorted(rows, key=lambda row: row.first)}
        self._make_room()

    def _take_alert(self, body: Alert | AlertUpdated | AlertClosed) -> AlertRow | None:
        before = self._rows.get(body.id)
        if isinstance(body, Alert):
            # An id comes back where the watcher was started anew.
            self._rows.pop(body.id, None)
            before = None
        worse = before is None or body.severity.rank > before.severity.rank
        seen = before is not None and before.acknowledged and not worse
        row = _row(body, going_on=body.lasting and not isinstance(body, AlertClosed), acknowledged=seen)
        self._rows[body.id] = row
        self._make_room()
        return row if worse and not isinstance(body, AlertClosed) else None

    def _make_room(self) -> None:
        """Forget the oldest of what matters least: what is over before what goes on."""
        while len(self._rows) > ROWS:
            least = min(self._rows.values(), key=lambda row: (row.open, row.severity.rank))
            del self._rows[least.id]


def _row(
    alert: Alert | AlertUpdated | AlertClosed, going_on: bool, acknowledged: bool
) -> AlertRow:  # the fields of AlertState
    return AlertRow(
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


def _of_device(event: Event) -> AlertRow:
    """Return the row of an event of the device: the radio that is blind."""
    urgent = level_of_body(event.body) <= Level.ALERT
    return AlertRow(
        id=f"event {event.seq}",
        severity=Severity.CRITICAL if urgent else Severity.WARNING,
        title=kind_of(event.body).replace("-", " "),
        text=sentence(event.body),
        first=event.time,
        last=event.time,
    )

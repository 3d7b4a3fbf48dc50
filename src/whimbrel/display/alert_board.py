"""The alerts that the screens list: events in, rows out, bounded. Pure.

A row is what `whimbrel.screens.alert_pages` shows: id, severity, title, text, time (of its beginning), acknowledged,
open; of what a detection raised also last, rule, confidence, ssid, bssid, channel, rssi_range, count, threshold and
advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from whimbrel.events.alerts import Alert, AlertAcknowledged, AlertClosed, AlertUpdated, Severity
from whimbrel.events.base import Event, Level
from whimbrel.events.encode import encode_body, kind_of
from whimbrel.events.interest import level_of_body
from whimbrel.wording.sentences import sentence

ROWS = 128
"""Alerts that can be read again: as many as the watcher remembers."""
_RANKS = {severity.value: severity.rank for severity in Severity}
_FIELDS = (
    "id", "severity", "title", "text", "last", "rule", "confidence", "ssid", "bssid", "channel", "freq", "rssi_range",
    "count", "threshold",
)  # fmt: skip

Row = dict[str, Any]


class AlertBoard:
    """Keeps the rows, and tells what is so new that it may break in."""

    KINDS: tuple[type, ...] = (Alert, AlertUpdated, AlertClosed, AlertAcknowledged)
    """What it has to hear, beside the events that break in by their level."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}  # by id, in the order of raising

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows, the newest first; weaknesses, of which there may be many, behind all others."""
        newest = list(reversed(self._rows.values()))
        weak = [row for row in newest if row["severity"] == Severity.WEAKNESS]
        return (*(row for row in newest if row["severity"] != Severity.WEAKNESS), *weak)

    def know(self, alerts: Iterable[Mapping[str, Any]]) -> None:
        """Take in what the verb ``alerts`` answers: all that detections raised and that is remembered."""
        own = [row for row in self._rows.values() if row["rule"] == ""]
        raised = [
            _row(alert) | {
                "advice": alert["advice"], "acknowledged": alert["acknowledged"], "open": alert["state"] == "open",
            }
            for alert in alerts
        ]  # fmt: skip
        self._rows = {row["id"]: row for row in sorted((*own, *reversed(raised)), key=lambda row: row["time"])}
        self._make_room()

    def take(self, event: Event) -> Row | None:
        """Take in an event; return the row of one that is new, or worse than it was."""
        body = event.body
        if isinstance(body, AlertAcknowledged):
            self.acknowledge(body.id)
            return None
        if isinstance(body, (Alert, AlertUpdated, AlertClosed)):
            return self._take_alert(body)
        row = _own(event)
        self._rows[row["id"]] = row
        self._make_room()
        return row

    def acknowledge(self, number: str) -> None:
        """Mark a row as seen."""
        if number in self._rows:
            self._rows[number] |= {"acknowledged": True}

    def is_own(self, number: str) -> bool:
        """Tell whether that row is of an event of the device, which no detection raised."""
        return number in self._rows and self._rows[number]["rule"] == ""

    def _take_alert(self, body: Alert | AlertUpdated | AlertClosed) -> Row | None:
        before = self._rows.get(body.id)
        if isinstance(body, Alert):
            # An id comes back where the watcher was started anew.
            self._rows.pop(body.id, None)
            before = None
        row = _row(encode_body(body))
        advice, once = _known_of(body.rule)
        worse = before is None or _RANKS[row["severity"]] > _RANKS.get(before["severity"], -1)
        row["advice"] = advice
        row["open"] = not isinstance(body, AlertClosed) and not once
        row["acknowledged"] = not worse and before is not None and before["acknowledged"]
        self._rows[body.id] = row
        self._make_room()
        return row if worse and not isinstance(body, AlertClosed) else None

    def _make_room(self) -> None:
        """Forget the oldest of what matters least: what is over before what goes on."""
        while len(self._rows) > ROWS:
            least = min(self._rows.values(), key=lambda row: (row["open"], _RANKS[row["severity"]]))
            del self._rows[least["id"]]


def _row(alert: Mapping[str, Any]) -> Row:
    return {name: alert[name] for name in _FIELDS} | {"time": alert["first"]}


def _own(event: Event) -> Row:
    """Return the row of an event of the device: the radio that is blind."""
    urgent = level_of_body(event.body) <= Level.ALERT
    return {
        "id": f"event {event.seq}",
        "severity": (Severity.CRITICAL if urgent else Severity.WARNING).value,
        "title": kind_of(event.body).replace("-", " "),
        "text": sentence(event.body),
        "time": event.time,
        "rule": "",
        "acknowledged": False,
        "open": True,
    }


def _known_of(rule: str) -> tuple[str, bool]:
    """Return the advice of a rule, and whether its alerts are over as they are raised."""
    from whimbrel.detections.registry import all_detections

    cls = next((cls for cls in all_detections() if cls.rule == rule), None)
    return ("", False) if cls is None else (cls.advice, cls.once)

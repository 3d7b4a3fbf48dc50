"""Events of alerts, as the watcher sends them."""

from __future__ import annotations

from typing import Any

from whimbrel.events.alerts import Alert, AlertAcknowledged, AlertClosed, AlertUpdated, Severity
from whimbrel.events.base import Body, Event

AP = bytes.fromhex("021122334455")


def alert(cls: type[Body], number: str, **more: Any) -> Body:
    values: dict[str, Any] = {
        "id": number, "rule": "some-rule", "family": "disruption", "title": "Something",
        "meaning": "Something is wrong.", "advice": "Do it.", "lasting": True, "severity": Severity.CRITICAL,
        "confidence": "high", "text": "It was seen.", "bssid": AP, "ssid": b"harbour", "sender": None,
        "receiver": None, "channel": 6, "freq": 2437, "band": "2.4", "rssi": -50,
        "rssi_range": (-60, -50), "first": 1000.0,
        "last": 1001.0, "count": 12, "threshold": "10 in 10 s", "frames": 12,
    }  # fmt: skip
    return cls(**values | more)


def raised(number: str, **more: Any) -> Event:
    return Event(1, 1000.0, "watcher", alert(Alert, number, **more))


def updated(number: str, **more: Any) -> Event:
    return Event(2, 1000.0, "watcher", alert(AlertUpdated, number, **more))


def closed(number: str, **more: Any) -> Event:
    return Event(3, 1000.0, "watcher", alert(AlertClosed, number, **more))


def acknowledged(number: str, incident: str = "") -> Event:
    body = AlertAcknowledged(id=number, rule="some-rule", title="Something", incident=incident)
    return Event(4, 1000.0, "watcher", body)


def incident(cls: type[Body], number: str, **more: Any) -> Event:
    values: dict[str, Any] = {
        "id": number, "cause": "cut-off", "title": "Something goes on", "text": "It goes on.", "meaning": "It means.",
        "advice": "Do it.", "severity": Severity.CRITICAL, "confidence": "high", "bssid": AP, "ssid": b"harbour",
        "channel": 6, "freq": 2437, "band": "2.4", "rssi": -50, "rssi_range": (-60, -50), "first": 1000.0,
        "last": 1001.0, "alerts": (number,), "rules": ("some-rule",),
    }  # fmt: skip
    return Event(5, 1000.0, "watcher", cls(**values | more))

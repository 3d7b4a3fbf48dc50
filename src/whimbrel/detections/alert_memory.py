"""Alerts as JSON values that outlast the process, and back; without their frames.

Pure. The file may be damaged in any way, so every value is checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from whimbrel.detections import alert_keys
from whimbrel.detections.alert_keys import Unreadable
from whimbrel.detections.base import Claim
from whimbrel.detections.standing import StandingAlert
from whimbrel.events.alerts import Severity
from whimbrel.geo import Position

if TYPE_CHECKING:
    from whimbrel.detections.base import Detection
    from whimbrel.events.alerts import AlertState

T = TypeVar("T")

_TEXT = 4096
"""Limit of the kept text of an alert, in characters."""
_ADDRESS = 6
_MEASURES = {
    "latitude": (-90.0, 90.0),
    "longitude": (-180.0, 180.0),
    "altitude": (-1e6, 1e6),
    "error": (0.0, 1e8),
    "speed": (0.0, 1e4),
    "time": (0.0, 1e12),
}
_OPTIONAL = ("altitude", "speed")
_CONFIDENCES = ("low", "medium", "high")


def written(standing: StandingAlert) -> dict[str, Any]:
    """Return an alert as JSON values."""
    claim = standing.claim
    return {
        "id": standing.id,
        "rule": standing.detection.rule,
        # A folded alert counts its keys, which are not kept: it is closed, and keeps its last text.
        "key": None if standing.merged else alert_keys.written(standing.key[1]),
        "open": not standing.closed and not standing.merged,
        "severity": standing.severity.value,
        "confidence": standing.claim.confidence,
        "text": (standing.words if standing.merged else claim.text)[:_TEXT],
        "bssid": None if claim.bssid is None else claim.bssid.hex(),
        "ssid": claim.ssid.hex(),
        "sender": None if claim.sender is None else claim.sender.hex(),
        "receiver": None if claim.receiver is None else claim.receiver.hex(),
        "seen": standing.seen,
        "threshold": claim.threshold,
        "first": standing.first,
        "last": standing.last,
        "freq": standing.freq,
        "freqs": list(standing.freqs),
        "home": standing.home,
        "rssi": None if standing.rssi is None else [standing.rssi, standing.rssi_low, standing.rssi_high],
        "again": standing.again,
        "incident": standing.incident,
        "position": None if standing.position is None else standing.position.as_dict(),
    }


def row_of(state: AlertState) -> dict[str, Any]:
    """Return an alert kept by a listener in the form of `written`. Raises `Unreadable`."""
    alert = state.alert
    try:
        key = json.loads(alert.key) if alert.key else None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"key: {error}") from error
    return {
        "id": alert.id,
        "rule": alert.rule,
        "key": key,
        "open": state.open,
        "severity": alert.severity.value,
        "confidence": alert.confidence,
        "text": alert.text[:_TEXT],
        "bssid": None if alert.bssid is None else alert.bssid.hex(),
        "ssid": alert.ssid.hex(),
        "sender": None if alert.sender is None else alert.sender.hex(),
        "receiver": None if alert.receiver is None else alert.receiver.hex(),
        "seen": alert.count,
        "threshold": alert.threshold,
        "first": alert.first,
        "last": alert.last,
        "freq": alert.freq,
        "freqs": [*alert.heard_on, *([alert.freq] if alert.freq else [])],
        "home": alert.freq if alert.bssid is not None and alert.heard_on else 0,
        "rssi": None if alert.rssi is None or alert.rssi_range is None else [alert.rssi, *alert.rssi_range],
        "again": alert.again,
        "incident": alert.incident,
        "position": None if alert.position is None else alert.position.as_dict(),
    }


def restored(rows: object, find: Callable[[str], Detection[Any] | None]) -> Iterator[StandingAlert]:
    """Yield the alerts of `rows`, in the form of `written`, oldest first, without those of rules unknown to `find`.

    Raises `Unreadable`.
    """
    if not isinstance(rows, list):
        raise Unreadable("alerts: expected a list")
    for row in rows:
        if not isinstance(row, dict):
            raise Unreadable("alerts: expected objects")
        detection = find(_get(row, "rule", str))
        if detection is not None:
            yield _standing(row, detection)


def _standing(row: Mapping[str, Any], detection: Detection[Any]) -> StandingAlert:
    number = _get(row, "id", str)
    if not _is_number(number):
        raise Unreadable(f"id: expected a number, found {number!r}")
    try:
        severity = Severity(_get(row, "severity", str))
    except ValueError as error:
        raise Unreadable(str(error)) from error
    confidence = _get(row, "confidence", str)
    if confidence not in _CONFIDENCES:
        raise Unreadable(f"confidence: {confidence!r}")
    key = row.get("key")
    known = key is not None
    claim = Claim(
        alert_keys.read(key) if known else ("restored", number),
        _get(row, "text", str),
        bssid=_octets(row, "bssid"),
        ssid=_octets(row, "ssid") or b"",
        sender=_octets(row, "sender"),
        receiver=_octets(row, "receiver"),
        seen=_get(row, "seen", int),
        threshold=_get(row, "threshold", str),
        confidence=confidence,
    )
    standing = StandingAlert(int(number), (detection.rule, claim.key), detection, claim, severity)
    standing.first, standing.last = _time(row, "first"), _time(row, "last")
    standing.last_at = standing.last_update = float("inf")  # set to the air's clock as soon as it runs
    standing.freq = _get(row, "freq", int)
    standing.freqs = dict.fromkeys(_numbers(row["freqs"]) if "freqs" in row else ())
    standing.be_at(_get(row, "home", int))
    if row.get("rssi") is not None:
        standing.rssi, standing.rssi_low, standing.rssi_high = _levels(row["rssi"])
    standing.again = _get(row, "again", int)
    if row.get("position") is not None:
        standing.position = _position(row["position"])
    if row.get("incident") is not None:
        standing.incident = _get(row, "incident", str)
        if standing.incident and not _is_number(standing.incident):
            raise Unreadable(f"incident: expected a number, found {standing.incident!r}")
    standing.closed = not (_get(row, "open", bool) and known)
    return standing


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _get(row: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = row.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Unreadable(f"{name}: expected {kind.__name__}, found {type(value).__name__}")
    return value


def _time(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e12:
        raise Unreadable(f"{name}: expected seconds since the epoch")
    return float(value)


def _octets(row: Mapping[str, Any], name: str) -> bytes | None:
    value = row.get(name)
    if value is None:
        return None
    octets = alert_keys.octets(value)
    if name != "ssid" and len(octets) != _ADDRESS:
        raise Unreadable(f"{name}: expected an address")
    return octets


def _numbers(value: object) -> list[int]:
    if not isinstance(value, list) or any(type(number) is not int for number in value):
        raise Unreadable("expected whole numbers")
    return value


def _levels(value: object) -> tuple[int, int, int]:
    levels = _numbers(value)
    if len(levels) != len(("last", "low", "high")):
        raise Unreadable("rssi: expected three whole numbers")
    last, low, high = levels
    return last, low, high


def _position(value: object) -> Position:
    if not isinstance(value, dict):
        raise Unreadable("position: expected an object")
    told = {name: bounds for name, bounds in _MEASURES.items() if name not in _OPTIONAL or value.get(name) is not None}
    return Position(**{name: _measure(value, name, *bounds) for name, bounds in told.items()})


def _measure(row: Mapping[str, Any], name: str, low: float, high: float) -> float:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise Unreadable(f"{name}: expected a number from {low:g} to {high:g}")
    return float(value)

"""Alerts of any detector, and the documented form of them: one JSON object a line (README.md)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

SEVERITIES = ("weakness", "info", "notice", "warning", "critical")
LOUD = frozenset({"warning", "critical"})


class DetectorAlert(NamedTuple):
    """One alert. Times are epoch seconds; addresses are written in small letters with colons."""

    time: float
    kind: str
    """The detector's own name of it."""
    addresses: frozenset[str] = frozenset()
    """Everything that it names; none where it is about no address."""
    severity: str = "warning"
    until: float = 0.0
    """When it was last confirmed; at least `time`."""


class AlertsUnreadable(ValueError):
    """A line is no alert; the message says which, and why."""


def read_lines(lines: Iterable[str], name: str = "alerts") -> list[DetectorAlert]:
    """Read lines in the documented form; empty ones are skipped.

    Raises `AlertsUnreadable`.
    """
    return [_read(line, f"{name}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _read(line: str, where: str) -> DetectorAlert:
    try:
        told = json.loads(line)
    except ValueError as error:
        raise AlertsUnreadable(
            f"{where}: no JSON ({error}); each line is one object with time, kind, address"
        ) from error
    except RecursionError as error:
        raise AlertsUnreadable(f"{where}: JSON nested too deep for an alert") from error
    if not isinstance(told, dict):
        raise AlertsUnreadable(f"{where}: {line.strip()[:40]!r} is no object with time, kind, address")
    time = _number(told.get("time"), where, "time")
    kind = told.get("kind")
    if not isinstance(kind, str) or not kind:
        raise AlertsUnreadable(f"{where}: kind is to be the detector's name of the alert, not {kind!r}")
    severity = told.get("severity", "warning")
    if severity not in SEVERITIES:
        raise AlertsUnreadable(f"{where}: severity is one of {', '.join(SEVERITIES)}, not {severity!r}")
    until = _number(told.get("until", time), where, "until")
    return DetectorAlert(time, kind, addresses_in(told.get("address")), severity, max(time, until))


def _number(value: Any, where: str, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AlertsUnreadable(f"{where}: {name} is to be a number of epoch seconds, not {value!r}")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise AlertsUnreadable(f"{where}: {name} is to be a finite number of epoch seconds")
    return seconds


def addresses_in(value: Any) -> frozenset[str]:
    """Return the addresses of a text or a list of texts; anything else, and the zero address, is none."""
    listed = value if isinstance(value, list | tuple) else [value]
    texts = (text.strip().lower().replace("-", ":") for text in listed if isinstance(text, str))
    return frozenset(text for text in texts if text and text != "00:00:00:00:00:00")


def write_line(alert: DetectorAlert) -> str:
    """Return the alert in the documented form."""
    told = {
        "time": alert.time,
        "until": alert.until,
        "kind": alert.kind,
        "address": sorted(alert.addresses),
        "severity": alert.severity,
    }
    return json.dumps(told)

"""Kismet's alerts: ``/alerts/all_alerts.json``, or one a line, as in the column json of a kismetdb's table alerts.

Field names and severities as in Kismet's ``alertracker.h``.
"""

from __future__ import annotations

import json
from typing import Any

from tools.wids_benchmark.scoring.alerts import AlertsUnreadable, DetectorAlert, addresses_in

_LEVELS = ((15, "critical"), (10, "warning"), (5, "notice"), (0, "info"))
"""Kismet's severities: 0 info, 5 low, 10 medium, 15 high, 20 critical."""
_ADDRESSES = ("transmitter_mac", "source_mac", "dest_mac", "other_mac")


def read(text: str) -> list[DetectorAlert]:
    """Read a JSON list of alerts, or one alert a line; alerts of Kismet about itself (class SYSTEM) are left out.

    Raises `AlertsUnreadable`.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = [_line(line, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    rows = told if isinstance(told, list) else [told]
    return [_alert(row) for row in rows if not (isinstance(row, dict) and _of(row, "class") == "SYSTEM")]


def _line(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise AlertsUnreadable(f"line {number} of Kismet's alerts is no JSON: {error}") from error


def _of(row: dict[str, Any], name: str) -> Any:
    """Return a field: Kismet writes dots, and underscores in its web page's own form."""
    return row.get(f"kismet.alert.{name}", row.get(f"kismet_alert_{name}"))


def _alert(row: Any) -> DetectorAlert:
    if not isinstance(row, dict):
        raise AlertsUnreadable(f"{str(row)[:40]!r} is no alert of Kismet's")
    header, time, severity = _of(row, "header"), _of(row, "timestamp"), _of(row, "severity")
    if not isinstance(header, str) or not isinstance(time, int | float) or isinstance(time, bool):
        raise AlertsUnreadable(f"an alert without kismet.alert.header and kismet.alert.timestamp: {str(row)[:80]}")
    level = severity if isinstance(severity, int | float) else 10
    named = next((name for bound, name in _LEVELS if level >= bound), "info")
    return DetectorAlert(float(time), header, addresses_in([_of(row, name) for name in _ADDRESSES]), named, float(time))

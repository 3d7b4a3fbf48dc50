"""Whimbrel as a detector: its command, and the JSON of ``whimbrel replay --json``."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.wids_benchmark.scoring.alerts import LOUD, AlertsUnreadable, DetectorAlert, addresses_in
from tools.wids_benchmark.truth import Site

_SECURITY = {
    "open": ("open", None),
    "wpa2": ("WPA2-Personal", "none"),
    "wpa3": ("WPA3-Personal", "required"),
}
"""Whimbrel's names of a protection and of the least protection of management frames."""


def read(text: str) -> list[list[DetectorAlert]]:
    """Read what ``replay --json`` printed: the alerts of each capture.

    Raises `AlertsUnreadable`.
    """
    try:
        captures = json.loads(text)["captures"]
        return [_alerts(capture) for capture in captures]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AlertsUnreadable(f"not the output of `whimbrel replay --json`: {error!r}") from error


def _alerts(capture: Mapping[str, Any]) -> list[DetectorAlert]:
    told = capture.get("told", {})
    return [_alert(row, told.get(row.get("id"), {})) for row in capture.get("alerts", [])]


def _alert(row: Mapping[str, Any], told: Mapping[str, float]) -> DetectorAlert:
    """Return an alert with the time at which it was told as loudly as it is; without one, that of its first frame."""
    addresses = addresses_in([row.get("bssid"), row.get("sender"), row.get("receiver")])
    severity = str(row["severity"])
    loud = [float(time) for level, time in told.items() if level in LOUD or severity not in LOUD]
    time = min(loud, default=float(row["first"]))
    return DetectorAlert(time, str(row["rule"]), addresses, severity, max(time, float(row["last"])))


def settings(site: Site) -> str:
    """Return a settings file that guards the owner's network (JSON, which is YAML too)."""
    network: dict[str, Any] = {"ssid": site.ssid, "bssids": list(site.bssids), "channels": list(site.channels)}
    if site.stations:
        network["stations"] = list(site.stations)
    security, pmf = _SECURITY.get(site.protection, (None, None))
    if security is not None:
        network["security"] = [security]
    if pmf is not None:
        network["pmf"] = pmf
    return json.dumps({"modules": {"watcher": {"guarded": [network]}}}, indent=1)


def listen(
    command: Sequence[str], captures: Sequence[Path], site: Site | None, scratch: Path
) -> list[list[DetectorAlert]]:
    """Have Whimbrel read the captures; return the alerts of each.

    Raises `AlertsUnreadable`, with what the command said, if it failed.
    """
    chosen: list[str] = []
    if site is not None:
        file = scratch / "guarded.yaml"
        file.write_text(settings(site), encoding="utf-8")
        chosen = ["--config", str(file)]
    done = subprocess.run(
        [*command, "replay", "--json", *chosen, *map(str, captures)], capture_output=True, text=True, check=False
    )
    try:
        read_back = read(done.stdout)
    except AlertsUnreadable as error:
        raise AlertsUnreadable(f"{error}; it ended with {done.returncode}: {done.stderr[-500:]}") from error
    if len(read_back) != len(captures):
        raise AlertsUnreadable(f"{len(read_back)} results for {len(captures)} captures: {done.stderr[-500:]}")
    return read_back

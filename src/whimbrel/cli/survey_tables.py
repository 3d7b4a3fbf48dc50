"""What is in the air as tables: for ``survey`` of a running daemon and for ``replay`` of a capture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from whimbrel.text import harmless
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.tables import Column, layout

_ACCESS_POINTS = (
    Column("BSSID"), Column("SSID", least=12), Column("CH", right=True), Column("SECURITY", least=8), Column("PMF"),
    Column("WPS"), Column("VENDOR", least=8), Column("dBm", right=True), Column("BEACONS", right=True),
    Column("STATIONS", right=True),
)  # fmt: skip
_STATIONS = (
    Column("STATION"), Column("VENDOR", least=8), Column("BSSID"), Column("dBm", right=True),
    Column("FRAMES", right=True), Column("ASKS FOR", least=12),
)  # fmt: skip


def show_survey(answer: Mapping[str, Any], width: int = 0) -> list[str]:
    """Return the lines for an answer of the verb ``survey``."""
    lines = [
        *access_points(rows(answer.get("access_points")), width),
        "",
        *stations(rows(answer.get("stations")), width),
    ]
    totals = answer.get("totals")
    if isinstance(totals, dict):
        lines += ["", ", ".join(f"{harmless(str(name))} {number}" for name, number in totals.items())]
    return lines


def access_points(found: Sequence[Mapping[str, Any]], width: int = 0) -> list[str]:
    """Return a table of access points, the strongest first, from rows of the survey."""
    if not found:
        return ["no access point"]
    return layout(_ACCESS_POINTS, (_access_point(row) for row in _strongest_first(found)), width)


def stations(found: Sequence[Mapping[str, Any]], width: int = 0) -> list[str]:
    """Return a table of stations, the strongest first, from rows of the survey."""
    if not found:
        return ["no station"]
    return layout(_STATIONS, (_station(row) for row in _strongest_first(found)), width)


def rows(value: object) -> list[dict[str, Any]]:
    """Return the objects of a JSON list; nothing for what is none."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def channel_of(row: Mapping[str, Any]) -> str:
    """Return the channel that a row is about, with its band where the number alone says too little; empty for none."""
    numbers = [row.get("freq"), row.get("channel")]
    return channel_label(*(number if isinstance(number, int) else 0 for number in numbers))


def _access_point(row: Mapping[str, Any]) -> tuple[str, ...]:
    name = _text(row, "ssid")
    shown = name or "<hidden>"
    if name and row.get("hidden"):
        shown += " (hidden)"
    return (
        _text(row, "bssid"), shown, channel_of(row) or "-", _text(row, "security"), _text(row, "pmf"),
        "yes" if row.get("wps") else "no", _text(row, "vendor"), _dbm(row), str(row.get("beacons", "")),
        str(row.get("stations", "")),
    )  # fmt: skip


def _station(row: Mapping[str, Any]) -> tuple[str, ...]:
    vendor = _text(row, "vendor") or ("random address" if row.get("randomised") else "")
    probed = row.get("probed")
    names = ", ".join(f'"{harmless(str(name))}"' for name in probed) if isinstance(probed, list) else ""
    return (
        _text(row, "station"), vendor, _text(row, "bssid") if row.get("bssid") else "-", _dbm(row),
        str(row.get("frames", "")), names,
    )  # fmt: skip


def _text(row: Mapping[str, Any], name: str) -> str:
    # The survey has escaped names; what else may answer on a socket has not.
    return harmless(str(row.get(name, "")))


def _rssi(row: Mapping[str, Any]) -> int | None:
    signal = row.get("rssi")
    best = signal.get("max") if isinstance(signal, dict) else signal
    return best if isinstance(best, int) else None


def _dbm(row: Mapping[str, Any]) -> str:
    best = _rssi(row)
    return "-" if best is None else str(best)


def _strongest_first(found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    def order(row: Mapping[str, Any]) -> tuple[int, str]:
        best = _rssi(row)
        return (1000 if best is None else -best, str(row.get("bssid", row.get("station"))))

    return sorted(found, key=order)

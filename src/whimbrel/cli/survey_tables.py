"""What is in the air as tables: for ``survey`` of a running daemon and for ``replay`` of a capture."""

from __future__ import annotations

from collections.abc import Sequence

from whimbrel.rows import AccessPointRow, SignalRow, StationRow
from whimbrel.text import harmless, mac, ssid
from whimbrel.verbs.air import Survey
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.phrases import network_shown
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


def show_survey(answer: Survey, width: int = 0) -> list[str]:
    """Return the lines for an answer of the verb ``survey``."""
    totals = ", ".join(f"{name} {number}" for name, number in answer.totals.as_dict().items())
    made_up = answer.totals.made_up
    more = [f"and {made_up} that are made up: `whimbrel alerts` tells of the flood"] if made_up else []
    return [*access_points(answer.access_points, width), *more, "", *stations(answer.stations, width), "", totals]


def access_points(found: Sequence[AccessPointRow], width: int = 0) -> list[str]:
    """Return a table of access points, the strongest first, from rows of the survey."""
    if not found:
        return ["no access point"]
    return layout(
        _ACCESS_POINTS, map(_access_point, sorted(found, key=lambda row: _strength(row.rssi, row.bssid))), width
    )


def stations(found: Sequence[StationRow], width: int = 0) -> list[str]:
    """Return a table of stations, the strongest first, from rows of the survey."""
    if not found:
        return ["no station"]
    strongest = sorted(found, key=lambda row: _strength(row.rssi, row.station))
    return layout(_STATIONS, map(_station, strongest), width)


def _access_point(row: AccessPointRow) -> tuple[str, ...]:
    shown = network_shown(row.ssid, row.mesh_id)
    if row.ssid and row.hidden:
        shown += " (hidden)"
    channel = channel_label(row.freq, row.channel) or "-"
    return (
        mac(row.bssid), shown, channel, str(row.security), str(row.pmf), "yes" if row.wps else "no",
        harmless(row.vendor), _dbm(row.rssi), str(row.beacons), str(row.stations),
    )  # fmt: skip


def _station(row: StationRow) -> tuple[str, ...]:
    vendor = harmless(row.vendor) or ("random address" if row.randomised else "")
    names = ", ".join(f'"{ssid(name)}"' for name in row.probed)
    return mac(row.station), vendor, mac(row.bssid), _dbm(row.rssi), str(row.frames), names


def _dbm(signal: SignalRow) -> str:
    return "-" if signal.max is None else str(signal.max)


def _strength(signal: SignalRow, address: bytes) -> tuple[int, bytes]:
    return (1000 if signal.max is None else -signal.max, address)

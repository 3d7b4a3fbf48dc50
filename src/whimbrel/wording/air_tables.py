"""Access points and stations as tables: of a running daemon, of a capture, beside a panel. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from whimbrel.rows import AccessPointRow, SignalRow, StationRow, Totals
from whimbrel.text import harmless, mac, ssid
from whimbrel.wifi.channels import channel_label
from whimbrel.wifi.security import Protection
from whimbrel.wording.phrases import network_shown
from whimbrel.wording.styles import PLAIN, Look, Style
from whimbrel.wording.tables import Cell, Column, Span, layout

ACCESS_POINTS = (
    Column("BSSID"), Column("SSID", least=20), Column("CH", right=True),
    Column("SECURITY", leaves=7), Column("PMF", leaves=4), Column("WPS", leaves=3),
    Column("VENDOR", least=8, leaves=1), Column("dBm", right=True, leaves=6), Column("BEACONS", right=True, leaves=2),
    Column("STATIONS", right=True, leaves=5),
)  # fmt: skip
STATIONS = (
    Column("STATION"), Column("VENDOR", least=8, leaves=1), Column("BSSID", leaves=5),
    Column("dBm", right=True, leaves=4), Column("FRAMES", right=True, leaves=2), Column("ASKS FOR", least=24, leaves=3),
)  # fmt: skip


def access_points(found: Sequence[AccessPointRow], look: Look = PLAIN) -> list[str]:
    """Return a table of access points, from rows of the survey."""
    if not found:
        return ["no access point"]
    rows = by_device(found)
    return layout(ACCESS_POINTS, map(access_point_cells, rows), look.width, coloured=look.coloured)


def by_device(found: Sequence[AccessPointRow]) -> list[AccessPointRow]:
    """Return the rows with the links of each multi-link device (Wi-Fi 7) one after the other, behind the first."""
    links: dict[bytes, list[AccessPointRow]] = {}
    for row in found:
        links.setdefault(row.bssid if row.mld is None else b"mld" + row.mld, []).append(row)
    return [row for rows in links.values() for row in rows]


def stations(found: Sequence[StationRow], look: Look = PLAIN) -> list[str]:
    """Return a table of stations, from rows of the survey."""
    if not found:
        return ["no station"]
    return layout(STATIONS, map(station_cells, found), look.width, coloured=look.coloured)


def access_point_cells(row: AccessPointRow) -> tuple[Cell, ...]:
    """Return a row of `ACCESS_POINTS`."""
    shown = network_shown(row.ssid, row.mesh_id)
    if row.ssid and row.hidden:
        shown += " (hidden)"
    if row.mld is not None:
        shown += f" (link {'?' if row.link is None else row.link} of {mac(row.mld)})"
    channel = channel_label(row.freq, row.channel) or "-"
    return (
        mac(row.bssid), Span(shown, Style.STRONG if row.ssid or row.mesh_id is not None else Style.FAINT), channel,
        Span(str(row.security), _security_style(row.security)), str(row.pmf),
        Span("yes", Style.DOUBTFUL) if row.wps else "no",
        harmless(row.vendor), _dbm(row.rssi), str(row.beacons), str(row.stations),
    )  # fmt: skip


def _security_style(protection: Protection) -> Style:
    if protection.is_open or protection is Protection.WEP:
        return Style.BAD
    if protection & (Protection.WPA3 | Protection.OWE):
        return Style.GOOD
    return Style.DOUBTFUL if protection and not protection & ~Protection.WPA else Style.PLAIN


def station_cells(row: StationRow) -> tuple[str, ...]:
    """Return a row of `STATIONS`."""
    vendor = harmless(row.vendor) or ("random address" if row.randomised else "")
    names = ", ".join(f'"{ssid(name)}"' for name in row.probed)
    return mac(row.station), vendor, mac(row.bssid), _dbm(row.rssi), str(row.frames), names


def totals_told(totals: Totals) -> str:
    """Return the counts since the start; rare ones only if they are not 0."""
    counts = totals.as_dict()
    usual = ("frames", "access_points", "stations")
    names = [*usual, *(name for name, number in counts.items() if number and name not in usual)]
    return ", ".join(f"{name.replace('_', ' ')} {counts[name]}" for name in names)


def _dbm(signal: SignalRow) -> str:
    return "-" if signal.max is None else str(signal.max)

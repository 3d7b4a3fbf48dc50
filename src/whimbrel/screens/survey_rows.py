"""The common part of the survey's screens: names, signals, orders and filters of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from whimbrel.rows import AccessPointRow, ChannelRow, StationRow
from whimbrel.screens.icons import signal_icon
from whimbrel.screens.inks import CRITICAL, LIGHT, STRONG, WARNING, of_strength
from whimbrel.text import mac, ssid
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.security import Protection
from whimbrel.wording.phrases import network_shown

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.listing import RowArea
    from whimbrel.screens.state import ScreenState

Heard = AccessPointRow | StationRow
R = TypeVar("R", AccessPointRow, StationRow)

WEAKEST, STRONGEST = -95, -35
"""dBm at the lower and the upper edge of a drawn signal."""


class Order(NamedTuple, Generic[R]):
    """One way to sort a list."""

    name: str
    """Three letters for the head line."""
    key: Callable[[R], Any]


class Filter(NamedTuple, Generic[R]):
    """One way to leave rows out."""

    title: str
    keeps: Callable[[R], bool]


def access_points(state: ScreenState) -> Sequence[AccessPointRow]:
    """Return the rows of all access points."""
    return state.air.access_points if state.air else ()


def strongest(state: ScreenState, most: int) -> list[AccessPointRow]:
    """Return the rows of the strongest access points, at most so many."""
    return sorted(access_points(state), key=by_signal)[: max(most, 0)]


def stations(state: ScreenState) -> Sequence[StationRow]:
    """Return the rows of all stations."""
    return state.air.stations if state.air else ()


def channels(state: ScreenState) -> Sequence[ChannelRow]:
    """Return the rows of all channels."""
    return state.air.channels if state.air else ()


def access_point(state: ScreenState, bssid: bytes) -> AccessPointRow | None:
    """Return the row of one access point; None if unknown (any more)."""
    return next((row for row in access_points(state) if row.bssid == bssid), None)


def station(state: ScreenState, address: bytes) -> StationRow | None:
    """Return the row of one station; None if unknown (any more)."""
    return next((row for row in stations(state) if row.station == address), None)


def network_name(row: AccessPointRow) -> str:
    """Return an access point's name, or the replacement for a mesh or a hidden one."""
    if row.ssid:
        return ssid(row.ssid)
    return network_shown(row.ssid, row.mesh_id, f"<hidden> {mac(row.bssid)[-5:]}")


def station_name(row: StationRow) -> str:
    """Return the maker of a station and the end of its address; the whole address in short form if the maker is
    unknown."""
    return f"{row.vendor} {mac(row.station)[-5:]}" if row.vendor else short_address(row.station)


def short_address(address: bytes) -> str:
    """Return an address with one colon in the middle, which fits into a line."""
    digits = address.hex()
    return f"{digits[:6]}:{digits[6:]}"


@lru_cache(maxsize=64)
def security_icon(protection: Protection) -> str:
    """Return the icon for the protections of a network: weak if all are weak, strong if all are strong."""
    if protection.is_open:
        return "open"
    if protection in Protection.WEP | Protection.WPA:
        return "weak"
    return "strong" if protection in Protection.WPA3 | Protection.OWE else "locked"


def security_ink(protection: Protection) -> int:
    """Return the ink of that icon."""
    return {"open": CRITICAL, "weak": WARNING, "strong": STRONG}.get(security_icon(protection), LIGHT)


def strength(row: Heard) -> int | None:
    """Return the dBm to show: smoothed, so that a number can be read."""
    return row.rssi.smoothed


def bars(rssi: int | None) -> int:
    """Return how many of four bars a signal has."""
    return 0 if rssi is None else sum(rssi >= limit for limit in (-90, -78, -67, -55))


def draw_signal(canvas: Canvas, line: RowArea, right: int, rssi: int | None) -> int:
    """Draw bars and dBm ending before column `right` of a row; return where they begin."""
    unit = canvas.style.unit
    ink = canvas.tint(line.ink, of_strength(bars(rssi)))
    start = canvas.right(right, line.y + canvas.style.drop, "--" if rssi is None else str(rssi), "small", line.ink)
    start = min(start, right - canvas.face("small").width("-88")) - 9 * unit
    canvas.paste(start, line.y + 2 * unit, signal_icon(bars(rssi), unit), ink)
    return start


def channel_of(row: AccessPointRow) -> Channel:
    """Return where an access point is heard, with its width."""
    width = row.width
    if width not in {40, 80, 160}:
        return Channel(row.freq)
    return Channel(row.freq, width, row.center)


def by_signal(row: Heard) -> tuple[int, bytes]:
    """Sort the strongest first."""
    rssi = strength(row)
    return (1000 if rssi is None else -rssi, row.bssid if isinstance(row, AccessPointRow) else row.station)


def by_age(row: Heard) -> float:
    """Sort the most recently heard first."""
    return -row.last

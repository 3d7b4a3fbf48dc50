"""The list of stations, and one station."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from whimbrel.rows import StationRow
from whimbrel.screens import survey_rows
from whimbrel.screens.listing import Fact, Facts, RowArea, put
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, Push, Screen
from whimbrel.screens.signal_view import SignalView
from whimbrel.screens.sorting import Sorted
from whimbrel.screens.survey_rows import Filter, Order
from whimbrel.text import mac, ssid
from whimbrel.wording.quantities import age, dbm, octets, short_count

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

ORDERS: tuple[Order[StationRow], ...] = (
    Order("sig", survey_rows.by_signal),
    Order("age", survey_rows.by_age),
    Order("name", lambda row: (not row.vendor, row.vendor.casefold(), row.station)),
    Order("data", lambda row: -row.data_octets),
)
FILTERS: tuple[Filter[StationRow], ...] = (
    Filter("stations", lambda _row: True),
    Filter("joined", lambda row: row.bssid is not None),
    Filter("asking", lambda row: bool(row.probed)),
)


class StationList(Sorted[StationRow]):
    """Every station, or those that `keep` keeps."""

    empty = "none heard yet"

    def __init__(self, keep: Callable[[StationRow], bool] | None = None) -> None:
        super().__init__(ORDERS, FILTERS if keep is None else (Filter("its stations", keep),))

    def source(self, state: ScreenState) -> Sequence[StationRow]:
        """Return the rows of the survey."""
        return survey_rows.stations(state)

    def identity(self, row: StationRow) -> Hashable:
        """Return the address."""
        return row.station

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Leave left and right to the page where this list is one view of several."""
        if key in {"left", "right"} and len(self.filters) == 1:
            return None
        return super().key(key, gesture, state)

    def draw_row(self, canvas: Canvas, line: RowArea, row: StationRow, state: ScreenState) -> None:
        """Draw one station; what the list is sorted by stands at the right."""
        canvas.icon(line.left, line.y + 2, "random" if row.randomised else "device", line.ink)
        if self.order.name == "age":
            right = canvas.right(line.right, line.y + 2, age(state.now - row.last), "small", line.ink)
        elif self.order.name == "data":
            right = canvas.right(line.right, line.y + 2, short_count(row.data_octets), "small", line.ink)
        else:
            right = survey_rows.draw_signal(canvas, line.right, line.y, survey_rows.strength(row), line.ink)
        put(canvas, line, line.left + 8, right - 3, survey_rows.station_name(row))

    def opened(self, row: StationRow, state: ScreenState) -> list[Action]:
        """Show one station."""
        return [Push(station_page(row.station))]


def stations_page() -> Screen:
    """Return the screen of all stations."""
    return Page("stations", StationList())


def station_page(address: bytes) -> Screen:
    """Return the screen of one station."""

    def facts(state: ScreenState) -> Sequence[Fact]:
        return _facts(state, address)

    return Page(
        "station",
        SignalView(address, survey_rows.station, survey_rows.station_name, _short_facts),
        Facts(facts, MessageScreen),
    )


def _short_facts(row: StationRow) -> list[str]:
    return [f"{short_count(row.frames)} frm", octets(row.data_octets)]


def _facts(state: ScreenState, address: bytes) -> list[Fact]:
    row = survey_rows.station(state, address)
    if row is None:
        return [Fact("MAC", mac(address)), Fact("state", "not heard any more")]
    asked = ", ".join(map(ssid, row.probed))
    if row.probed_dropped:
        asked += f" and {row.probed_dropped} more"
    return [
        Fact("MAC", mac(row.station)),
        Fact("vendor", row.vendor or ("random address" if row.randomised else "not known")),
        _network(state, row.bssid),
        Fact("asks for", asked or "nothing by name"),
        Fact("frames", short_count(row.frames)),
        Fact("data", octets(row.data_octets)),
        Fact("weakest", dbm(row.rssi.min)),
        Fact("strongest", dbm(row.rssi.max)),
        Fact("last heard", f"{age(state.now - row.last)} ago"),
        Fact("first heard", f"{age(state.now - row.first)} ago"),
        Fact("fingerprint", row.fingerprint or "not yet"),
    ]


def _network(state: ScreenState, bssid: bytes | None) -> Fact:
    if bssid is None:
        return Fact("network", "none known")
    row = survey_rows.access_point(state, bssid)
    if row is None:
        return Fact("network", mac(bssid))

    def go() -> Screen:
        from whimbrel.screens.access_point import access_point_page

        return access_point_page(bssid)

    return Fact("network", survey_rows.network_name(row), go)

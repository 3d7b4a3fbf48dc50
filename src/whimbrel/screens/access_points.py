"""The list of access points."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from whimbrel.screens import air
from whimbrel.screens.access_point import access_point_page
from whimbrel.screens.air import Filter, Order, Row
from whimbrel.screens.listing import Line, put
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, Push, Screen
from whimbrel.screens.sorting import Sorted
from whimbrel.screens.words import age

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import State

ORDERS = (
    Order("sig", air.by_signal),
    Order("age", air.by_age),
    Order("name", lambda row: (not row["ssid"], row["ssid"].casefold(), row["bssid"])),
    Order("chan", lambda row: (row["freq"], *air.by_signal(row))),
)
FILTERS = (
    Filter("access points", lambda _row: True),
    Filter("open", lambda row: row["security"] in {"open", "OWE-transition"}),
    Filter("hidden", lambda row: row["hidden"]),
    Filter("in use", lambda row: row["stations"] > 0),
)


class AccessPoints(Sorted):
    """Every access point: how it is protected, its name, and how it is heard (or when, or where)."""

    empty = "none heard yet"

    def __init__(self, keep: Callable[[Row], bool] | None = None) -> None:
        filters = FILTERS if keep is None else (Filter("", keep),)
        super().__init__(ORDERS, filters)

    def source(self, state: State) -> Sequence[Row]:
        """Return the rows of the survey."""
        return air.access_points(state)

    def identity(self, row: Row) -> Hashable:
        """Return the BSSID."""
        return str(row["bssid"])

    def draw_row(self, canvas: Canvas, line: Line, row: Row, state: State) -> None:
        """Draw one access point; what the list is sorted by stands at the right."""
        canvas.icon(line.left, line.y + 2, air.security_icon(row["security"]), line.ink)
        if self.order.name == "age":
            right = canvas.right(line.right, line.y + 2, age(state.now - row["last"]), "small", line.ink)
        elif self.order.name == "chan":
            right = canvas.right(line.right, line.y + 2, f"ch{row['channel'] or '?'}", "small", line.ink)
        else:
            right = air.draw_signal(canvas, line.right, line.y, air.strength(row), line.ink)
        put(canvas, line, line.left + 8, right - 3, air.network_name(row))

    def opened(self, row: Row, state: State) -> list[Action]:
        """Show one access point."""
        return [Push(access_point_page(row["bssid"]))]


def access_points_page() -> Screen:
    """Return the screen of all access points."""
    return Page("access points", AccessPoints())

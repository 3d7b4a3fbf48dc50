"""The list of access points."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from whimbrel.rows import AccessPointRow
from whimbrel.screens import survey_rows
from whimbrel.screens.inks import LIGHT
from whimbrel.screens.listing import RowArea, put, put_icon, put_small
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, Push, Screen
from whimbrel.screens.sorting import Sorted
from whimbrel.screens.styles import WIDE
from whimbrel.screens.survey_pages import access_point_page
from whimbrel.screens.survey_rows import Filter, Order
from whimbrel.text import ssid
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.quantities import age

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

ORDERS: tuple[Order[AccessPointRow], ...] = (
    Order("sig", survey_rows.by_signal),
    Order("age", survey_rows.by_age),
    Order("name", lambda row: (not row.ssid, ssid(row.ssid).casefold(), row.bssid)),
    Order("chan", lambda row: (row.freq, *survey_rows.by_signal(row))),
)
FILTERS: tuple[Filter[AccessPointRow], ...] = (
    Filter("access points", lambda _row: True),
    Filter("open", lambda row: row.security.is_open),
    Filter("hidden", lambda row: row.hidden),
    Filter("in use", lambda row: row.stations > 0),
)
_VERY_WIDE = 300
"""Columns of pixels from which a row has three more columns."""
_GAP, _CHANNEL, _AGE = 6, 44, 40
"""Pixels between two of these columns, and that they take."""


class AccessPointList(Sorted[AccessPointRow]):
    """Every access point: how it is protected, its name, and how it is heard (or when, or where)."""

    empty = "none heard yet"

    def __init__(self, keep: Callable[[AccessPointRow], bool] | None = None) -> None:
        filters = FILTERS if keep is None else (Filter("", keep),)
        super().__init__(ORDERS, filters)

    def source(self, state: ScreenState) -> Sequence[AccessPointRow]:
        """Return the rows of the survey."""
        return survey_rows.access_points(state)

    def identity(self, row: AccessPointRow) -> Hashable:
        """Return the BSSID."""
        return row.bssid

    def text_of(self, row: AccessPointRow) -> str:
        """Return the name."""
        return survey_rows.network_name(row)

    def draw_row(self, canvas: Canvas, line: RowArea, row: AccessPointRow, state: ScreenState) -> None:
        """Draw one access point, with the sorting value at the right."""
        ink = survey_rows.security_ink(row.security)
        put_icon(canvas, line, line.left, survey_rows.security_icon(row.security), ink)
        label = channel_label(row.freq, row.channel) or "?"
        unit = canvas.style.unit
        if canvas.width >= WIDE:
            right = survey_rows.draw_signal(canvas, line, line.right, survey_rows.strength(row))
            if self.order.name == "age" or canvas.width >= _VERY_WIDE:
                put_small(canvas, line, right - _GAP, age(state.now - row.last))
                right -= _AGE
            if self.order.name != "age" or canvas.width >= _VERY_WIDE:
                put_small(canvas, line, right - _GAP, f"ch {label}")
                right -= _CHANNEL
            if canvas.width >= _VERY_WIDE and self.order.name != "age":
                put_small(canvas, line, right - _GAP, f"{row.stations} stn" if row.stations else "")
                right -= _CHANNEL
        elif self.order.name == "age":
            right = put_small(canvas, line, line.right, age(state.now - row.last), LIGHT)
        elif self.order.name == "chan":
            right = put_small(canvas, line, line.right, f"ch{label}", LIGHT)
        else:
            right = survey_rows.draw_signal(canvas, line, line.right, survey_rows.strength(row))
        put(canvas, line, line.left + 8 * unit, right - 3 * unit, survey_rows.network_name(row))

    def opened(self, row: AccessPointRow, state: ScreenState) -> list[Action]:
        """Show one access point."""
        return [Push(access_point_page(row.bssid))]


def access_points_page() -> Screen:
    """Return the screen of all access points."""
    return Page("access points", AccessPointList())

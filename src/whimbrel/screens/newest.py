"""The lower part of the overview on a large panel: the newest unseen alerts, and the strongest access points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.screens import survey_rows
from whimbrel.screens.access_points import AccessPointList
from whimbrel.screens.alert_pages import severity_icon, severity_ink, waiting
from whimbrel.screens.inks import LIGHT, MUTED
from whimbrel.screens.listing import RowArea
from whimbrel.text import harmless
from whimbrel.wording.quantities import age, wrapped

if TYPE_CHECKING:
    from whimbrel.screens.alert_rows import AlertLine
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState


def draw_newest(canvas: Canvas, state: ScreenState, top: int) -> None:
    """Draw lines from a row of pixels on, as many as there is room for."""
    style = canvas.style
    pitch = style.row + style.gap
    canvas.dots(0, top + 1, canvas.width)
    y = top + 3
    left = (canvas.height - y) // pitch
    for alert in waiting(state)[: max(left - 1, 1)]:
        _draw_alert(canvas, y, alert, state.now)
        y += pitch
        left -= 1
    if not survey_rows.access_points(state):
        _draw_reason(canvas, state, y)
        return
    rows = AccessPointList()
    for row in survey_rows.strongest(state, left):
        area = RowArea(y, 2 * style.unit, canvas.width - 2 * style.unit, LIGHT, 0.0, style.row)
        rows.draw_row(canvas, area, row, state)
        y += pitch


def _draw_reason(canvas: Canvas, state: ScreenState, top: int) -> None:
    """Draw why nothing was heard yet: the first module with a problem, in its own words."""
    reason = next((status.reason for status in state.trouble if status.reason), "nothing heard yet")
    lines = wrapped(harmless(reason), canvas.width - 8 * canvas.style.unit, canvas.face("body").width)
    for line, y in zip(lines, range(top, canvas.height - canvas.style.row + 1, canvas.style.row), strict=False):
        canvas.text(4 * canvas.style.unit, y, line, ink=MUTED)


def _draw_alert(canvas: Canvas, y: int, alert: AlertLine, now: float) -> None:
    unit = canvas.style.unit
    ink = severity_ink(alert)
    end = canvas.icon(2 * unit, y + 2 * unit, severity_icon(alert), ink) + 3 * unit
    right = canvas.right(canvas.width - 2 * unit, y + canvas.style.drop, age(now - alert.first), "small", MUTED)
    canvas.cut(end, y, right - 3 * unit - end, alert.title, ink=ink)

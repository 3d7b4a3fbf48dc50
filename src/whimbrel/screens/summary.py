"""The overview of a slow panel: pages that turn by themselves, each drawn once.

A refresh of e-paper takes a second and flashes, so a page keeps its figures until it turns. A new alert turns to
the alerts at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from whimbrel.screens import survey_rows
from whimbrel.screens.access_points import AccessPointList
from whimbrel.screens.alert_pages import AlertList, waiting
from whimbrel.screens.canvas import LIGHT, Canvas
from whimbrel.screens.listing import RowArea
from whimbrel.screens.page import draw_head, head_note, page_marks
from whimbrel.screens.state import SCANNING
from whimbrel.text import harmless
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.quantities import share, short_count, wrapped

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import ScreenState

TURN = 30.0
"""Seconds until a page turns."""
_EDGE = 4
_ALERTS_AT = 1
"""Where the alerts are among the pages."""

_Drawing = Callable[[Canvas, "ScreenState", int], None]


class Summary:
    """The pages. `by_hand` is how often a person has turned them since the last new alert."""

    def __init__(self) -> None:
        self.by_hand = 0
        self._since = 0.0  # when the first page was due: at the last new alert, or at the epoch
        self._known: set[str] | None = None  # the alerts of the last drawing
        self._key: object = None
        self._picture: Image | None = None

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Return the present page: a new one when it turns, and when alerts, mode or trouble have changed."""
        urgent = [(alert.id, alert.severity) for alert in waiting(state)]
        numbers = {number for number, _ in urgent}
        if self._known is not None and numbers - self._known:
            self._since, self.by_hand = state.now, _ALERTS_AT
        self._known = numbers
        turn = int((state.now - self._since) // TURN)
        trouble = [status.module for status in state.trouble]
        doing = (state.mode, state.blind, state.paused, state.air is None, state.estimate)
        key = (turn, self.by_hand, size, urgent, trouble, doing)
        if key != self._key or self._picture is None:
            pages: list[_Drawing] = [_draw_figures, _draw_strongest]
            if urgent:
                pages.insert(_ALERTS_AT, _draw_alerts)
            at = (turn + self.by_hand) % len(pages)
            canvas = Canvas(size)
            _draw_head(canvas, state, len(pages), at)
            pages[at](canvas, state, canvas.style.head + 1)
            self._key, self._picture = key, canvas.image
        return self._picture


def _draw_head(canvas: Canvas, state: ScreenState, pages: int, at: int) -> None:
    end = page_marks(canvas, pages, at) - 4
    battery = state.system.battery if state.system else None
    if battery is not None:
        end = head_note(canvas, end, share(battery)) - 3
        if state.system is not None and state.system.charging:
            end -= canvas.icon_width("charging")
            canvas.icon(end, 0, "charging")
            end -= 2
        end -= canvas.icon_width("battery")
        canvas.icon(end, 0, "battery")
        end -= 4
    end = head_note(canvas, end, _where(state)) - 4
    draw_head(canvas, "WHIMBREL", end)


def _where(state: ScreenState) -> str:
    """Return what the radio does; not on which channel it is just now, which changes too often for this panel."""
    if state.blind or state.paused:
        return "radio is blind" if state.blind else "paused"
    if state.mode == "locked":
        return f"stays on {channel_label(state.freq)}"
    return {"hopping": "all channels", SCANNING: "scanning"}.get(state.mode, state.mode or "no radio")


def _draw_figures(canvas: Canvas, state: ScreenState, top: int) -> None:
    """Draw three large figures, and below them the newest alert or trouble."""
    heard = state.air is not None
    scanning = state.mode == SCANNING
    figures = (
        (short_count(len(survey_rows.access_points(state))) if heard else "-", "access points"),
        (short_count(len(survey_rows.stations(state))) if heard and not scanning else "-", "stations"),
        (short_count(len(waiting(state))), "new alerts"),
    )
    width = canvas.width // len(figures)
    for i, (figure, label) in enumerate(figures):
        middle = width * i + width // 2
        face = canvas.face("huge")
        canvas.text(middle - face.width(figure) // 2, top + 8, figure, "huge")
        canvas.text(middle - canvas.face("small").width(label) // 2, top + 38, label, "small")
        if i:
            canvas.box(width * i, top + 8, width * i + 1, top + 46)
    low = top + 56
    canvas.dots(0, low, canvas.width)
    title, text = _news(state)
    canvas.cut(_EDGE, low + 4, canvas.width - 2 * _EDGE, title, "body-large")
    room = canvas.width - 2 * _EDGE
    lines = wrapped(text, room, canvas.face("body").width)
    pitch = canvas.style.row
    fit = (canvas.height - low - 26) // pitch
    for i, line in enumerate(lines[:fit]):
        canvas.text(_EDGE, low + 26 + i * pitch, line)


def _news(state: ScreenState) -> tuple[str, str]:
    """Return the most important thing in a title and a text."""
    if state.blind:
        return "The radio is blind", "It hears nothing any more; see the menu, System."
    if alerts := waiting(state):
        alert = alerts[0]
        return harmless(alert.title), harmless(": ".join(filter(None, (alert.subject, alert.text))))
    if trouble := state.trouble:
        return f"Trouble: {trouble[0].module}", harmless(trouble[0].reason or trouble[0].state)
    doubt = " The time is an estimate." if state.estimate else ""
    return "All quiet", f"No alert that nobody has seen.{doubt}"


def _draw_alerts(canvas: Canvas, state: ScreenState, top: int) -> None:
    rows = AlertList()
    height = 2 * canvas.style.row
    for i, alert in enumerate(waiting(state)[: (canvas.height - top) // (height + 2)]):
        area = RowArea(top + 1 + i * (height + 2), _EDGE, canvas.width - _EDGE, LIGHT, 0.0, height)
        rows.draw_row(canvas, area, alert, state)


def _draw_strongest(canvas: Canvas, state: ScreenState, top: int) -> None:
    rows = AccessPointList()
    pitch = canvas.style.row + canvas.style.gap
    strongest = survey_rows.strongest(state, (canvas.height - top) // pitch)
    for i, row in enumerate(strongest):
        area = RowArea(top + 1 + i * pitch, _EDGE, canvas.width - _EDGE, LIGHT, 0.0, canvas.style.row)
        rows.draw_row(canvas, area, row, state)
    if not strongest:
        canvas.centre((canvas.height + top) // 2 - 6, "none heard yet")

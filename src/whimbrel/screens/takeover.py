"""The screen of an alert that breaks in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.screens.alert_pages import AlertDetail, severity_ink
from whimbrel.screens.canvas import Canvas
from whimbrel.screens.inks import MUTED
from whimbrel.screens.screen import Action, Pop, Push, Screen
from whimbrel.text import harmless
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.quantities import dbm, wrapped

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.alert_rows import AlertLine
    from whimbrel.screens.state import ScreenState

_TALL = 60
"""Rows below which there is no room for icon and hint."""
_HEAD = 13
"""Units above the first line, for the icon."""


class Takeover(Screen):
    """An alert that interrupts: ok shows the evidence, any other key returns to the previous screen.

    The caller that pushes it pops it after a moment.
    """

    awake = True

    def __init__(self, alert: AlertLine, since: float) -> None:
        self.title = alert.title
        self._alert = alert
        self._since = since
        self._pressed = False  # a key that was down before is not meant for this screen

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the title, the network, the place and the level; blink: first light on dark, then dark on light."""
        canvas = Canvas(size)
        alert = next((row for row in state.alerts if row.id == self._alert.id), self._alert)
        style, unit = canvas.style, canvas.style.unit
        above, below = (_HEAD * unit, style.line) if canvas.height >= _TALL else (0, 0)
        if above:
            middle = canvas.width // 2
            canvas.icon(middle - canvas.icon_width("alert") // 2, 2 * unit, "alert", severity_ink(alert))
            canvas.box(0, 6 * unit, middle - 9 * unit, 7 * unit, severity_ink(alert))
            canvas.box(middle + 10 * unit, 6 * unit, canvas.width, 7 * unit, severity_ink(alert))
        lines = _lines(alert, canvas, canvas.height - above)
        used = sum(_height(canvas, name) for _, name in lines)
        if below and above + used <= canvas.height - below:
            canvas.centre(canvas.height - below + 1, "ok: evidence", "small", MUTED)
        else:
            below = 0
        y = above + max((canvas.height - above - below - used) // 2, 0)
        for text, name in lines:
            canvas.centre(y, text, name)
            y += _height(canvas, name)
        if not canvas.still and (state.now - self._since) % 1.0 < 0.5:
            canvas.flash(severity_ink(alert))
        return canvas.image

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Leave, or look closer."""
        if gesture == "press":
            self._pressed = True
        if gesture == "short" and self._pressed:
            return [Pop(), Push(AlertDetail(self._alert.id))] if key == "ok" else [Pop()]
        return []


def _height(canvas: Canvas, name: str) -> int:
    """Return the rows of a line of a face."""
    return canvas.style.line if name == "small" else canvas.style.row


def _lines(alert: AlertLine, canvas: Canvas, room: int) -> list[tuple[str, str]]:
    """Return texts and their faces, at most `room` high: the title, network and place for certain, then evidence."""
    body = canvas.face("body").width
    width, row = canvas.width - 4 * canvas.style.unit, canvas.style.row
    title = wrapped(harmless(alert.title), width, body)
    channel = channel_label(alert.freq, alert.channel)
    parts = (f"ch {channel}" if channel else "", "" if alert.rssi is None else dbm(alert.rssi))
    facts = [(text, "body") for text in (harmless(alert.subject), "  ".join(filter(None, parts))) if text]
    if facts and room < row * (1 + len(facts)):
        facts[-1] = (facts[-1][0], "small")
    left = room - sum(_height(canvas, name) for _, name in facts)
    if left < row:
        return [(line, "body") for line in title[: max(room // row, 1)]]
    lines = [*((line, "body") for line in title[: left // row]), *facts]
    left = (room - sum(_height(canvas, name) for _, name in lines)) // row
    if left < 3:
        return lines
    evidence = wrapped(harmless(alert.text), width, body)[: left - 2]
    return [*lines, ("", "body"), *((line, "body") for line in evidence)]

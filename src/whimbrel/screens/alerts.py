"""What the detections have raised: a list, each alert with its evidence, and the screen that breaks in.

Alerts are found in ``State.extra["alerts"]``: dictionaries with id, severity, title, text, time, acknowledged; the
newest first. Nothing of this is shown where ``alerts`` is not among the features.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from whimbrel.screens.canvas import Canvas
from whimbrel.screens.faces import face
from whimbrel.screens.listing import Line, Listing, put
from whimbrel.screens.notices import Message
from whimbrel.screens.page import ROW, Page
from whimbrel.screens.screen import Action, Do, Pop, Push, Screen
from whimbrel.screens.words import age, wrapped
from whimbrel.text import harmless

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import State

Alert = dict[str, Any]

_TALL = 48
"""Rows below which a breaking alert is nothing but its title."""
_ICONS = {"critical": "critical", "high": "critical", "warning": "warning", "medium": "warning"}


def alerts(state: State) -> Sequence[Alert]:
    """Return every alert that is remembered, the newest first."""
    rows: Sequence[Alert] = state.extra.get("alerts", ())
    return rows


def unseen(state: State) -> list[Alert]:
    """Return the alerts that nobody has acknowledged."""
    return [alert for alert in alerts(state) if not alert["acknowledged"]]


def severity_icon(alert: Alert) -> str:
    """Return the icon for how bad an alert is."""
    return _ICONS.get(str(alert["severity"]).lower(), "notice")


class Alerts(Listing[Alert]):
    """The alerts; what nobody has seen yet is marked at its age."""

    empty = "all quiet"

    def rows(self, state: State) -> Sequence[Alert]:
        """Return them, the newest first."""
        return alerts(state)

    def identity(self, row: Alert) -> Hashable:
        """Return its id."""
        return str(row["id"])

    def draw_row(self, canvas: Canvas, line: Line, row: Alert, state: State) -> None:
        """Draw how bad it is, what it is, how long ago it was."""
        canvas.icon(line.left, line.y + 2, severity_icon(row), line.ink)
        right = canvas.right(line.right, line.y + 2, age(state.now - row["time"]), "small", line.ink)
        if not row["acknowledged"]:
            right -= 7
            canvas.icon(right, line.y + 2, "marked", line.ink)
        put(canvas, line, line.left + 10, right - 3, str(row["title"]))

    def opened(self, row: Alert, state: State) -> list[Action]:
        """Show its evidence."""
        return [Push(AlertDetail(str(row["id"])))]


class AlertDetail(Message):
    """One alert in words; ok acknowledges it."""

    def __init__(self, number: str) -> None:
        super().__init__("alert", "")
        self._number = number

    def draw(self, state: State, size: tuple[int, int]) -> Image:
        """Draw its title and its evidence."""
        alert = self._alert(state)
        if alert is None:
            self.text = "not remembered any more"
        else:
            self.icon = severity_icon(alert)
            self.title = str(alert["severity"])
            seen = "\nseen" if alert["acknowledged"] else "\nok: mark as seen"
            self.text = f"{alert['title']}, {age(state.now - alert['time'])} ago\n{alert['text']}{seen}"
        return super().draw(state, size)

    def key(self, key: str, gesture: str, state: State) -> list[Action] | None:
        """Acknowledge by ok, scroll by up and down."""
        if (key, gesture) == ("ok", "short"):
            alert = self._alert(state)
            if alert is None or alert["acknowledged"]:
                return [Pop()]
            return [Do("acknowledge", (("id", self._number),)), Pop()]
        return super().key(key, gesture, state)

    def _alert(self, state: State) -> Alert | None:
        return next((alert for alert in alerts(state) if str(alert["id"]) == self._number), None)


class Takeover(Screen):
    """An alert that breaks in: any key but ok goes back to what was shown before, ok shows the evidence.

    Whoever pushes it pops it after a moment.
    """

    awake = True

    def __init__(self, alert: Alert, since: float) -> None:
        self.title = str(alert["title"])
        self._alert = alert
        self._since = since
        self._pressed = False  # a key that was down before is not meant for this screen

    def draw(self, state: State, size: tuple[int, int]) -> Image:
        """Draw it large, and blink: the first moments light on dark, then dark on light."""
        canvas = Canvas(size)
        above, below = (15, 10) if canvas.height >= _TALL else (0, 0)
        if above:
            middle = canvas.width // 2
            canvas.icon(middle - 4, 3, "alert")
            canvas.box(0, 7, middle - 9, 8)
            canvas.box(middle + 10, 7, canvas.width, 8)
            canvas.centre(canvas.height - 9, "ok: evidence", "small")
        lines = wrapped(harmless(self.title), canvas.width - 4, face("body").width)
        room = max((canvas.height - above - below) // ROW, 1)
        top = above + max((room - len(lines)) * ROW // 2, 0)
        for i, line in enumerate(lines[:room]):
            canvas.centre(top + ROW * i, line)
        if (state.now - self._since) % 1.0 < 0.5:
            canvas.invert()
        return canvas.image

    def key(self, key: str, gesture: str, state: State) -> list[Action] | None:
        """Leave, or look closer."""
        if gesture == "press":
            self._pressed = True
        if gesture == "short" and self._pressed:
            return [Pop(), Push(AlertDetail(str(self._alert["id"])))] if key == "ok" else [Pop()]
        return []


def alerts_page() -> Screen:
    """Return the screen of all alerts."""
    return Page("alerts", Alerts())

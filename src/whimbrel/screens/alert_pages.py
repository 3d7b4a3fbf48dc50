"""What the detections have raised: a list, each alert with its evidence, and the screen that breaks in.

Alerts are found in ``ScreenState.extra["alerts"]``: the rows of `whimbrel.display.alert_board`, the newest first,
weaknesses behind all others. Nothing of this is shown where ``alerts`` is not among the features.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from whimbrel.screens.canvas import Canvas
from whimbrel.screens.faces import face
from whimbrel.screens.listing import Listing, RowArea, put
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import ROW, Page
from whimbrel.screens.screen import Action, Do, Pop, Push, Screen
from whimbrel.text import harmless
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.quantities import age, dbm_range, wrapped

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import ScreenState

Alert = dict[str, Any]

_TALL = 48
"""Rows below which a breaking alert is nothing but its title."""
_URGENT = frozenset({"critical", "warning"})
_ICONS = {"critical": "critical", "high": "critical", "warning": "warning", "medium": "warning"}


def alerts(state: ScreenState) -> Sequence[Alert]:
    """Return every alert that is remembered, the newest first."""
    rows: Sequence[Alert] = state.extra.get("alerts", ())
    return rows


def waiting(state: ScreenState) -> list[Alert]:
    """Return what goes on, is at least a warning, and nobody has acknowledged."""
    return [
        alert
        for alert in alerts(state)
        if alert["open"] and not alert["acknowledged"] and str(alert["severity"]) in _URGENT
    ]


def severity_icon(alert: Alert) -> str:
    """Return the icon for how bad an alert is."""
    return _ICONS.get(str(alert["severity"]).lower(), "notice")


class AlertList(Listing[Alert]):
    """The alerts; a dot marks what goes on, a mark at its age what nobody has seen yet."""

    empty = "all quiet"

    def rows(self, state: ScreenState) -> Sequence[Alert]:
        """Return them, the newest first."""
        return alerts(state)

    def identity(self, row: Alert) -> Hashable:
        """Return its id."""
        return str(row["id"])

    def draw_row(self, canvas: Canvas, line: RowArea, row: Alert, state: ScreenState) -> None:
        """Draw how bad it is, whether it goes on, what it is, how long ago it began."""
        canvas.icon(line.left, line.y + 2, severity_icon(row), line.ink)
        right = canvas.right(line.right, line.y + 2, age(state.now - row["time"]), "small", line.ink)
        if not row["acknowledged"]:
            right -= 7
            canvas.icon(right, line.y + 2, "marked", line.ink)
        left = line.left + 10
        if row["open"]:
            canvas.box(left, line.y + 4, left + 3, line.y + 7, line.ink)
            left += 6
        put(canvas, line, left, right - 3, str(row["title"]))

    def opened(self, row: Alert, state: ScreenState) -> list[Action]:
        """Show its evidence."""
        return [Push(AlertDetail(str(row["id"])))]


class AlertDetail(MessageScreen):
    """One alert in words; ok acknowledges it."""

    def __init__(self, number: str) -> None:
        super().__init__("alert", "")
        self._number = number

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw its title and its evidence."""
        alert = self._alert(state)
        if alert is None:
            self.text = "not remembered any more"
        else:
            self.icon = severity_icon(alert)
            self.title = str(alert["severity"])
            self.text = "\n".join(_words(alert, state.now))
        return super().draw(state, size)

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Acknowledge by ok, scroll by up and down."""
        if (key, gesture) == ("ok", "short"):
            alert = self._alert(state)
            if alert is None or alert["acknowledged"]:
                return [Pop()]
            return [Do("acknowledge", (("alert", self._number),)), Pop()]
        return super().key(key, gesture, state)

    def _alert(self, state: ScreenState) -> Alert | None:
        return next((alert for alert in alerts(state) if str(alert["id"]) == self._number), None)


def _words(alert: Alert, now: float) -> Iterator[str]:
    """Yield what is known of an alert, and what to do about it."""
    began = age(now - alert["time"])
    ended = age(now - (alert["last"] if "last" in alert else alert["time"]))
    if alert["open"]:
        yield f"{alert['title']}, for {began}"
    else:
        over = "" if alert["severity"] == "weakness" else "over, "  # what nobody does has no end
        yield f"{alert['title']}, {over}{ended} ago"
    yield str(alert["text"])
    if place := _place(alert):
        yield place
    if alert.get("count"):
        threshold = f"; it takes {alert['threshold']}" if alert.get("threshold") else ""
        yield f"count: {alert['count']}{threshold}"
    if alert.get("confidence"):
        yield f"confidence: {alert['confidence']}"
    if alert.get("advice"):
        yield f"what to do: {alert['advice']}"
    yield "seen" if alert["acknowledged"] else "ok: mark as seen"


def _place(alert: Alert) -> str:
    """Return network, channel and signal, as far as they are told."""
    parts = [str(alert["ssid"] or alert["bssid"])] if alert.get("ssid") or alert.get("bssid") else []
    if label := channel_label(alert.get("freq", 0), alert.get("channel", 0)):
        parts.append(f"channel {label}")
    if alert.get("rssi_range"):
        parts.append(dbm_range(*alert["rssi_range"]))
    return ", ".join(parts)


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

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
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

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Leave, or look closer."""
        if gesture == "press":
            self._pressed = True
        if gesture == "short" and self._pressed:
            return [Pop(), Push(AlertDetail(str(self._alert["id"])))] if key == "ok" else [Pop()]
        return []


def alerts_page() -> Screen:
    """Return the screen of all alerts."""
    return Page("alerts", AlertList())

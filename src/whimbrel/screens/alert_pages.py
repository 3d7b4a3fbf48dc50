"""What the detections have raised: a list, and each alert with its evidence.

Nothing of this is shown where ``alerts`` is not among the features.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.alerts import AcknowledgeAlert, Severity
from whimbrel.screens.alert_rows import AlertRow
from whimbrel.screens.listing import Listing, RowArea, put
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import ROW, Page
from whimbrel.screens.screen import Action, MarkSeen, Pop, Push, Say, Screen
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.phrases import heard_at
from whimbrel.wording.quantities import age

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

_TWO_LINES = 2 * ROW
_ICONS = {Severity.CRITICAL: "critical", Severity.WARNING: "warning"}


def waiting(state: ScreenState) -> list[AlertRow]:
    """Return what is at least a warning and nobody has acknowledged, whether it goes on or is over."""
    return [alert for alert in state.alerts if alert.is_urgent and not alert.acknowledged]


def severity_icon(alert: AlertRow) -> str:
    """Return the icon for how bad an alert is."""
    return _ICONS.get(alert.severity, "notice")


class AlertList(Listing[AlertRow]):
    """The alerts; a dot marks what goes on, a mark at its age what nobody has seen yet."""

    empty = "all quiet"

    def rows(self, state: ScreenState) -> Sequence[AlertRow]:
        """Return them, the newest first."""
        return state.alerts

    def identity(self, row: AlertRow) -> Hashable:
        """Return its id."""
        return row.id

    def text_of(self, row: AlertRow) -> str:
        """Return the network."""
        return row.subject

    def row_height(self, room: int) -> int:
        """Return two lines, where two such rows have room."""
        return _TWO_LINES if room >= 2 * _TWO_LINES else ROW

    def draw_row(self, canvas: Canvas, line: RowArea, row: AlertRow, state: ScreenState) -> None:
        """Draw how bad it is, whether it goes on, what it is, how long ago it began; below that the network."""
        canvas.icon(line.left, line.y + 2, severity_icon(row), line.ink)
        right = canvas.right(line.right, line.y + 2, age(state.now - row.first), "small", line.ink)
        if not row.acknowledged:
            right -= 7
            canvas.icon(right, line.y + 2, "marked", line.ink)
        left = line.left + 10
        if row.open:
            canvas.box(left, line.y + 4, left + 3, line.y + 7, line.ink)
            left += 6
        if line.height < _TWO_LINES:
            put(canvas, line, left, right - 3, f"{row.subject}: {row.title}" if row.subject else row.title)
            return
        put(canvas, line, left, right - 3, row.title)
        channel = channel_label(row.freq, row.channel)
        place = f"ch {channel}" if channel else ""
        below = line._replace(y=line.y + ROW)
        right = canvas.right(line.right, below.y + 2, place, "small", line.ink)
        put(canvas, below, line.left + 10, right - 3, row.subject or row.text)

    def opened(self, row: AlertRow, state: ScreenState) -> list[Action]:
        """Show its evidence."""
        return [Push(AlertDetail(row.id))]


class AlertDetail(MessageScreen):
    """One alert in words; ok acknowledges it."""

    def __init__(self, number: str) -> None:
        super().__init__("alert", "")
        self._number = number

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw network, place, what to do, and then the evidence."""
        alert = self._alert(state)
        if alert is None:
            self.text = "not remembered any more"
        else:
            self.icon = severity_icon(alert)
            self.title = alert.title
            self.text = "\n".join(_words(alert, state.now))
        return super().draw(state, size)

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Acknowledge by ok, scroll by up and down."""
        if (key, gesture) == ("ok", "short"):
            alert = self._alert(state)
            if alert is None or alert.acknowledged:
                return [Pop()]
            return [MarkSeen(alert.id) if alert.of_device else Say(AcknowledgeAlert(id=alert.id)), Pop()]
        return super().key(key, gesture, state)

    def _alert(self, state: ScreenState) -> AlertRow | None:
        return next((alert for alert in state.alerts if alert.id == self._number), None)


def _words(alert: AlertRow, now: float) -> Iterator[str]:
    """Yield what is known of an alert: first what a person needs to act."""
    if alert.subject:
        yield alert.subject
    if place := heard_at(alert.channel, alert.freq, alert.rssi_range, alert.heard_on):
        yield place
    if alert.advice:
        yield f"what to do: {alert.advice}"
    if alert.open:
        yield f"{alert.severity}, for {age(now - alert.first)}"
    else:
        over = "" if alert.severity is Severity.WEAKNESS else "over, "  # what nobody does has no end
        yield f"{alert.severity}, {over}{age(now - alert.last)} ago"
    yield alert.text
    if alert.meaning:
        yield alert.meaning
    if alert.times:
        threshold = f"; it takes {alert.threshold}" if alert.threshold else ""
        yield f"count: {alert.times}{threshold}"
    if alert.confidence:
        yield f"confidence: {alert.confidence}"
    yield "seen" if alert.acknowledged else "ok: mark as seen"


def alerts_page() -> Screen:
    """Return the screen of all alerts."""
    return Page("alerts", AlertList())

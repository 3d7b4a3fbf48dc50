"""The pages of alerts: a list of incidents, each with its alerts, and these with their evidence.

They are shown only if ``alerts`` is among the features.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.alerts import AcknowledgeAlert, Severity
from whimbrel.screens.alert_rows import AlertLine
from whimbrel.screens.inks import CRITICAL, LIGHT, MUTED, NOTICE, WARNING
from whimbrel.screens.listing import Listing, RowArea, put, put_icon, put_small
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, MarkSeen, Pop, Push, Say, Screen
from whimbrel.screens.styles import WIDE
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.phrases import heard_at
from whimbrel.wording.quantities import age

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

_INKS = {Severity.CRITICAL: CRITICAL, Severity.WARNING: WARNING}
_ICONS = {Severity.CRITICAL: "critical", Severity.WARNING: "warning"}


def waiting(state: ScreenState) -> list[AlertLine]:
    """Return the unacknowledged alerts from warning on, open or closed."""
    return [alert for alert in state.alerts if alert.is_urgent and not alert.acknowledged]


def severity_icon(alert: AlertLine) -> str:
    """Return the icon for how bad an alert is."""
    return _ICONS.get(alert.severity, "notice")


def severity_ink(alert: AlertLine) -> int:
    """Return the ink of that icon."""
    return _INKS.get(alert.severity, NOTICE)


class AlertList(Listing[AlertLine]):
    """The incidents, and the alerts without one; a dot marks open ones, a mark at the age unseen ones."""

    empty = "all quiet"

    def rows(self, state: ScreenState) -> Sequence[AlertLine]:
        """Return them, the newest first."""
        return state.alerts

    def identity(self, row: AlertLine) -> Hashable:
        """Return its id."""
        return row.id

    def text_of(self, row: AlertLine) -> str:
        """Return the network."""
        return row.subject

    def row_lines(self, lines: int) -> int:
        """Return two if two such rows have room."""
        return 2 if lines >= 4 else 1

    def draw_row(self, canvas: Canvas, line: RowArea, row: AlertLine, state: ScreenState) -> None:
        """Draw severity, state, title and age; below them the network."""
        unit = canvas.style.unit
        ink = severity_ink(row)
        put_icon(canvas, line, line.left, severity_icon(row), ink)
        right = put_small(canvas, line, line.right, age(state.now - row.first))
        if not row.acknowledged:
            right -= 7 * unit
            put_icon(canvas, line, right, "marked", ink)
        left = line.left + 10 * unit
        if row.open:
            canvas.box(left, line.y + 4 * unit, left + 3 * unit, line.y + 7 * unit, canvas.tint(line.ink, ink))
            left += 6 * unit
        if line.height == canvas.style.row:
            put(canvas, line, left, right - 3 * unit, f"{row.subject}: {row.title}" if row.subject else row.title)
            return
        put(canvas, line, left, right - 3 * unit, row.title)
        channel = channel_label(row.freq, row.channel)
        many = f"{len(row.parts)}{' alerts' if canvas.width >= WIDE else 'x'}" if len(row.parts) > 1 else ""
        place = " ".join(filter(None, (many, f"ch {channel}" if channel else "")))
        below = line._replace(y=line.y + canvas.style.row, ink=canvas.tint(line.ink, LIGHT if line.chosen else MUTED))
        right = put_small(canvas, below, line.right, place)
        put(canvas, below, line.left + 10 * unit, right - 3 * unit, row.subject or row.text)

    def opened(self, row: AlertLine, state: ScreenState) -> list[Action]:
        """Show its evidence."""
        return [Push(AlertDetail(row.id))]


class AlertDetail(MessageScreen):
    """One incident, or one alert without an incident, in words; ok acknowledges it, right opens its alerts."""

    def __init__(self, number: str) -> None:
        super().__init__("alert", "")
        self._number = number

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw network, channel, advice, and then the evidence."""
        alert = self._alert(state)
        if alert is None:
            self.text = "not remembered any more"
        else:
            self.icon = severity_icon(alert)
            self.ink = severity_ink(alert)
            self.title = alert.title
            self.text = "\n".join((*_words(alert, state.now), *self._hints(alert)))
        return super().draw(state, size)

    def _hints(self, alert: AlertLine) -> Iterator[str]:
        """Yield the functions of its keys."""
        if len(alert.parts) > 1:
            yield f"right: its {len(alert.parts)} alerts"
        yield "seen" if alert.acknowledged else "ok: mark as seen"

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Acknowledge by ok, see the alerts of an incident by right, scroll by up and down."""
        alert = self._alert(state)
        if (key, gesture) == ("ok", "short"):
            if alert is None or alert.acknowledged:
                return [Pop()]
            return [MarkSeen(alert.id) if alert.of_device else Say(AcknowledgeAlert(id=alert.id)), Pop()]
        if (key, gesture) == ("right", "short") and alert is not None and len(alert.parts) > 1:
            return [Push(parts_page(alert.id))]
        return super().key(key, gesture, state)

    def _alert(self, state: ScreenState) -> AlertLine | None:
        return next((alert for alert in state.alerts if alert.id == self._number), None)


class PartList(AlertList):
    """The alerts of one incident."""

    empty = "not remembered any more"

    def __init__(self, incident: str) -> None:
        super().__init__()
        self._incident = incident

    def rows(self, state: ScreenState) -> Sequence[AlertLine]:
        """Return them in the order of raising."""
        return next((row.parts for row in state.alerts if row.id == self._incident), ())

    def opened(self, row: AlertLine, state: ScreenState) -> list[Action]:
        """Show its evidence."""
        return [Push(PartDetail(self._incident, row.id))]


class PartDetail(AlertDetail):
    """One alert of an incident in words; it is acknowledged with the whole incident."""

    def __init__(self, incident: str, number: str) -> None:
        super().__init__(number)
        self._incident = incident

    def _hints(self, alert: AlertLine) -> Iterator[str]:
        yield "seen" if alert.acknowledged else "ok: back"

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Leave by ok, scroll by up and down."""
        return MessageScreen.key(self, key, gesture, state)

    def _alert(self, state: ScreenState) -> AlertLine | None:
        parts = next((row.parts for row in state.alerts if row.id == self._incident), ())
        return next((part for part in parts if part.id == self._number), None)


def _words(alert: AlertLine, now: float) -> Iterator[str]:
    """Yield the facts about an alert, those needed for action first."""
    if alert.subject:
        yield alert.subject
    if place := heard_at(alert.channel, alert.freq, alert.rssi_range, alert.heard_on):
        yield place
    if alert.advice:
        yield f"what to do: {alert.advice}"
    if alert.open:
        yield f"{alert.severity}, for {age(now - alert.first)}"
    else:
        over = "" if alert.severity is Severity.WEAKNESS else "over, "  # a weakness has no end
        yield f"{alert.severity}, {over}{age(now - alert.last)} ago"
    yield alert.text
    if alert.meaning:
        yield alert.meaning
    if alert.times:
        threshold = f"; it takes {alert.threshold}" if alert.threshold else ""
        yield f"count: {alert.times}{threshold}"
    if alert.confidence:
        yield f"confidence: {alert.confidence}"


def alerts_page() -> Screen:
    """Return the screen of all alerts."""
    return Page("alerts", AlertList())


def parts_page(incident: str) -> Screen:
    """Return the screen of the alerts of one incident."""
    return Page("its alerts", PartList(incident))

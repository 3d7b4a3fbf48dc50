"""Since last time: when the device last listened, and the changes since."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.events.history import NetworkSeen, SinceLastTime
from whimbrel.screens.listing import Fact, Facts, Listing, RowArea, put, put_small
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, Push, Screen
from whimbrel.screens.survey_pages import access_point_page
from whimbrel.text import mac, ssid
from whimbrel.wording.quantities import age, minute, span

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState


class _Row(NamedTuple):
    kind: str
    seen: NetworkSeen


class SeenList(Listing[_Row]):
    """Access points that are new, gone or changed since last time; ok opens one."""

    empty = "none"

    def __init__(self, kinds: Sequence[str]) -> None:
        super().__init__()
        self._kinds = kinds

    def title(self, state: ScreenState) -> str:
        """Return the rows."""
        return " AND ".join(self._kinds).upper()

    def rows(self, state: ScreenState) -> Sequence[_Row]:
        """Return them."""
        body = state.latest(SinceLastTime)
        return [] if body is None else [_Row(kind, seen) for kind in self._kinds for seen in getattr(body, kind)]

    def identity(self, row: _Row) -> Hashable:
        """Return kind and address."""
        return row.kind, row.seen.bssid

    def text_of(self, row: _Row) -> str:
        """Return the name."""
        return _name(row.seen)

    def draw_row(self, canvas: Canvas, line: RowArea, row: _Row, state: ScreenState) -> None:
        """Draw the name and the change."""
        right = put_small(canvas, line, line.right, row.kind)
        put(canvas, line, line.left, right - 3 * canvas.style.unit, _name(row.seen))

    def opened(self, row: _Row, state: ScreenState) -> list[Action]:
        """Show the access point."""
        return [Push(access_point_page(row.seen.bssid))]


def since_page() -> Screen:
    """Return the screen: a summary in lines, then the access points."""
    return Page("since last time", Facts(_facts, MessageScreen), SeenList(("new", "changed")), SeenList(("gone",)))


def _facts(state: ScreenState) -> Sequence[Fact]:
    body = state.latest(SinceLastTime)
    if body is None:
        return [Fact("history", "not open yet")]
    if not body.known:
        return [Fact("last time", "none yet")]
    doubt = "~" if body.estimate or state.estimate else ""
    last = f"{doubt}{age(state.now - body.ended)} ago" if body.clock else "clock not known"
    facts = [
        Fact("last", last),
        Fact("it began", f"{'~' if body.estimate else ''}{minute(body.began)}" if body.clock else "-"),
        Fact("listened", span(body.ended - body.began)),
        Fact("new then", str(body.found)),
        Fact("alerts then", str(body.alerts)),
        Fact("not seen", str(body.unseen)),
        Fact("new now", str(body.new_count), _opener(("new",))),
        Fact("changed", str(body.changed_count), _opener(("changed",))),
        Fact("gone", str(body.gone_count), _opener(("gone",))),
    ]
    return [*facts, Fact("place", body.place)] if body.place else facts


def _opener(kinds: Sequence[str]) -> Callable[[], Screen]:
    return lambda: Page("since last time", SeenList(kinds))


def _name(seen: NetworkSeen) -> str:
    return ssid(seen.ssid) if seen.ssid else mac(seen.bssid)

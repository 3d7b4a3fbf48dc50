"""The receivers, where there are several, and the channels that they hear."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from whimbrel.rows import ReceiverRow
from whimbrel.screens.channels import channels_page
from whimbrel.screens.inks import STRONG, WARNING
from whimbrel.screens.listing import Fact, Facts, Listing, RowArea, put, put_icon, put_small
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, Push
from whimbrel.wording.quantities import short_count, span

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

LISTENING = "listening"
"""The state of a receiver that is well."""


_SHORT = {"hopping": "hop", "locked": "lock", "camping": "camp", "scanning": "scan"}


class ReceiverList(Listing[ReceiverRow]):
    """Every receiver and what it does; ok shows more."""

    rings = False

    def title(self, state: ScreenState) -> str:
        """Return the rows."""
        return "RECEIVERS"

    def rows(self, state: ScreenState) -> Sequence[ReceiverRow]:
        """Return them, the first one first."""
        return state.receivers

    def identity(self, row: ReceiverRow) -> Hashable:
        """Return the name."""
        return row.receiver

    def draw_row(self, canvas: Canvas, line: RowArea, row: ReceiverRow, state: ScreenState) -> None:
        """Draw whether it listens, its name, what it does."""
        well = row.state == LISTENING
        put_icon(canvas, line, line.left, "done" if well else "warning", STRONG if well else WARNING)
        right = put_small(canvas, line, line.right, doing(row))
        put(canvas, line, line.left + 10 * canvas.style.unit, right - 3 * canvas.style.unit, row.receiver)

    def opened(self, row: ReceiverRow, state: ScreenState) -> list[Action]:
        """Show everything about one."""
        return [Push(receiver_page(row.receiver))]


def doing(row: ReceiverRow) -> str:
    """Return what a receiver does, in a few letters: hopping, locked 6, blind."""
    if row.state != LISTENING:
        return row.state
    return " ".join(filter(None, (row.mode or row.state, row.channel)))


def doing_shortly(row: ReceiverRow) -> str:
    """Return the same in one short word: hop, lock, blind."""
    return _SHORT.get(row.mode, "hear") if row.state == LISTENING else row.state


def receiver_page(name: str) -> Page:
    """Return the screen with everything about one receiver."""
    return Page(name, Facts(lambda state: _facts(state, name), MessageScreen))


def receivers_page() -> Page:
    """Return the screen of the receivers, then the channels of each band."""
    return Page("receivers", ReceiverList(), *channels_page().views)


def _facts(state: ScreenState, name: str) -> list[Fact]:
    row = next((row for row in state.receivers if row.receiver == name), None)
    if row is None:
        return []
    return [
        Fact("state", doing(row)),
        Fact("radio", row.description),
        Fact("channels", str(row.visited) if row.visited else "all"),
        Fact("frames", short_count(row.received)),
        Fact("lost", short_count(row.lost)),
        Fact("listened", span(row.listened)),
        *[Fact("fault", fault) for fault in row.faults],
    ]

"""Lists from the survey that can be put into other orders, and thinned out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from whimbrel.screens.listing import Listing
from whimbrel.screens.page import STEPS
from whimbrel.screens.screen import Action
from whimbrel.screens.survey_rows import Filter, Order, R

if TYPE_CHECKING:
    from whimbrel.events.device import AirSnapshot
    from whimbrel.screens.state import ScreenState

T = TypeVar("T")


class Sorted(Listing[R]):
    """A list from the survey: right goes through the orders, left through the filters."""

    def __init__(self, orders: Sequence[Order[R]], filters: Sequence[Filter[R]]) -> None:
        super().__init__()
        self.orders: Sequence[Order[R]] = orders
        self.filters: Sequence[Filter[R]] = filters
        self.order: Order[R] = orders[0]
        self.filter: Filter[R] = filters[0]
        self._memo: tuple[AirSnapshot | None, Order[R], Filter[R], list[R]] | None = None

    def source(self, state: ScreenState) -> Sequence[R]:
        """Return all rows, in any order."""
        raise NotImplementedError

    def rows(self, state: ScreenState) -> Sequence[R]:
        """Return what the filter keeps, in the order that was chosen; worked out once for each snapshot."""
        memo = self._memo
        if memo is None or memo[0] is not state.air or memo[1] is not self.order or memo[2] is not self.filter:
            kept = sorted(filter(self.filter.keeps, self.source(state)), key=self.order.key)
            memo = self._memo = (state.air, self.order, self.filter, kept)
        return memo[3]

    def title(self, state: ScreenState) -> str:
        """Return what the filter is called."""
        return self.filter.title.upper()

    def note(self, state: ScreenState) -> str:
        """Return the order, and which row is chosen, of how many if there is room for that."""
        rows = self.rows(state)
        of = f"/{len(rows)}" if len(rows) < 100 else ""
        return f"{self.order.name} {self.position(rows) + 1}{of}" if rows else self.order.name

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Take left and right besides what every list takes."""
        if key == "right" and gesture in STEPS:
            self.order = _next(self.orders, self.order)
            self.forget()
            return []
        if key == "left" and gesture in STEPS and len(self.filters) > 1:
            self.filter = _next(self.filters, self.filter)
            self.forget()
            return []
        return super().key(key, gesture, state)


def _next(choices: Sequence[T], now: T) -> T:
    return choices[(choices.index(now) + 1) % len(choices)]

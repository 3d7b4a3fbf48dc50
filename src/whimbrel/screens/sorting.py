"""Lists from the survey that can be put into other orders, and thinned out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from whimbrel.screens.inks import MUTED
from whimbrel.screens.listing import Listing
from whimbrel.screens.page import STEPS
from whimbrel.screens.screen import Action
from whimbrel.screens.survey_rows import Filter, Order, R

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

T = TypeVar("T")

_STILL = 10.0
"""Seconds after a key for which rows keep their order: the user is searching for one."""
_HINT = 4.0
"""Seconds for which a newly opened list shows the functions of left and right."""
_TALL = 60
"""Lines of pixels below which there is no room for that."""


class Sorted(Listing[R]):
    """A list from the survey: right goes through the orders, left through the filters."""

    def __init__(self, orders: Sequence[Order[R]], filters: Sequence[Filter[R]]) -> None:
        super().__init__()
        self.orders: Sequence[Order[R]] = orders
        self.filters: Sequence[Filter[R]] = filters
        self.order: Order[R] = orders[0]
        self.filter: Filter[R] = filters[0]
        self._asked: tuple[object, ...] = (self, None, None, None)  # the last arguments of sorting
        self._kept: list[R] = []  # as they were sorted then
        self._pressed = -_STILL  # when a key was pressed last
        self._opened: float | None = None  # when it was drawn first
        self._hinted = False  # whether the keys that sort and filter have been found

    def source(self, state: ScreenState) -> Sequence[R]:
        """Return all rows, in any order."""
        raise NotImplementedError

    def rows(self, state: ScreenState) -> Sequence[R]:
        """Return the filtered rows in the selected order; computed once for each snapshot."""
        still = 0 <= state.now - self._pressed < _STILL
        asked = (state.air, self.order, self.filter, still)
        if any(before is not now for before, now in zip(self._asked, asked, strict=True)):
            kept = sorted(filter(self.filter.keeps, self.source(state)), key=self.order.key)
            if still:
                # New rows come after the known ones; `sorted` keeps the order of equal rows.
                places = {self.identity(row): place for place, row in enumerate(self._kept)}
                kept.sort(key=lambda row: places.get(self.identity(row), len(places)))
            self._asked, self._kept = asked, kept
        return self._kept

    def draw(self, canvas: Canvas, state: ScreenState, top: int) -> None:
        """Draw the rows, and at first the functions of left and right."""
        if self._opened is None:
            self._opened = state.now
        super().draw(canvas, state, top)
        y = self.bottom(canvas, state)
        if y == canvas.height:
            return
        unit = canvas.style.unit
        canvas.dots(0, y, canvas.width)
        if len(self.filters) > 1:
            canvas.text(unit, y + 2, "< filter", "small", MUTED)
        canvas.right(canvas.width - unit, y + 2, "sort >", "small", MUTED)

    def bottom(self, canvas: Canvas, state: ScreenState) -> int:
        """Leave room for the hint while it is shown."""
        fresh = self._opened is not None and 0 <= state.now - self._opened < _HINT
        shown = fresh and not self._hinted and canvas.height >= _TALL
        return canvas.height - (canvas.style.line + 1 if shown else 0)

    def title(self, state: ScreenState) -> str:
        """Return the name of the filter."""
        return self.filter.title.upper()

    def note(self, state: ScreenState) -> str:
        """Return the order, and which row is chosen, of how many if there is room for that."""
        rows = self.rows(state)
        of = f"/{len(rows)}" if len(rows) < 100 else ""
        return f"{self.order.name} {self.position(rows) + 1}{of}" if rows else self.order.name

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Process left and right in addition to a list's keys; for a while after a key, rows keep their order."""
        if key in {"up", "down", "ok"}:
            self._pressed = state.now
        if key == "right" and gesture in STEPS:
            self._hinted = True
            self.order = _next(self.orders, self.order)
            self.forget()
            return []
        if key == "left" and gesture in STEPS and len(self.filters) > 1:
            self._hinted = True
            self.filter = _next(self.filters, self.filter)
            self.forget()
            return []
        return super().key(key, gesture, state)


def _next(choices: Sequence[T], now: T) -> T:
    return choices[(choices.index(now) + 1) % len(choices)]

"""A list to scroll through. The selected row stays selected while the list is sorted again around it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from whimbrel.screens.inks import LIGHT, MUTED
from whimbrel.screens.page import STEPS, View
from whimbrel.screens.screen import Action, Push, Screen

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

T = TypeVar("T")

_ROOMY = 80
"""Lines of pixels from which on every row of a list has a gap to the next."""


class RowArea(NamedTuple):
    """The position and style of a row of a list."""

    y: int
    """Its upper edge."""
    left: int
    right: int
    """Columns from `left` to before `right`."""
    ink: int
    """`LIGHT`, or `DARK` where the row is chosen, and light behind."""
    age: float
    """Seconds since it was chosen, for texts that move; meaningless for other rows."""
    height: int
    """Pixels, the gap to the next row not counted."""
    chosen: bool = False


class Listing(View, Generic[T]):
    """A list of rows. Subclasses define the rows, and draw one."""

    empty = "nothing yet"
    """The text without rows."""
    rings = True
    """Whether up on the first row goes to the last."""

    def __init__(self) -> None:
        self._chosen: Hashable = None
        self._index = 0
        self._since: float | None = None  # when the row was selected; None: at the next drawing

    def rows(self, state: ScreenState) -> Sequence[T]:
        """Return the rows in their order."""
        raise NotImplementedError

    def identity(self, row: T) -> Hashable:
        """Return the identity of a row in any order."""
        raise NotImplementedError

    def draw_row(self, canvas: Canvas, line: RowArea, row: T, state: ScreenState) -> None:
        """Draw one row."""
        raise NotImplementedError

    def opened(self, row: T, state: ScreenState) -> list[Action]:
        """Return the action of ok on a row."""
        return []

    def text_of(self, row: T) -> str:
        """Return the text off the air in a row: letters as high as a row need a gap to the next."""
        return ""

    def row_lines(self, lines: int) -> int:
        """Return how many lines a row takes where all of them have `lines`."""
        return 1

    def bottom(self, canvas: Canvas, state: ScreenState) -> int:
        """Return the line of the panel above which the rows end."""
        return canvas.height

    def position(self, rows: Sequence[T]) -> int:
        """Return the index of the chosen row at its new place, or of the row at its old place."""
        if self._chosen is not None:
            if self._index < len(rows) and self.identity(rows[self._index]) == self._chosen:
                return self._index
            for i, row in enumerate(rows):
                if self.identity(row) == self._chosen:
                    return i
        return max(min(self._index, len(rows) - 1), 0)

    def note(self, state: ScreenState) -> str:
        """Return which row of how many is chosen."""
        rows = self.rows(state)
        return f"{self.position(rows) + 1}/{len(rows)}" if rows else ""

    def draw(self, canvas: Canvas, state: ScreenState, top: int) -> None:
        """Draw as many rows as there is room for, the chosen one among them."""
        rows = self.rows(state)
        if not rows:
            canvas.centre(top + max((canvas.height - top - canvas.style.row) // 2, 0), self.empty, ink=MUTED)
            return
        chosen = self._settle(rows)
        room = self.bottom(canvas, state) - top
        unit, gap = canvas.style.unit, canvas.style.gap
        height = canvas.style.row * self.row_lines(room // canvas.style.row)
        pitch = height + (gap if room >= _ROOMY else 0)
        first, shown = _window(len(rows), chosen, room // pitch)
        if any(map(_is_high, map(self.text_of, rows[first : first + shown]))):
            pitch = height + gap
            first, shown = _window(len(rows), chosen, room // pitch)
        right = canvas.width - (3 * unit if len(rows) > shown else 0)
        if self._since is None:
            self._since = state.now
        age = state.now - self._since
        for i, row in enumerate(rows[first : first + shown]):
            y = top + pitch * i
            is_chosen = first + i == chosen
            ink = canvas.choose(0, y, right, y + height) if is_chosen else LIGHT
            area = RowArea(y, 2 * unit, right - 2 * unit, ink, age, height, is_chosen)
            self.draw_row(canvas, area, row, state)
        canvas.scroll_mark(top, top + room, first, shown, len(rows))

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Move by up and down, open by ok."""
        if key in {"up", "down"} and gesture in STEPS:
            self.move(1 if key == "down" else -1, state, ring=self.rings and gesture == "short")
            return []
        if (key, gesture) == ("ok", "short"):
            rows = self.rows(state)
            return self.opened(rows[self._settle(rows)], state) if rows else []
        return None

    def move(self, by: int, state: ScreenState, *, ring: bool = False) -> None:
        """Choose another row."""
        rows = self.rows(state)
        if not rows:
            return
        index = self.position(rows) + by
        index = index % len(rows) if ring else min(max(index, 0), len(rows) - 1)
        self._index = index
        self._chosen = self.identity(rows[index])
        self._since = state.now

    def _settle(self, rows: Sequence[T]) -> int:
        """Return the index of the chosen row, and have that thing chosen wherever it goes from now on."""
        index = self.position(rows)
        self._index, self._chosen = index, self.identity(rows[index])
        return index

    def forget(self) -> None:
        """Choose the first row again."""
        self._chosen, self._index, self._since = None, 0, None


def _window(total: int, chosen: int, fit: int) -> tuple[int, int]:
    """Return the first row that is shown and how many are, where `fit` have room."""
    shown = max(fit, 1)
    return min(max(chosen - shown // 2, 0), max(total - shown, 0)), shown


def _is_high(text: str) -> bool:
    """Return whether characters of a text fill the whole height of a row, such as East Asian ones."""
    return not text.isascii() and any(char >= "\u2e80" or "\u1100" <= char <= "\u11ff" for char in text)


def put(canvas: Canvas, line: RowArea, x: int, right: int, text: str) -> None:
    """Write `text` between two columns of a row; in the selected row, a text that is too long scrolls."""
    if line.chosen:
        canvas.sliding(x, line.y, right - x, text, line.age, ink=line.ink)
    else:
        canvas.cut(x, line.y, right - x, text, ink=line.ink)


def put_small(canvas: Canvas, line: RowArea, right: int, text: str, ink: int = MUTED) -> int:
    """Write small letters that end before a column of a row; return where they begin."""
    return canvas.right(right, line.y + canvas.style.drop, text, "small", canvas.tint(line.ink, ink))


def put_icon(canvas: Canvas, line: RowArea, x: int, name: str, ink: int = LIGHT) -> int:
    """Draw an icon in the upper line of a row; return where it ends."""
    return canvas.icon(x, line.y + 2 * canvas.style.unit, name, canvas.tint(line.ink, ink))


class Fact(NamedTuple):
    """A fact: a label, its value, and the screen with its details."""

    label: str
    value: str
    go: Callable[[], Screen] | None = None


class Facts(Listing[Fact]):
    """A list of facts, each of them on a line; ok shows one whole."""

    rings = False

    def __init__(self, facts: Callable[[ScreenState], Sequence[Fact]], whole: Callable[[str, str], Screen]) -> None:
        super().__init__()
        self._facts = facts
        self._whole = whole

    def rows(self, state: ScreenState) -> Sequence[Fact]:
        """Return the present rows."""
        return self._facts(state)

    def identity(self, row: Fact) -> Hashable:
        """Return the label."""
        return row.label

    def note(self, state: ScreenState) -> str:
        """Return an empty text: the number of facts does not matter."""
        return ""

    def draw_row(self, canvas: Canvas, line: RowArea, row: Fact, state: ScreenState) -> None:
        """Write the label in small letters at the left, the value at the right."""
        unit, drop = canvas.style.unit, canvas.style.drop
        end = canvas.text(line.left, line.y + drop, row.label, "small", canvas.tint(line.ink, MUTED)) + 4 * unit
        right = line.right
        if row.go is not None:
            right -= 4 * unit
            canvas.icon(right + unit, line.y + 3 * unit, "into", line.ink)
        value = row.value or "-"
        width = canvas.face("body").width(value)
        if width <= right - end:
            canvas.text(right - width, line.y, value, "body", line.ink)
        elif canvas.face("small").width(value) <= right - end:
            canvas.right(right, line.y + drop, value, "small", line.ink)
        else:
            put(canvas, line, end, right, value)

    def opened(self, row: Fact, state: ScreenState) -> list[Action]:
        """Go where the fact leads, or show it whole where it is too long for a line."""
        if row.go is not None:
            return [Push(row.go())]
        return [Push(self._whole(row.label, row.value))] if len(row.value) > 12 else []

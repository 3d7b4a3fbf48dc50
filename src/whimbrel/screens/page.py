"""The frame that most screens share: a head line, and below it one or more views, of which left and right choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.screens.canvas import Canvas
from whimbrel.screens.inks import MUTED
from whimbrel.screens.screen import Action, Screen

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import ScreenState

STEPS = ("short", "repeat")
"""Gestures that move through a list."""


class View:
    """The content of a page below its head line. It keeps the user's position, and none of the data shown."""

    live = False
    """Whether it changes by itself, without news."""

    def draw(self, canvas: Canvas, state: ScreenState, top: int) -> None:
        """Draw into the rows from `top` on."""
        raise NotImplementedError

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Take a key as `Screen.key` does."""
        return None

    def note(self, state: ScreenState) -> str:
        """Return the text at the right of the head line."""
        return ""

    def title(self, state: ScreenState) -> str:
        """Return the title in the head line; empty for the page's own."""
        return ""

    def follows(self) -> tuple[bytes, ...]:
        """Return the result of `Screen.follows`."""
        return ()


class Page(Screen):
    """A screen with a head line and views."""

    def __init__(self, title: str, *views: View) -> None:
        self.title = title
        self.views = views
        self.at = 0
        """Which view is shown."""

    @property
    def view(self) -> View:
        """The view that is shown."""
        return self.views[self.at]

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the head line and the view."""
        canvas = Canvas(size)
        view = self.view
        end = canvas.width
        unit = canvas.style.unit
        if len(self.views) > 1:
            end = page_marks(canvas, len(self.views), self.at) - 2 * unit
        note = view.note(state)
        if note:
            end = head_note(canvas, end, note) - 4 * unit
        draw_head(canvas, view.title(state) or self.title.upper(), end)
        view.draw(canvas, state, canvas.style.head)
        self.awake = not canvas.still and (canvas.moving or view.live)
        return canvas.image

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Give the key to the view; left and right change it."""
        actions = self.view.key(key, gesture, state)
        if actions is None and key in {"left", "right"} and gesture in STEPS and len(self.views) > 1:
            self.at = (self.at + (1 if key == "right" else -1)) % len(self.views)
            return []
        return actions

    def follows(self) -> tuple[bytes, ...]:
        """Return the address that the view follows."""
        return self.view.follows()


def draw_head(canvas: Canvas, title: str, end: int, x: int = 0) -> None:
    """Draw a title between two columns of the head line, and the line below it."""
    style = canvas.style
    canvas.cut(x, style.title, end - x, title, "title")
    canvas.dots(0, style.head - style.unit, canvas.width)


def head_note(canvas: Canvas, right: int, text: str) -> int:
    """Write small letters in the head line, ending before a column; return where they begin."""
    lower = canvas.face("title").ascent - canvas.face("small").ascent
    return canvas.right(right, canvas.style.title + lower, text, "small", MUTED)


def page_marks(canvas: Canvas, total: int, at: int) -> int:
    """Draw a point for each view at the right of the head line, a block for the one shown; return where they begin."""
    unit = canvas.style.unit
    start = canvas.width - 4 * unit * total
    top = canvas.style.title + 2 * unit
    for i in range(total):
        x = start + (4 * i + 1) * unit
        if i == at:
            canvas.box(x, top, x + 3 * unit, top + 4 * unit)
        else:
            canvas.box(x + unit, top + unit, x + 2 * unit, top + 3 * unit, MUTED)
    return start

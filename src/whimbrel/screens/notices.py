"""Screens with a single message: an answer, the start, an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.base import KNOWN_FROM
from whimbrel.screens.canvas import Canvas
from whimbrel.screens.inks import GOOD, MUTED, WARNING
from whimbrel.screens.logo import logo
from whimbrel.screens.page import STEPS, draw_head
from whimbrel.screens.screen import Action, Pop, Screen
from whimbrel.screens.styles import PaperSize
from whimbrel.text import harmless
from whimbrel.wording.about_radio import ANNOUNCEMENTS_ONLY
from whimbrel.wording.quantities import wrapped

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import ScreenState


class MessageScreen(Screen):
    """A text under a title, to scroll through; ok or back leaves."""

    def __init__(self, title: str, text: str, icon: str = "") -> None:
        self.title = title
        self.text = text
        self.icon = icon
        self.ink = WARNING
        """The ink of the icon."""
        self._line = 0
        self._last = 0  # the first line that is still worth scrolling to, as of the last drawing

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the title in the head line, and as many lines as there is room for."""
        canvas = Canvas(size)
        style = canvas.style
        x = canvas.icon(style.unit, style.title, self.icon, self.ink) + 3 * style.unit if self.icon else 0
        draw_head(canvas, self.title.upper(), canvas.width, x)
        safe = "\n".join(map(harmless, self.text.split("\n")))
        lines = wrapped(safe, canvas.width - 4 * style.unit, canvas.face("body").width)
        shown = max((canvas.height - style.head) // style.row, 1)
        self._last = max(len(lines) - shown, 0)
        first = min(self._line, self._last)
        for i, line in enumerate(lines[first : first + shown]):
            canvas.text(style.unit, style.head + style.row * i, line)
        canvas.scroll_mark(style.head, canvas.height, first, shown, len(lines))
        return canvas.image

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Scroll; ok leaves."""
        if key in {"up", "down"} and gesture in STEPS:
            self._line = min(max(self._line + (1 if key == "down" else -1), 0), self._last)
            return []
        return [Pop()] if (key, gesture) == ("ok", "short") else None


RADIO = "sniffer"
"""The module that has the radio, or the first one."""
_LINE = 18
"""Rows from one line below the name to the next, on paper."""


class Splash(Screen):
    """The bird, the name, and how far the start has come.

    `doing` takes the place of what is waited for, and of the version.
    """

    def __init__(self, version: str, doing: str = "") -> None:
        self.version = version
        self.doing = doing

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the bird above or beside the name, as there is room."""
        canvas = Canvas(size)
        unknown = "the time is not known yet" if state.estimate or state.now < KNOWN_FROM else ""
        below = self.doing or waited_for(state) or unknown or self.version
        if isinstance(size, PaperSize):
            _draw_beside(canvas, below)
            return canvas.image
        unit = canvas.style.unit
        bird, name = logo(unit), canvas.face("number").strip("Whimbrel")
        if canvas.height < bird.height + name.height + 8:
            canvas.paste(0, max((canvas.height - bird.height) // 2, 0), bird)
            x = bird.width + 6
            canvas.paste(x, 3, name)
            canvas.cut(x, 19, canvas.width - x, below, "small")
            return canvas.image
        y = (canvas.height - bird.height - name.height - 13 * unit) // 2
        canvas.paste(max((canvas.width - bird.width) // 2, 0), y, bird, GOOD)
        canvas.paste((canvas.width - name.width) // 2, y + bird.height + 2 * unit, name)
        canvas.centre(canvas.height - max(y, 0) - 8 * unit, below, "small", MUTED)
        return canvas.image


def _draw_beside(canvas: Canvas, below: str) -> None:
    """Draw the bird large, beside the name, for a panel that nobody sees change."""
    bird = logo(2)
    middle, half = canvas.height // 2, canvas.width // 2
    canvas.paste(max((half - bird.width) // 2, 0), max((canvas.height - bird.height) // 2, 0), bird)
    canvas.text(half + 4, middle - 22, "Whimbrel", "large")
    for i, line in enumerate(wrapped(below, half - 7, canvas.face("body-large").width)[:2]):
        canvas.text(half + 5, middle + 4 + i * _LINE, line, "body-large")


def waited_for(state: ScreenState) -> str:
    """Return what the start still waits for; empty for nothing."""
    starting = [status.module for status in state.modules if status.state == "starting"]
    if RADIO in starting:
        return "looks for the radio"
    return f"starts {', '.join(starting)}" if starting else ""


def unheard_screen() -> Screen:
    """Return the screen about what a scan does not hear."""
    return MessageScreen("by scanning", ANNOUNCEMENTS_ONLY + ".")

"""Screens with a single message: an answer, the start, an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.screens.canvas import LIGHT, Canvas
from whimbrel.screens.faces import face
from whimbrel.screens.logo import logo
from whimbrel.screens.page import HEAD, ROW, STEPS
from whimbrel.screens.screen import Action, Pop, Screen
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
        self._line = 0
        self._last = 0  # the first line that is still worth scrolling to, as of the last drawing

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the title in the head line, and as many lines as there is room for."""
        canvas = Canvas(size)
        x = canvas.icon(1, 0, self.icon) + 3 if self.icon else 0
        canvas.cut(x, 0, canvas.width - x, self.title.upper(), "title")
        canvas.dots(0, HEAD - 1, canvas.width)
        safe = "\n".join(map(harmless, self.text.split("\n")))
        lines = wrapped(safe, canvas.width - 4, face("body").width)
        shown = max((canvas.height - HEAD) // ROW, 1)
        self._last = max(len(lines) - shown, 0)
        first = min(self._line, self._last)
        for i, line in enumerate(lines[first : first + shown]):
            canvas.text(1, HEAD + ROW * i, line)
        canvas.scroll_mark(HEAD, canvas.height, first, shown, len(lines))
        return canvas.image

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Scroll; ok leaves."""
        if key in {"up", "down"} and gesture in STEPS:
            self._line = min(max(self._line + (1 if key == "down" else -1), 0), self._last)
            return []
        return [Pop()] if (key, gesture) == ("ok", "short") else None


class Splash(Screen):
    """The bird, the name, and how far the start has come."""

    def __init__(self, version: str, doing: str = "") -> None:
        self.version = version
        self.doing = doing

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the bird above or beside the name, as there is room."""
        canvas = Canvas(size)
        bird, name = logo(), face("number").strip("Whimbrel")
        below = self.doing or self.version
        if canvas.height < bird.height + name.height + 8:
            canvas.image.paste(LIGHT, (0, max((canvas.height - bird.height) // 2, 0)), bird)
            x = bird.width + 6
            canvas.image.paste(LIGHT, (x, 3), name)
            canvas.cut(x, 19, canvas.width - x, below, "small")
            return canvas.image
        y = (canvas.height - bird.height - name.height - 13) // 2
        canvas.image.paste(LIGHT, (max((canvas.width - bird.width) // 2, 0), y), bird)
        canvas.image.paste(LIGHT, ((canvas.width - name.width) // 2, y + bird.height + 2), name)
        canvas.centre(canvas.height - max(y, 0) - 8, below, "small")
        return canvas.image


def unheard_screen() -> Screen:
    """Return the screen about what a scan does not hear."""
    return MessageScreen("by scanning", ANNOUNCEMENTS_ONLY + ".")

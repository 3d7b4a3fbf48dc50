"""A stack, a state, and fingers."""

from __future__ import annotations

from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.home import home_screen
from whimbrel.screens.menu import Menu
from whimbrel.screens.scale import drawn
from whimbrel.screens.screen import Action, Stack
from whimbrel.screens.state import ScreenState

SIZE = (128, 64)


class Walk:
    """A stack, a state, and fingers."""

    def __init__(self, state: ScreenState, size: tuple[int, int] = SIZE, registry: ScreenOffers | None = None) -> None:
        self.state = state
        self.size = size
        self.stack = Stack(home_screen(registry or ScreenOffers()))
        self.look()

    def look(self) -> bytes:
        return drawn(self.stack.top, self.state, self.size).tobytes()

    def press(self, keys: str) -> list[Action]:
        """Press keys shortly, or as ``key:gesture``; return the requests of the last one."""
        actions: list[Action] = []
        for step in keys.split():
            key, _, gesture = step.partition(":")
            actions = self.stack.press(key, gesture or "short", self.state)
            self.look()
        return actions

    def open(self, entry: str) -> list[Action]:
        """Choose a line of the menu by its label."""
        self.stack.home()
        self.press("menu")
        lines = self.lines()
        return self.press("down " * lines.index(entry) + "ok")

    def lines(self) -> list[str]:
        assert isinstance(self.stack.top, Menu)
        return [line.entry.label(self.state) for line in self.stack.top.view.rows(self.state)]  # type: ignore[attr-defined]

    @property
    def title(self) -> str:
        return self.stack.top.title

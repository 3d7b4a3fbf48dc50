"""What modules add to the screens: screens of their own, and lines of the menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from whimbrel.screens.screen import Action, ScreenFactory
    from whimbrel.screens.state import ScreenState


def _always(_state: ScreenState) -> bool:
    return True


class MenuEntry(NamedTuple):
    """A line of the menu."""

    label: Callable[[ScreenState], str]
    """What stands there."""
    act: Callable[[ScreenState], list[Action]]
    """What ok does."""
    shown: Callable[[ScreenState], bool] = _always
    """Whether it is there at all: a line without its module is absent, not dead."""


class ScreenRegistry:
    """Screens and menu lines by name. A name belongs to the module that added it."""

    def __init__(self) -> None:
        self._screens: dict[str, tuple[ScreenFactory, str]] = {}
        self._entries: dict[str, tuple[MenuEntry, str]] = {}

    def add_screen(self, name: str, factory: ScreenFactory, owner: str) -> None:
        """Offer a screen in the menu, under `name`. Raises ValueError where another module has that name."""
        _claim(self._screens, name, owner)
        self._screens[name] = (factory, owner)

    def add_entry(self, name: str, entry: MenuEntry, owner: str) -> None:
        """Offer a line in the menu. Raises ValueError where another module has that name."""
        _claim(self._entries, name, owner)
        self._entries[name] = (entry, owner)

    def drop(self, owner: str) -> None:
        """Forget what a module has added."""
        self._screens = {name: item for name, item in self._screens.items() if item[1] != owner}
        self._entries = {name: item for name, item in self._entries.items() if item[1] != owner}

    @property
    def screens(self) -> dict[str, ScreenFactory]:
        """The screens by name, in alphabetical order."""
        return {name: factory for name, (factory, _) in sorted(self._screens.items())}

    @property
    def entries(self) -> list[MenuEntry]:
        """The menu lines, in alphabetical order of their names."""
        return [entry for _, (entry, _) in sorted(self._entries.items())]


def _claim(
    table: dict[str, tuple[ScreenFactory, str]] | dict[str, tuple[MenuEntry, str]], name: str, owner: str
) -> None:
    if name in table and table[name][1] != owner:
        raise ValueError(f"{name!r} of {owner} is already {table[name][1]}'s")

"""A menu entry, and its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Action, Push, Screen

if TYPE_CHECKING:
    from whimbrel.screen_offers import MenuPlace, ScreenOffer
    from whimbrel.screens.screen import ScreenFactory
    from whimbrel.screens.state import ScreenState


def _always(_state: ScreenState) -> bool:
    return True


class MenuEntry(NamedTuple):
    """The label and action of a menu entry."""

    label: Callable[[ScreenState], str]
    """The label."""
    act: Callable[[ScreenState], list[Action]]
    """The action of ok."""
    shown: Callable[[ScreenState], bool] = _always
    """Whether it is there at all: a line without its module is absent, not dead."""


class MenuLine(NamedTuple):
    """One line of the menu."""

    name: str
    """The identity of the entry, independent of its label."""
    place: MenuPlace
    entry: MenuEntry


def leads(
    name: str, place: MenuPlace, factory: ScreenFactory, shown: Callable[[ScreenState], bool] = _always
) -> MenuLine:
    """Return a line that opens a screen."""
    return MenuLine(name, place, MenuEntry(lambda _state: name, lambda _state: [Push(factory())], shown))


def acts(
    name: str,
    place: MenuPlace,
    act: Callable[[ScreenState], list[Action]],
    shown: Callable[[ScreenState], bool] = _always,
    label: Callable[[ScreenState], str] | None = None,
) -> MenuLine:
    """Return a line that does something."""
    return MenuLine(name, place, MenuEntry(label or (lambda _state: name), act, shown))


def offered(offer: ScreenOffer) -> MenuLine:
    """Return the entry of a module's offer. The result is checked, because another package may have a mistake."""
    if not offer.is_entry:
        return leads(offer.name, offer.place, lambda: _screen(offer))
    entry = offer.make()
    if isinstance(entry, MenuEntry):
        return MenuLine(offer.name, offer.place, entry)
    return leads(offer.name, offer.place, lambda: _mistake(offer, entry, "MenuEntry"))


def _screen(offer: ScreenOffer) -> Screen:
    screen = offer.make()
    return screen if isinstance(screen, Screen) else _mistake(offer, screen, "Screen")


def _mistake(offer: ScreenOffer, made: object, wanted: str) -> Screen:
    text = f"module {offer.owner} offers {type(made).__name__}, which is no {wanted}; please report it there"
    return MessageScreen(offer.name, text, "warning")

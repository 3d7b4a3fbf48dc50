"""What modules bring to the device's menu. Knows no screen: those are imported only where there is a display."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import NamedTuple


class Section(enum.IntEnum):
    """A part of the menu, in the order of the menu."""

    LOOK = 0
    """Screens that show something."""
    RADIO = 1
    """What the radio is to do."""
    DEVICE = 2
    """What the device is to do, and its settings."""


class Place(NamedTuple):
    """Where a line stands in the menu."""

    section: Section = Section.LOOK
    order: int = 50
    """Within the section, ascending; lines of one order stand by their names. Those of this project begin with 10."""


class ScreenOffer(NamedTuple):
    """One line of the menu that a module has added."""

    name: str
    """What stands there, unless the entry says otherwise."""
    make: Callable[[], object]
    """Makes a `whimbrel.screens.screen.Screen`, or a `whimbrel.screens.menu_entries.MenuEntry`, each time that the
    menu needs one."""
    place: Place
    shows: tuple[type, ...]
    """Event bodies that its screen shows: the newest of each is in `ScreenState.newest`."""
    owner: str
    """The module."""
    is_entry: bool = False
    """Whether `make` gives an entry of the menu, not a screen."""


class ScreenOffers:
    """The offers by name. A name belongs to the module that added it."""

    def __init__(self) -> None:
        self._offers: dict[str, ScreenOffer] = {}

    def add(self, offer: ScreenOffer) -> None:
        """Put a line into the menu. Raises ValueError where another module has one of that name."""
        known = self._offers.get(offer.name)
        if known is not None and known.owner != offer.owner:
            raise ValueError(f"{offer.name!r} of {offer.owner} is already {known.owner}'s")
        self._offers[offer.name] = offer

    def drop(self, owner: str) -> None:
        """Forget what a module has added."""
        self._offers = {name: offer for name, offer in self._offers.items() if offer.owner != owner}

    def __call__(self) -> list[ScreenOffer]:
        """Return what is offered now, by name."""
        return [offer for _, offer in sorted(self._offers.items())]

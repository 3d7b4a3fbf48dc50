"""The entries that modules add to the device's menu. It imports no screens: only a display does."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import NamedTuple


class Section(enum.IntEnum):
    """A part of the menu, in the order of the menu."""

    LOOK = 0
    """Screens that show something."""
    RADIO = 1
    """Commands for the radio."""
    DEVICE = 2
    """Commands for the device, and its settings."""


class MenuPlace(NamedTuple):
    """The position of an entry in the menu."""

    section: Section = Section.LOOK
    order: int = 50
    """Position within the section, ascending; equal ones are sorted by name. Those of this project begin with 10."""


class ScreenOffer(NamedTuple):
    """One menu entry added by a module."""

    name: str
    """The label, unless the entry provides another."""
    make: Callable[[], object]
    """Makes a `whimbrel.screens.screen.Screen`, or a `whimbrel.screens.menu_entries.MenuEntry`, whenever the menu
    needs one."""
    place: MenuPlace
    shows: tuple[type, ...]
    """Event bodies shown by its screen: the newest of each is in `ScreenState.newest`."""
    owner: str
    """The module."""
    is_entry: bool = False
    """Whether `make` gives an entry of the menu, not a screen."""


class ScreenOffers:
    """The offers by name. A name belongs to the module that added it."""

    def __init__(self) -> None:
        self._offers: dict[str, ScreenOffer] = {}

    def add(self, offer: ScreenOffer) -> None:
        """Add an entry to the menu. Raises ValueError if another module has one of that name."""
        known = self._offers.get(offer.name)
        if known is not None and known.owner != offer.owner:
            raise ValueError(f"{offer.name!r} of {offer.owner} is already {known.owner}'s")
        self._offers[offer.name] = offer

    def drop(self, owner: str) -> None:
        """Remove the entries of a module."""
        self._offers = {name: offer for name, offer in self._offers.items() if offer.owner != owner}

    def __call__(self) -> list[ScreenOffer]:
        """Return the present offers by name."""
        return [offer for _, offer in sorted(self._offers.items())]

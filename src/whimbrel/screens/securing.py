"""The menu's line that has Debian's security updates installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.device import SecurityUpdatesWanted
from whimbrel.screens.menu_entries import MenuEntry
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Action, Pop, Push, Say
from whimbrel.screens.survey_pages import REASON

if TYPE_CHECKING:
    from whimbrel.screens.state import ScreenState

NAME = "Security updates"
_GOING = (
    "Debian's security updates are looked for, and installed. Leave power and network on until it says what came of it."
)
_WITHIN = 15_000.0
"""Seconds; more than it may take (`whimbrel.securing.asking`)."""


def security_entry() -> MenuEntry:
    """Return the line."""
    return MenuEntry(lambda _state: NAME, _renew)


def _renew(_state: ScreenState) -> list[Action]:
    told = MessageScreen("security updates", _GOING)
    return [Pop(), Push(told), Say(SecurityUpdatesWanted(reason=REASON), within=_WITHIN)]

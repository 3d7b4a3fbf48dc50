"""The menu's line that has recordings and reports copied to the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.device import CopyWanted
from whimbrel.screens.menu_entries import MenuEntry
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Action, Pop, Push, Say
from whimbrel.screens.survey_pages import REASON

if TYPE_CHECKING:
    from whimbrel.screens.state import ScreenState

NAME = "Copy to card"
_GOING = "Recordings and a report are being copied. Leave the power on until it says what came of it."
_WITHIN = 660.0
"""Seconds; more than a copy may take (`whimbrel.copying.asking`)."""


def copy_entry() -> MenuEntry:
    """Return the line."""
    return MenuEntry(lambda _state: NAME, _copy)


def _copy(_state: ScreenState) -> list[Action]:
    return [Pop(), Push(MessageScreen("copy to card", _GOING)), Say(CopyWanted(reason=REASON), within=_WITHIN)]

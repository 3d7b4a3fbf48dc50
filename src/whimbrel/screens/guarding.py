"""Guarding the network of an access point: what that means, what speaks against it, what was learned."""

from __future__ import annotations

from typing import Any

from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Action, Do, Pop, Screen
from whimbrel.screens.state import ScreenState
from whimbrel.text import mac

_MEANING = (
    "Remember who sends this network and how it is protected. What differs from then on is an alert.\n"
    "Do it near your own access point, while all is well.\nok: guard it"
)
_DOUBTS = 6
"""Doubts that are shown; more are counted."""


class GuardScreen(MessageScreen):
    """Asks whether a network is to be guarded; ok does it, back leaves."""

    def __init__(self, bssid: bytes, text: str = _MEANING, *, sure: bool = False) -> None:
        super().__init__("sure?" if sure else "guard", text, "warning" if sure else "notice")
        self._bssid = bssid
        self._sure = sure

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Guard it by ok, scroll by up and down."""
        if (key, gesture) != ("ok", "short"):
            return super().key(key, gesture, state)
        return [Pop(), Do("learn", (("bssid", mac(self._bssid)), ("sure", self._sure)), self.answered)]

    def answered(self, answer: Any) -> Screen:
        """Return the screen that tells what came of it."""
        if not answer["written"]:
            texts = [str(doubt["text"]) for doubt in answer["doubts"]]
            more = [f"and {len(texts) - _DOUBTS} more"] if len(texts) > _DOUBTS else []
            return GuardScreen(
                self._bssid, "\n".join([*texts[:_DOUBTS], *more, "ok: guard it all the same"]), sure=True
            )
        network = answer["networks"][0]
        return MessageScreen("guarded", "\n".join(_lines(network)), "done")


def _lines(network: dict[str, Any]) -> list[str]:
    number = len(network["bssids"])
    return [
        str(network["ssid"]),
        "1 access point" if number == 1 else f"{number} access points",
        ", ".join(map(str, network["security"])) or "any protection",
        f"PMF {network['pmf']}" if network["pmf"] else "PMF not needed",
    ]


def guard_page(bssid: bytes) -> GuardScreen:
    """Return the screen that asks about the network of one access point."""
    return GuardScreen(bssid)

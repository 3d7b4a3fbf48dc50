"""Guarding the network of an access point: the explanation, the doubts, the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.alerts import GuardedAs, LearnNetwork, NetworkLearned
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Action, Pop, Say, Screen
from whimbrel.text import ssid
from whimbrel.wording.quantities import count

if TYPE_CHECKING:
    from whimbrel.screens.state import ScreenState

_MEANING = (
    "Remember the access points and the protection of this network. Later deviations raise alerts.\nDo it near your "
    "own access point, while all is well.\nok: guard it"
)
_DOUBTS = 6
"""Doubts that are shown; more are counted."""


class GuardScreen(MessageScreen):
    """Asks whether to guard a network; ok confirms, back leaves."""

    def __init__(self, bssid: bytes, text: str = _MEANING, *, sure: bool = False) -> None:
        super().__init__("sure?" if sure else "guard", text, "warning" if sure else "notice")
        self._bssid = bssid
        self._sure = sure

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Guard it by ok, scroll by up and down."""
        if (key, gesture) != ("ok", "short"):
            return super().key(key, gesture, state)
        return [Pop(), Say(LearnNetwork(bssid=self._bssid, sure=self._sure), self.answered, within=10.0)]

    def answered(self, answer: NetworkLearned) -> Screen:
        """Return the screen with the result."""
        if not answer.written:
            doubts = answer.doubts
            more = [f"and {len(doubts) - _DOUBTS} more"] if len(doubts) > _DOUBTS else []
            return GuardScreen(
                self._bssid, "\n".join([*doubts[:_DOUBTS], *more, "ok: guard it all the same"]), sure=True
            )
        return MessageScreen("guarded", "\n".join(_lines(answer.network)), "done")


def _lines(network: GuardedAs) -> list[str]:
    return [
        ssid(network.ssid),
        count(len(network.bssids), "access point"),
        ", ".join(map(str, network.security)) or "any protection",
        f"PMF {network.pmf}" if network.pmf else "PMF not needed",
    ]


def guard_page(bssid: bytes) -> GuardScreen:
    """Return the screen that asks about the network of one access point."""
    return GuardScreen(bssid)

from __future__ import annotations

from tools.screenshots import scene
from tools.screenshots.transmissions import octets

from whimbrel.events.alerts import GuardedAs, LearnNetwork, NetworkLearned
from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.guarding import GuardScreen, guard_page
from whimbrel.screens.home import home_screen
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Say, Stack
from whimbrel.screens.survey_pages import access_point_page
from whimbrel.wifi.security import Pmf, Protection

AP = octets("02:00:5e:10:00:01")
SIZE = (128, 64)
NETWORK = GuardedAs(b"Harbour House", (AP,), (Protection.WPA2_PERSONAL,), Pmf.NONE)


def answer(written: bool, *doubts: str) -> NetworkLearned:
    return NetworkLearned(network=NETWORK, written=written, doubts=doubts, answers=1)


def ask(stack: Stack, *, sure: bool = False) -> Say:
    (action,) = stack.press("ok", "short", scene.usual())
    assert isinstance(action, Say)
    assert action.body == LearnNetwork(bssid=AP, sure=sure)
    return action


def test_from_the_access_point_to_the_guard() -> None:
    state = scene.usual()
    stack = Stack(home_screen(ScreenOffers()))
    stack.push(access_point_page(AP))
    stack.press("right", "short", state)
    for _ in range(3):
        stack.press("down", "short", state)
    stack.press("ok", "short", state)
    assert isinstance(stack.top, GuardScreen)
    stack.top.draw(state, SIZE)
    ask(stack)
    assert stack.depth == 2, "the answer brings the next screen"


def test_what_is_guarded_says_so() -> None:
    state = scene.usual()
    page = access_point_page(AP)
    page.key("right", "short", state)
    facts = page.view.rows(state)  # type: ignore[attr-defined]
    assert ("guarded", "no") in [fact[:2] for fact in facts]
    state.guarded = frozenset({AP})
    facts = page.view.rows(state)  # type: ignore[attr-defined]
    assert ("guarded", "yes") in [fact[:2] for fact in facts]


def test_what_was_learned_is_told() -> None:
    stack = Stack(home_screen(ScreenOffers()))
    stack.push(guard_page(AP))
    action = ask(stack)
    assert action.answered is not None
    told = action.answered(answer(True))
    assert isinstance(told, MessageScreen)
    assert told.text.splitlines() == ["Harbour House", "1 access point", "WPA2-Personal", "PMF not needed"]


def test_doubts_come_first() -> None:
    stack = Stack(home_screen(ScreenOffers()))
    stack.push(guard_page(AP))
    action = ask(stack)
    assert action.answered is not None
    doubts = action.answered(answer(False, *(f"doubt {number}" for number in range(9))))
    assert isinstance(doubts, GuardScreen)
    assert doubts.text.splitlines()[-3:] == ["doubt 5", "and 3 more", "ok: guard it all the same"]
    doubts.draw(scene.usual(), SIZE)
    stack.push(doubts)
    ask(stack, sure=True)


def test_back_guards_nothing() -> None:
    stack = Stack(home_screen(ScreenOffers()))
    stack.push(guard_page(AP))
    assert stack.press("back", "short", scene.usual()) == []
    assert stack.depth == 1

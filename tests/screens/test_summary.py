from __future__ import annotations

from tests.screens.walking import Walk
from tools.screenshots import scene

from whimbrel.screens.styles import PaperSize
from whimbrel.screens.summary import TURN

SIZE = PaperSize((250, 122))


def walk_on_paper() -> Walk:
    return Walk(scene.usual(), SIZE)


def test_a_page_turns_by_itself_and_stays_in_between() -> None:
    walk = walk_on_paper()
    walk.state.now = 10 * TURN
    first = walk.look()
    air = scene.crowded().air
    walk.state.air = air
    walk.state.now += TURN / 2
    walk.state.freq = 5180
    walk.state.rate = 1234.0
    assert walk.look() == first, "figures wait for the page to turn"
    walk.state.now += TURN
    assert walk.look() != first


def test_what_cannot_wait_is_drawn_at_once() -> None:
    walk = walk_on_paper()
    walk.state.now = 10 * TURN
    quiet = walk.look()
    walk.state.alerts = scene.alarmed().alerts
    assert walk.look() != quiet
    alarmed = walk.look()
    walk.state.blind = True
    assert walk.look() != alarmed


def test_keys_turn_pages_and_open_the_menu() -> None:
    walk = walk_on_paper()
    first = walk.look()
    walk.press("right")
    assert walk.look() != first
    walk.press("left")
    assert walk.look() == first
    walk.press("ok")
    assert walk.title == "menu"
    walk.press("back back")
    assert walk.title == "menu", "back on the overview opens it too"


def test_nothing_on_paper_moves_by_itself() -> None:
    walk = walk_on_paper()
    assert not walk.stack.top.awake
    walk.press("ok ok")
    assert walk.title == "access points"
    walk.press("down down")
    before = walk.look()
    walk.state.now += 8
    walk.look()
    assert not walk.stack.top.awake
    assert before

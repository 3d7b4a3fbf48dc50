from __future__ import annotations

import pytest
from tests.screens.walking import Walk
from tests.screens.written import shown
from tools.screenshots import scene

from whimbrel.screens.alert_pages import waiting
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


@pytest.mark.parametrize("turn", range(6))
def test_a_new_alert_turns_to_the_alerts(turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = walk_on_paper()
    walk.state.now = (turn + 0.9) * TURN
    walk.look()
    walk.state.alerts = (waiting(scene.alarmed())[-1],)
    walk.state.now += 1
    texts = shown(walk.look, monkeypatch)
    assert walk.state.alerts[0].title in texts
    assert "access points" not in texts, "the page of the figures has the newest alert too"
    alarmed = walk.look()
    walk.state.now += 0.9 * TURN
    assert walk.look() == alarmed, "it stays for a whole turn"
    walk.state.now += 0.2 * TURN
    assert walk.look() != alarmed, "and the pages go on"
    walk.press("up")
    assert walk.look() == alarmed


@pytest.mark.parametrize("turn", range(6))
def test_trouble_with_the_radio_is_drawn_at_once(turn: int) -> None:
    walk = walk_on_paper()
    walk.state.now = turn * TURN
    before = walk.look()
    walk.state.blind = True
    assert walk.look() != before


def test_an_alert_that_was_there_before_turns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    state = scene.alarmed()
    state.now = 3 * TURN
    walk = Walk(state, SIZE)
    walk.state.now += 1
    walk.state.blind = True
    assert "access points" in shown(walk.look, monkeypatch)


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
    walk.state.now += 0.5
    assert walk.look() == before
    assert not walk.stack.top.awake
    walk.press("ok")
    assert walk.stack.top.follows(), "a signal, which moves on other panels"
    assert not walk.stack.top.awake

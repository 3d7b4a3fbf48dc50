from __future__ import annotations

import pytest
from tests.screens.alarms import ALERTS, alarmed
from tests.screens.written import shown
from tools.screenshots import heard, scene

from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.alert_pages import AlertDetail
from whimbrel.screens.home import home_screen
from whimbrel.screens.screen import Stack
from whimbrel.screens.takeover import Takeover

SIZE = (128, 64)


def test_ok_on_the_takeover_leads_to_the_evidence_and_back_from_there_to_where_one_was() -> None:
    state = alarmed()
    stack = Stack(home_screen(ScreenOffers()))
    stack.press("ok", "short", state)
    stack.push(Takeover(ALERTS[0], state.now))
    stack.press("ok", "press", state)
    stack.press("ok", "short", state)
    assert isinstance(stack.top, AlertDetail)
    stack.press("back", "short", state)
    assert stack.top.title == "access points"


def test_any_other_key_takes_the_takeover_away() -> None:
    state = alarmed()
    stack = Stack(home_screen(ScreenOffers()))
    stack.push(Takeover(ALERTS[0], state.now))
    stack.press("left", "press", state)
    stack.press("left", "short", state)
    assert stack.depth == 1


def test_a_key_that_was_down_before_does_not_take_it_away() -> None:
    state = alarmed()
    stack = Stack(home_screen(ScreenOffers()))
    stack.push(Takeover(ALERTS[0], state.now))
    stack.press("ok", "short", state)
    assert isinstance(stack.top, Takeover)


def test_the_takeover_blinks() -> None:
    state = alarmed()
    screen = Takeover(ALERTS[0], state.now)
    light = screen.draw(state, SIZE)
    state.now += 0.6
    dark = screen.draw(state, SIZE)
    assert sum(light.histogram()[1:]) + sum(dark.histogram()[1:]) == 128 * 64


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        ((128, 64), ["ok: evidence", "Disconnection attack", "Harbour House", "ch 6  -60 dBm"]),
        ((128, 32), ["Disconnection attack", "Harbour House", "ch 6  -60 dBm"]),
        ((120, 60), ["Disconnection", "attack", "Harbour House", "ch 6  -60 dBm"]),
    ],
)
def test_from_frames_to_the_takeover(size: tuple[int, int], lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A network's name, its channel, how loud it is: as the frames of the attack have them."""
    state, screen = heard.attacked(scene.NOW), heard.takeover(scene.NOW)
    assert shown(lambda: screen.draw(state, size), monkeypatch) == lines

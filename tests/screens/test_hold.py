from __future__ import annotations

import pytest

from whimbrel.events.device import PowerWanted
from whimbrel.screens.hold import HOLD, Hold, reboot_screen, shutdown_screen
from whimbrel.screens.screen import Action, Say
from whimbrel.screens.state import ScreenState


def steps(screen: Hold, *moments: tuple[float, str]) -> list[Action]:
    """Pass the steps of ok at their times; return all requests."""
    state = ScreenState()
    asked: list[Action] = []
    for at, gesture in moments:
        state.now = at
        screen.draw(state, (128, 64))
        asked += screen.key("ok", gesture, state) or []
    return asked


@pytest.fixture
def screen() -> Hold:
    made = shutdown_screen()
    assert isinstance(made, Hold)
    return made


def held(until: float, start: float = 100.0) -> list[tuple[float, str]]:
    repeats = [(start + 0.6 + 0.1 * i, "repeat") for i in range(200)]
    return [(start, "press"), (start + 0.5, "long"), *(step for step in repeats if step[0] <= start + until)]


def test_holding_on_shuts_down_once(screen: Hold) -> None:
    asked = steps(screen, *held(HOLD + 1.0), (104.0, "release"), *held(HOLD + 1.0, 110.0))
    assert asked == [Say(PowerWanted(what="shutdown"), within=60.0)]


def test_other_keys_lead_away_from_a_wish_that_was_refused(screen: Hold) -> None:
    steps(screen, *held(HOLD + 1.0), (104.0, "release"))
    assert screen.key("back", "short", ScreenState()) is None


def test_letting_go_does_nothing(screen: Hold) -> None:
    assert steps(screen, *held(HOLD - 0.3), (100.0 + HOLD - 0.1, "release")) == []
    assert not screen.awake
    assert screen.filled(100.0 + HOLD) == 0.0


def test_two_halves_are_no_whole(screen: Hold) -> None:
    first = [*held(HOLD * 0.6), (100.0 + HOLD * 0.7, "release")]
    assert steps(screen, *first, *held(HOLD * 0.6, 101.8)) == []


def test_a_short_press_does_nothing(screen: Hold) -> None:
    assert steps(screen, (100.0, "press"), (100.2, "short"), (100.2, "release"), (110.0, "release")) == []


def test_a_key_that_was_held_before_does_nothing(screen: Hold) -> None:
    assert steps(screen, *((100.0 + 0.1 * i, "repeat") for i in range(60))) == []


@pytest.mark.parametrize("leap", [3600.0, -3600.0, 11.0])
def test_a_clock_that_is_set_does_not_fill_the_bar(screen: Hold, leap: float) -> None:
    assert steps(screen, (5000.0, "press"), (5000.0 + leap, "long"), (5000.2 + leap, "release")) == []


def test_the_bar_fills_while_it_is_held(screen: Hold) -> None:
    steps(screen, (100.0, "press"))
    assert screen.awake
    filled = [screen.filled(100.0 + HOLD * part) for part in (0.0, 0.25, 0.5, 1.0, 2.0)]
    assert filled == [0.0, 0.25, 0.5, 1.0, 1.0]


def test_reboot_asks_for_a_reboot() -> None:
    made = reboot_screen()
    assert isinstance(made, Hold)
    assert steps(made, *held(HOLD + 0.5)) == [Say(PowerWanted(what="reboot"), within=60.0)]


def test_other_keys_pass(screen: Hold) -> None:
    assert screen.key("back", "short", ScreenState()) is None

from __future__ import annotations

from datetime import datetime

import pytest
from tools.screenshots import scene

from whimbrel.events.base import KNOWN_FROM
from whimbrel.events.device import TimeWanted
from whimbrel.screens.screen import Action, Push, Say
from whimbrel.screens.state import ScreenState
from whimbrel.screens.styles import PaperSize
from whimbrel.screens.time_setting import NAME, TimeScreen, time_entry
from whimbrel.timekeeping import asking


def at(text: str) -> ScreenState:
    state = scene.usual()
    state.now = datetime.fromisoformat(text).timestamp()
    return state


def press(screen: TimeScreen, state: ScreenState, keys: str) -> list[Action]:
    asked: list[Action] = []
    for key in keys.split():
        screen.draw(state, (128, 64))
        asked += screen.key(key, "short", state) or []
    return asked


def test_the_line_of_the_menu_opens_it() -> None:
    entry = time_entry()
    assert entry.label(scene.usual()) == NAME == asking._NAME
    (opened,) = entry.act(scene.usual())
    assert isinstance(opened, Push)
    assert isinstance(opened.screen, TimeScreen)


@pytest.mark.parametrize(
    ("keys", "set_to"),
    [
        ("ok ok ok ok ok", "2027-01-31 23:59"),
        ("up ok up ok ok ok ok", "2028-02-29 23:59"),
        ("ok down ok ok ok ok", "2027-12-31 23:59"),
        ("ok ok up ok up ok up ok", "2027-01-01 00:00"),
        ("left down left down ok ok", "2027-01-31 22:58"),
        ("right right right right ok", "2027-01-31 23:59"),
        ("down down ok ok ok ok ok", "2099-01-31 23:59"),
    ],
)
def test_keys_set_each_field_and_the_last_ok_the_clock(keys: str, set_to: str) -> None:
    screen = TimeScreen()
    (said,) = press(screen, at("2027-01-31T23:59:31"), keys)
    assert isinstance(said, Say)
    assert isinstance(said.body, TimeWanted)
    assert datetime.fromtimestamp(said.body.time) == datetime.fromisoformat(set_to)
    assert said.within > asking._LIMITS.patience, "the panel waits longer than the daemon, which then says why"
    assert screen.done
    assert press(screen, at(set_to), "ok ok") == [], "once"


def test_until_a_key_changes_it_it_shows_the_present_time() -> None:
    screen, later = TimeScreen(), at("2027-01-31T12:01:00")
    early = screen.draw(at("2027-01-31T12:00:00"), (128, 64)).tobytes()
    assert screen.draw(later, (128, 64)).tobytes() != early
    press(screen, later, "up")
    kept = screen.draw(later, (128, 64)).tobytes()
    assert screen.draw(at("2027-01-31T12:02:00"), (128, 64)).tobytes() == kept


def test_a_clock_that_was_never_set_can_be() -> None:
    state = scene.usual()
    state.now = 60.0
    (said,) = press(TimeScreen(), state, "up ok ok ok ok ok")
    assert isinstance(said, Say)
    assert KNOWN_FROM - 86400 <= said.body.time < KNOWN_FROM + 366 * 86400, "its first year"  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(128, 64), (128, 32), (64, 32), (240, 240), PaperSize((250, 122))])
def test_every_field_is_seen_as_chosen(size: tuple[int, int]) -> None:
    screen, state = TimeScreen(), at("2027-01-31T12:00:00")
    seen = set()
    for _ in range(5):
        seen.add(screen.draw(state, size).tobytes())
        screen.key("right", "short", state)
    assert len(seen) == 5

from __future__ import annotations

import pytest
from tests.screens.walking import Walk
from tools.screenshots import scene

from whimbrel.events.radio import LockChannel, PauseListening, ResumeListening, UnlockChannel
from whimbrel.events.system import ReloadSettings, RestartModule
from whimbrel.screens.menu import Menu
from whimbrel.screens.screen import Say, Set


@pytest.fixture
def walk() -> Walk:
    return Walk(scene.usual())


def test_the_menu_opens_from_everywhere_once(walk: Walk) -> None:
    walk.press("ok ok menu")
    assert isinstance(walk.stack.top, Menu)
    walk.press("up up up ok")
    assert walk.title == "keys"
    depth = walk.stack.depth
    walk.press("menu")
    assert isinstance(walk.stack.top, Menu)
    assert walk.stack.depth == depth - 1
    walk.press("menu")
    assert walk.title == "access point"


def test_the_menu_has_no_line_without_its_module(walk: Walk) -> None:
    walk.press("menu")
    assert "Alerts" not in walk.lines()
    assert "Visit all channels" not in walk.lines()
    walk.state.features = frozenset({"alerts"})
    walk.state.mode = "locked"
    assert "Alerts" in walk.lines()
    assert "Stay on a channel" not in walk.lines()
    assert "Visit all channels" in walk.lines()
    walk.state.mode = ""
    assert not {"Visit all channels", "Stay on a channel"} & set(walk.lines())


def test_a_channel_is_chosen_from_the_menu(walk: Walk) -> None:
    walk.open("Stay on a channel")
    (action,) = walk.press("down down ok")
    assert isinstance(action, Say)
    assert isinstance(action.body, LockChannel)
    assert str(action.body.channel) == "3"
    assert isinstance(walk.stack.top, Menu)
    walk.state.mode = "locked"
    (action,) = walk.open("Visit all channels")
    assert isinstance(action, Say)
    assert isinstance(action.body, UnlockChannel)


def test_the_menu_s_commands(walk: Walk) -> None:
    assert walk.open("Reload settings") == [Say(ReloadSettings(reason="requested on the screen"), within=30.0)]
    walk.open("Restart a module")
    assert walk.press("down ok") == [Say(RestartModule(module="watcher", reason="requested on the screen"))]
    assert walk.open("Turn the picture") == [Set("rotation", 180.0)]
    walk.state.rotation = 180
    assert walk.open("Turn the picture") == [Set("rotation", 0.0)]


def test_brightness_goes_from_dim_to_full_and_never_dark(walk: Walk) -> None:
    walk.open("Brightness")
    level = 1.0
    for _ in range(15):
        (action,) = walk.press("left")
        assert isinstance(action, Set)
        level = walk.state.brightness = action.value
    assert level == pytest.approx(0.1)
    assert walk.press("right") == [Set("brightness", 0.2)]
    walk.press("ok")
    assert isinstance(walk.stack.top, Menu)


def test_the_board_is_ended_only_where_something_does_it(walk: Walk) -> None:
    walk.press("menu")
    assert {"Reboot", "Shut down"} < set(walk.lines())
    walk.state.features = frozenset({"reboot"})
    assert "Reboot" in walk.lines()
    assert "Shut down" not in walk.lines()


def test_a_pause_and_its_end_are_waited_for(walk: Walk) -> None:
    walk.press("menu")
    assert walk.open("Pause listening") == [Say(PauseListening(reason="requested on the screen"), within=10.0)]
    walk.state.paused = True
    walk.press("menu")
    assert walk.open("Go on listening") == [Say(ResumeListening(reason="requested on the screen"), within=10.0)]

from __future__ import annotations

import pytest
from tests.screens.walking import Walk
from tools.screenshots import scene

from whimbrel.events.system import ModuleStatus
from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.home import Home
from whimbrel.screens.inks import CRITICAL
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page
from whimbrel.screens.state import SCANNING
from whimbrel.screens.styles import ColourSize


@pytest.fixture
def walk() -> Walk:
    return Walk(scene.usual())


@pytest.mark.parametrize(
    ("keys", "title"),
    [
        ("ok", "access points"),
        ("right ok", "stations"),
        ("down ok", "channels"),
        ("right down ok", "system"),
        ("left ok", "system"),
        ("down up ok", "access points"),
        ("right right right right ok", "access points"),
    ],
)
def test_tiles_lead_to_their_screens_and_back(walk: Walk, keys: str, title: str) -> None:
    walk.press(keys)
    assert walk.title == title
    walk.press("back")
    assert walk.stack.depth == 1


def test_while_scanning_the_tile_of_the_stations_says_why_there_are_none(walk: Walk) -> None:
    walk.state.mode = SCANNING
    walk.press("right ok")
    assert isinstance(walk.stack.top, MessageScreen)
    assert "need a radio in monitor mode" in walk.stack.top.text


def test_active_scans_are_named_on_the_overview(walk: Walk) -> None:
    walk.state.mode, walk.state.transmits = SCANNING, True
    home = walk.stack.top
    assert isinstance(home, Home)
    assert home.tiles(walk.state)[1][0].label == "active scans"


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("no Wi-Fi radio: plug in an adapter that knows monitor mode", "plug in an adapter"),
        ("the radio is switched off: 'rfkill unblock wifi' switches it on", "ok: what to do"),
    ],
)
def test_without_a_radio_the_overview_says_what_to_do(walk: Walk, reason: str, label: str) -> None:
    walk.state.modules = (ModuleStatus("sniffer", "waiting", reason, 0.0, True, 1, 0, ()),)
    home = walk.stack.top
    assert isinstance(home, Home)
    assert [tile.label for tile in home.tiles(walk.state)[0]] == [label]
    walk.press("ok")
    assert isinstance(walk.stack.top, MessageScreen)
    assert reason in walk.stack.top.text


def test_the_chosen_tile_stays_chosen_when_another_comes(walk: Walk) -> None:
    walk.press("down right")
    walk.state.features |= {"alerts"}
    walk.press("ok")
    assert walk.title == "system"


def test_the_tile_of_a_trouble_names_it(walk: Walk) -> None:
    walk.state.modules = scene.alarmed().modules
    walk.press("left ok")
    assert isinstance(walk.stack.top, MessageScreen)
    assert walk.title == "buttons"
    assert walk.stack.top.text.startswith("degraded\nkey left bounces")


def test_several_troubles_are_listed_first(walk: Walk) -> None:
    trouble = scene.module("gps", "waiting", "no receiver")
    walk.state.modules = (*scene.alarmed().modules, trouble)
    walk.press("left ok")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.title(walk.state) == "MODULES"
    walk.press("down ok")
    assert walk.title == "gps"
    walk.press("back back")
    walk.state.modules = scene.MODULES
    walk.press("ok")
    assert walk.title == "system"


def test_the_battery_is_red_as_long_as_there_is_a_warning_of_it() -> None:
    def reds(*, low: bool, charge: float) -> int:
        state = scene.alarmed()
        state.alerts = ()
        state.system = scene.system(battery=charge, battery_low=low)
        image = Home(ScreenOffers()).draw(state, ColourSize((240, 240)))
        return sum(1 for ink in image.crop((180, 0, 240, 20)).tobytes() if ink == CRITICAL)

    assert not reds(low=False, charge=0.1)
    assert reds(low=True, charge=0.3)


def test_back_opens_the_menu_of_a_board_with_four_keys(walk: Walk) -> None:
    walk.press("back")
    assert walk.title == "menu"
    walk.press("back")
    assert walk.stack.depth == 1


def test_several_receivers_are_counted_and_shown() -> None:
    state = scene.usual()
    state.receivers = scene.RECEIVERS
    walk = Walk(state)
    home = walk.stack.top
    assert isinstance(home, Home)
    tile = home.tiles(state)[1][0]
    assert (tile.figure, tile.label, tile.alarm) == ("2/2", "hop+scan", False)
    walk.press("down ok")
    assert walk.title == "receivers"
    state.receivers = (scene.receiver(0, state="blind"), scene.RECEIVERS[1])
    tile = home.tiles(state)[1][0]
    assert (tile.figure, tile.label, tile.alarm) == ("1/2", "blind+scan", True)


def test_the_first_one_without_a_radio_does_not_hide_what_the_second_hears() -> None:
    state = scene.usual()
    state.modules = (ModuleStatus("sniffer", "waiting", "plug in an adapter", scene.NOW, True, 3, 0, ()),)
    state.receivers = (scene.receiver(0, state="closed"), scene.receiver(1))
    home = Walk(state).stack.top
    assert isinstance(home, Home)
    assert home.tiles(state)[0][0].label == "APs"
    state.receivers = (scene.receiver(0, state="closed"),)
    assert home.tiles(state)[0][0].figure == "no radio"

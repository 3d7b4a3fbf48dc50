from __future__ import annotations

import pytest
from tests.screens.walking import Walk
from tools.screenshots import scene

from whimbrel.events.radio import UnlockChannel
from whimbrel.screen_offers import MenuPlace, ScreenOffer, ScreenOffers, Section
from whimbrel.screens.menu_entries import MenuEntry
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Say


@pytest.fixture
def walk() -> Walk:
    return Walk(scene.usual())


def offer(name: str, owner: str, place: MenuPlace = MenuPlace()) -> ScreenOffer:  # noqa: B008  # it is immutable
    return ScreenOffer(name, lambda: MessageScreen(name.lower(), "low at noon"), place, (), owner)


def test_a_module_brings_a_screen_and_a_line() -> None:
    offers = ScreenOffers()
    offers.add(offer("Tides", "tides"))
    entry = MenuEntry(lambda _: "Record", lambda _: [Say(UnlockChannel())])
    offers.add(ScreenOffer("recorder", lambda: entry, MenuPlace(Section.RADIO, 90), (), "recorder", is_entry=True))
    walk = Walk(scene.usual(), registry=offers)
    walk.open("Tides")
    assert walk.title == "tides"
    assert walk.open("Record") == [Say(UnlockChannel())]
    offers.drop("tides")
    walk.press("back:long menu")
    assert "Tides" not in walk.lines()
    assert "Record" in walk.lines()


def test_a_line_stands_where_its_place_says() -> None:
    offers = ScreenOffers()
    offers.add(offer("Tides", "tides", MenuPlace(Section.LOOK, 15)))
    offers.add(offer("Moon", "tides"))
    offers.add(offer("Currents", "tides"))
    offers.add(offer("Erase", "tides", MenuPlace(Section.DEVICE, 99)))
    walk = Walk(scene.usual(), registry=offers)
    walk.press("menu")
    lines = walk.lines()
    assert lines[:3] == ["Access points", "Tides", "Stations"]
    assert lines[lines.index("Currents") :][:3] == ["Currents", "Moon", "Stay on a channel"]
    assert lines.index("System") < lines.index("Currents")
    assert lines[-1] == "Erase"


@pytest.mark.parametrize("is_entry", [True, False])
def test_what_is_no_screen_and_no_entry_is_told(is_entry: bool) -> None:
    offers = ScreenOffers()
    offers.add(ScreenOffer("Tides", object, MenuPlace(), (), "tide_tables", is_entry=is_entry))
    walk = Walk(scene.usual(), registry=offers)
    walk.open("Tides")
    assert isinstance(walk.stack.top, MessageScreen)
    assert "module tide_tables offers object" in walk.stack.top.text

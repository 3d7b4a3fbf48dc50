from __future__ import annotations

import pytest

from whimbrel.screen_offers import MenuPlace, ScreenOffer, ScreenOffers, Section


def offer(name: str, owner: str) -> ScreenOffer:
    return ScreenOffer(name, object, MenuPlace(Section.DEVICE), (), owner)


def test_offers_go_with_the_module_that_made_them() -> None:
    offers = ScreenOffers()
    for name, owner in (("Tides", "tides"), ("Moon", "tides"), ("Wind", "weather")):
        offers.add(offer(name, owner))
    assert [found.name for found in offers()] == ["Moon", "Tides", "Wind"]
    offers.drop("tides")
    assert [found.name for found in offers()] == ["Wind"]


def test_two_modules_cannot_have_one_name() -> None:
    offers = ScreenOffers()
    offers.add(offer("Tides", "tides"))
    offers.add(offer("Tides", "tides"))
    with pytest.raises(ValueError, match="already tides's"):
        offers.add(offer("Tides", "other"))


def test_a_place_is_a_section_and_an_order() -> None:
    places = [MenuPlace(Section.DEVICE, 10), MenuPlace(Section.LOOK, 90), MenuPlace(), MenuPlace(Section.RADIO)]
    assert sorted(places) == [
        MenuPlace(),
        MenuPlace(Section.LOOK, 90),
        MenuPlace(Section.RADIO),
        MenuPlace(Section.DEVICE, 10),
    ]

from __future__ import annotations

import pytest

from whimbrel.screen_offers import Place, ScreenOffer, ScreenOffers, Section


def offer(name: str, owner: str) -> ScreenOffer:
    return ScreenOffer(name, object, Place(Section.DEVICE), (), owner)


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
    places = [Place(Section.DEVICE, 10), Place(Section.LOOK, 90), Place(), Place(Section.RADIO)]
    assert sorted(places) == [Place(), Place(Section.LOOK, 90), Place(Section.RADIO), Place(Section.DEVICE, 10)]

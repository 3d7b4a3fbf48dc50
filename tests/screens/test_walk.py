"""Walks through the screens with nothing but keys."""

from __future__ import annotations

import pytest
from tests.screens.walking import Walk
from tools.screenshots import scene
from tools.screenshots.transmissions import octets

from whimbrel.events.radio import LockChannel, UnlockChannel
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Say
from whimbrel.screens.survey_pages import access_point_page
from whimbrel.screens.survey_rows import access_points


@pytest.fixture
def walk() -> Walk:
    return Walk(scene.usual())


def test_from_an_access_point_to_its_station_to_its_network(walk: Walk) -> None:
    walk.press("ok ok")
    assert walk.title == "access point"
    assert walk.stack.top.follows() == (octets("02:00:5e:10:00:01"),)
    walk.press("right right down ok")
    assert walk.title == "station"
    assert walk.stack.top.follows() == (octets("f0:18:98:20:00:03"),)
    walk.press("right")
    assert walk.stack.top.follows() == ()
    walk.press("down down ok")
    assert walk.title == "access point"
    walk.press("back:long")
    assert walk.stack.depth == 1


def test_ok_on_a_signal_stays_on_its_channel_and_hops_again(walk: Walk) -> None:
    walk.press("ok")
    (action,) = walk.press("ok ok")
    assert isinstance(action, Say)
    assert isinstance(action.body, LockChannel)
    assert str(action.body.channel) == "6"
    walk.state.mode = "locked"
    (action,) = walk.press("ok")
    assert isinstance(action, Say)
    assert isinstance(action.body, UnlockChannel)


def test_a_wide_access_point_is_locked_at_its_width(walk: Walk) -> None:
    (action,) = walk.press("ok down ok ok")
    assert isinstance(action, Say)
    assert isinstance(action.body, LockChannel)
    assert str(action.body.channel) == "36/80"


def test_channels_turn_through_bands_and_measures(walk: Walk) -> None:
    walk.press("down ok")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.title(walk.state) == "2.4 GHz"
    walk.press("right down")
    assert (walk.stack.top.view.title(walk.state), walk.stack.top.view.note(walk.state)) == ("5 GHz", "frames")
    walk.press("right")
    assert (walk.stack.top.view.title(walk.state), walk.stack.top.view.note(walk.state)) == ("6 GHz", "frames")
    walk.press("ok")
    assert walk.title == "stay on channel"


def test_a_long_text_scrolls_to_its_end_and_not_further(walk: Walk) -> None:
    walk.stack.push(MessageScreen("long", "word " * 60))
    first = walk.look()
    walk.press("down " * 100)
    last = walk.look()
    assert last != first
    walk.press("up")
    assert walk.look() != last
    walk.press("up " * 100)
    assert walk.look() == first


def test_the_links_of_a_device_lead_to_each_other() -> None:
    state = scene.usual()
    first, second, third, device = (octets(f"02:00:5e:10:00:0{n}") for n in (1, 2, 3, 0))
    one = next(row for row in access_points(state) if row.bssid == first)
    rows = (
        one.replace(mld=device, link=0),
        one.replace(bssid=second, mld=device, link=1, freq=5180, channel=36),
        one.replace(bssid=third, mld=None),
    )
    assert state.air is not None
    state.air = state.air.replace(access_points=rows)
    page = access_point_page(first)
    page.key("right", "short", state)
    facts = page.view.rows(state)  # type: ignore[attr-defined]
    told = {fact[0]: fact for fact in facts}
    assert told["device"][1] == "02:00:5e:10:00:00, link 0"
    assert told["link 1"][1] == "ch 36 02:00:5e:10:00:02"
    assert told["link 1"][2] is not None, "it opens that access point"
    assert [fact[0] for fact in facts].count("link 1") == 1

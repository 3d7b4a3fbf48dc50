"""With any keys in any state there is a picture of the right size, and only the position changes."""

from __future__ import annotations

import copy
import functools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.screenshots import scene
from tools.screenshots.gallery import SHOTS, _home, render
from tools.screenshots.transmissions import octets

from whimbrel.events.keys import GESTURES, KEYS
from whimbrel.events.radio import ResumeListening
from whimbrel.rows import AccessPointRow, LoadRow, SignalRow
from whimbrel.screen_offers import MenuPlace, ScreenOffer, ScreenOffers, Section
from whimbrel.screens.home import home_screen
from whimbrel.screens.menu_entries import MenuEntry
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import MarkSeen, Say, Set, Stack
from whimbrel.screens.state import ScreenState
from whimbrel.wifi.security import Protection

SIZES = ((128, 64), (128, 32), (64, 48), (96, 16), (240, 240), (256, 64), (17, 9), (1, 1))
SCENES = (scene.usual, scene.alarmed, scene.empty, scene.hostile)

steps = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(GESTURES)), max_size=60)
rssi = st.none() | st.integers(-128, 20)


@functools.cache
def crowded() -> ScreenState:
    return scene.crowded()


@st.composite
def networks(draw: st.DrawFn) -> AccessPointRow:
    number = draw(st.integers(0, 5))
    row = scene.network(f"02:00:5e:10:00:{number:02x}", "", 0, -50, scene.OPEN, "", 0, 0.0)
    name = draw(st.binary(max_size=32))
    signal = SignalRow(last=draw(rssi), min=draw(rssi), max=draw(rssi), smoothed=draw(rssi))
    return row.replace(
        ssid=name,
        hidden=draw(st.booleans()),
        names=tuple(draw(st.lists(st.binary(max_size=32), max_size=16))),
        channel=draw(st.sampled_from((0, 1, 14, 36, 233))),
        freq=draw(st.sampled_from((0, 2412, 2484, 5180, 6135, 58320, 3000))),
        band=draw(st.sampled_from(("", "2.4", "5", "6", "60"))),
        width=draw(st.sampled_from((0, 20, 40, 80, 160, 320))),
        security=draw(st.sampled_from(Protection)),
        load=draw(st.none() | st.just(LoadRow(stations=65535, utilisation=1.0))),
        uptime=draw(st.none() | st.integers(0, 1 << 44)),
        measured_interval=draw(st.none() | st.integers(0, 65535)),
        rssi=signal,
        first=draw(st.floats(0, 2e9)),
        last=draw(st.floats(0, 2e9)),
        carrier=draw(st.none() | st.just(octets("02:00:5e:10:00:01"))),
        last_seq=draw(st.none() | st.integers(0, 4095)),
    )


@st.composite
def states(draw: st.DrawFn) -> ScreenState:
    state = draw(st.sampled_from(SCENES))()
    state.now = draw(st.floats(0, 4e9))
    if draw(st.booleans()):
        state.air = scene.snapshot(draw(st.lists(networks(), max_size=6)), [])
    state.mode = draw(st.sampled_from(("", "hopping", "locked", "camping")))
    state.freq = draw(st.sampled_from((0, 2437, 5180, 6135, 3000)))
    state.rate = draw(st.floats(0, 1e7))
    state.blind = draw(st.booleans())
    state.features = draw(st.sampled_from((frozenset(), frozenset({"alerts"}))))
    if draw(st.booleans()):
        state.system = scene.system(
            cpu=draw(st.none() | st.floats(0, 1)),
            temperature=draw(st.none() | st.floats(-40, 150)),
            battery=draw(st.none() | st.floats(0, 1)),
            memory_total=draw(st.sampled_from((0, 1 << 29))),
            disk_used=draw(st.none() | st.floats(0, 1)),
            throttled=draw(st.sampled_from(("", "under-voltage"))),
        )
    return state


def registry() -> ScreenOffers:
    made = ScreenOffers()
    made.add(ScreenOffer("Notes", lambda: MessageScreen("notes", "nothing"), MenuPlace(), (), "notes"))
    entry = MenuEntry(lambda _: "Record", lambda _: [Say(ResumeListening())])
    made.add(ScreenOffer("record", lambda: entry, MenuPlace(Section.RADIO), (), "recorder", is_entry=True))
    return made


def fingerprint(state: ScreenState) -> Any:
    return copy.deepcopy({name: value for name, value in vars(state).items() if name not in {"air", "system"}})


@settings(max_examples=60, deadline=None)
@given(states(), steps, st.sampled_from(SIZES), st.floats(0, 100))
def test_any_keys_in_any_state(
    state: ScreenState, keys: list[tuple[str, str]], size: tuple[int, int], wait: float
) -> None:
    stack = Stack(home_screen(registry()))
    for key, gesture in keys:
        before = fingerprint(state)
        for action in stack.press(key, gesture, state):
            assert isinstance(action, Say | MarkSeen | Set)
        image = stack.top.draw(state, size)
        assert (image.size, image.mode) == (size, "1")
        assert fingerprint(state) == before
        assert all(isinstance(address, bytes) for address in stack.top.follows())
        state.now += wait
    assert stack.depth < 40


@settings(max_examples=30, deadline=None)
@given(steps)
def test_a_crowd_does_not_matter(keys: list[tuple[str, str]]) -> None:
    state = crowded()
    stack = Stack(home_screen(registry()))
    for key, gesture in keys:
        stack.press(key, gesture, state)
    assert stack.top.draw(state, (128, 64)).size == (128, 64)


@pytest.mark.parametrize("name", SHOTS)
def test_equal_states_give_equal_pictures(name: str) -> None:
    shot = SHOTS[name]
    assert render(shot).tobytes() == render(shot).tobytes()
    screen, state = shot.screen(), shot.state()
    assert screen.draw(state, shot.size).tobytes() == screen.draw(state, shot.size).tobytes()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SHOTS)
def test_every_screen_has_every_size(name: str, size: tuple[int, int]) -> None:
    image = render(SHOTS[name]._replace(size=size))
    assert (image.size, image.mode) == (size, "1")


@pytest.mark.parametrize("name", [name for name, shot in SHOTS.items() if shot.size == (128, 64)])
def test_every_picture_shows_something_and_not_everything(name: str) -> None:
    light = sum(render(SHOTS[name]).histogram()[1:])
    assert 100 < light < 128 * 64 - 100


def test_light_is_full_light() -> None:
    """Some panels' drivers take a pixel's value for its brightness."""
    values = set(_home().draw(scene.usual(), (128, 64)).convert("L").tobytes())
    assert values == {0, 255}

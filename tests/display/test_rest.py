from __future__ import annotations

import pytest

from whimbrel.display.rest import Rest, Shift, Sleeper

NEVER = float("inf")


def test_dims_then_goes_off_and_a_key_wakes() -> None:
    sleeper = Sleeper(60, 300, 1000)
    assert [sleeper.at(1000 + idle) for idle in (0, 59.9, 60, 299, 300, 9999)] == [
        Rest.AWAKE, Rest.AWAKE, Rest.DIM, Rest.DIM, Rest.OFF, Rest.OFF,
    ]  # fmt: skip
    assert [sleeper.due(1000 + idle) for idle in (0, 60, 300)] == [1060, 1300, NEVER]
    sleeper.touch(2000)
    assert sleeper.at(2059) is Rest.AWAKE
    assert sleeper.due(2059) == 2060


def test_nothing_is_drawn_without_a_panel_unless_somebody_asks() -> None:
    sleeper = Sleeper(0, 0, 0)
    assert sleeper.seen(9999) is Rest.AWAKE
    sleeper.there = False
    assert sleeper.seen(9999) is Rest.OFF
    sleeper.wake(10_000)
    assert sleeper.seen(10_000) is Rest.OFF, "an alarm is no reason to draw what nobody sees"
    for use in (sleeper.touch, sleeper.ask):
        use(20_000)
        assert (sleeper.seen(20_059), sleeper.due(20_059), sleeper.seen(20_060)) == (Rest.AWAKE, 20_060, Rest.OFF)
    sleeper.there = True
    assert sleeper.seen(30_000) is Rest.AWAKE


@pytest.mark.parametrize("there", [True, False])
def test_pictures_for_another_place_are_made_however_long_the_panel_is_off(there: bool) -> None:
    sleeper = Sleeper(60, 300, 0)
    sleeper.there = there
    for second in range(1000, 1060):
        sleeper.ask(second)
        assert (sleeper.seen(second), sleeper.at(second)) == (Rest.AWAKE, Rest.OFF)
    assert (sleeper.seen(1118.9), sleeper.due(1118.9), sleeper.seen(1119)) == (Rest.AWAKE, 1119, Rest.OFF)


def test_never() -> None:
    sleeper = Sleeper(0, 0, 0)
    assert sleeper.at(1e9) is Rest.AWAKE
    assert sleeper.due(1e9) == NEVER


def test_off_without_being_dimmed() -> None:
    sleeper = Sleeper(0, 10, 0)
    assert (sleeper.at(9), sleeper.at(10)) == (Rest.AWAKE, Rest.OFF)


def test_the_picture_goes_round() -> None:
    shift = Shift(60, 100)
    seen = [shift.at(100 + 60 * minute) for minute in range(5)]
    assert seen == [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    assert (shift.due(100), shift.due(159), shift.due(160)) == (160, 160, 220)


def test_the_picture_stands() -> None:
    assert Shift(0, 100).at(1e6) == (0, 0)
    assert Shift(0, 100).due(1e6) == NEVER

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.tuning.order import interleave, separation
from whimbrel.wifi.channels import Channel, parse_channel

TWO = [Channel(2407 + 5 * number) for number in range(1, 14)]
FIVE = [Channel(5000 + 5 * number) for number in (*range(36, 65, 4), *range(100, 145, 4), *range(149, 166, 4))]
SIX = [Channel(5950 + 5 * number) for number in range(1, 234, 4)]


def test_the_usual_three_come_first() -> None:
    assert [channel.number for channel in interleave(TWO)][:4] == [1, 6, 11, 3]
    assert [channel.number for channel in interleave(TWO[:11])][:3] == [1, 6, 11]


def test_consecutive_channels_do_not_overlap() -> None:
    for count in (11, 12, 13):
        assert separation(interleave(TWO[:count])) >= 25
    assert separation(interleave(FIVE)) >= 80
    assert separation(interleave(SIX)) >= 80
    assert separation(interleave(TWO + FIVE + SIX)) >= 25


def test_bands_take_turns_in_proportion() -> None:
    bands = [channel.band for channel in interleave(TWO + FIVE)]
    for start in range(len(bands) - 6):
        assert {"2.4", "5"} == set(bands[start : start + 6])


def test_one_and_none_are_orders_too() -> None:
    assert interleave([]) == []
    assert interleave([Channel(2412)]) == [Channel(2412)]


@given(st.sets(st.sampled_from(TWO + FIVE + SIX + [parse_channel("36/80"), parse_channel("100/160")])))
def test_every_channel_comes_once_and_nothing_is_left_to_chance(channels: set[Channel]) -> None:
    order = interleave(channels)
    assert sorted(order) == sorted(channels)
    assert order == interleave(sorted(channels, reverse=True))

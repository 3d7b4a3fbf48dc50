from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reporting.rows import BEGAN

from whimbrel.reporting.hours import LANES, STRETCHES, hours
from whimbrel.reporting.model import Hours
from whimbrel.verbs.history import CrowdRow, HourRow

HOUR = 3600.0
FIRST = BEGAN - BEGAN % HOUR


def carried(
    hour: int, freq: int = 2437, airtime: int = 10_000_000, *, frames: int = 100, clock: bool = True
) -> HourRow:
    began = FIRST + hour * HOUR
    return HourRow(hour=began, clock=clock, freq=freq, frames=frames, octets=0, airtime_us=airtime, retries=0)


def crowd(hour: int) -> CrowdRow:
    return CrowdRow(hour=FIRST + hour * HOUR, clock=True, access_points=7, stations=9, random=3)


def made(*rows: HourRow, step: int = 1) -> Hours:
    found = hours(rows, [crowd(0)], step)
    assert found is not None
    return found


def test_a_square_for_each_channel_and_hour() -> None:
    found = made(carried(0), carried(3, airtime=20_000_000), carried(0, 5180, 5_000_000))
    assert [lane.channel for lane in found.lanes] == ["6", "36"]
    first, last = found.lanes[0].squares
    assert (first.start, first.length, last.start, last.length) == (0.0, 25.0, 75.0, 25.0)
    assert found.lanes[1].squares[0].strength < first.strength < last.strength == 1.0
    assert "100 frames, 10 s on the air" in first.title
    assert [(row.frames, row.airtime, row.busiest, row.access_points, row.devices) for row in found.stretches] == [
        ("200", "15 s", "6", "7", "9"), ("100", "20 s", "6", "", ""),
    ]  # fmt: skip


def test_longer_stretches() -> None:
    found = made(carried(0), carried(8), step=4)
    assert found.step == "4 hours"
    assert [square.length for square in found.lanes[0].squares] == pytest.approx([100 / 3, 100 / 3])


def test_nothing_and_what_is_from_before_the_clock_was_set() -> None:
    assert hours([], [], 1) is None
    assert hours([carried(0, clock=False), carried(0, frames=0)], [], 1) is None


def test_the_newest_and_the_busiest_have_room() -> None:
    many = [carried(hour, 2412 + 5 * number, number) for hour in range(STRETCHES + 5) for number in range(LANES + 2)]
    found = made(*many)
    assert (len(found.lanes), found.left_out, len(found.stretches)) == (LANES, 2, STRETCHES)
    assert all(0 <= square.start <= 100 for lane in found.lanes for square in lane.squares)


@given(
    st.lists(
        st.builds(carried, st.integers(-(10**6), 10**6), st.integers(0, 90000), st.integers(0, 2**62)), max_size=20
    )
)
def test_every_square_lies_within(rows: list[HourRow]) -> None:
    found = hours(rows, [], 1)
    for lane in found.lanes if found else ():
        for square in lane.squares:
            assert -1e-6 <= square.start <= square.start + square.length <= 100.001
            assert 0 < square.strength <= 1

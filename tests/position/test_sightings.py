from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.air import AP, beacon

from whimbrel.geo import Position, distance, moved
from whimbrel.position.sightings import STRIDE, Sightings
from whimbrel.rows import SightingRow
from whimbrel.survey.survey import Survey
from whimbrel.wifi.security import Protection

HOLD = 5.0
CENTRE = (59.0, 18.0)


def at(east: float, north: float, time: float, *, centre: tuple[float, float] = CENTRE) -> Position:
    north_of, east_of = moved(*centre, east, north)
    return Position(latitude=north_of, longitude=east_of, error=8.0, speed=2.0, time=time)


class Walk:
    """Hears beacons of one access point, each a moment before the device gets its position."""

    def __init__(self, limit: int = 100) -> None:
        self.survey = Survey()
        self.sightings = Sightings(limit)

    def hear(self, position: Position, rssi: int | None, *, bssid: bytes = AP, before: float = 0.0) -> None:
        self.survey.observe(beacon(bssid=bssid, time=position.time - before, rssi=rssi))
        self.place(position)

    def place(self, position: Position) -> int:
        aps = list(self.survey.access_points.table.entries.values())
        return sum(1 for _ in self.sightings.take(position, HOLD, aps, lambda _ap: True))

    @property
    def row(self) -> SightingRow:
        (sighting,) = self.sightings.after(None, 10)
        return sighting.row()


def test_the_strongest_and_what_it_announces() -> None:
    walk = Walk()
    walk.hear(at(0, 0, 1000.0), -70)
    walk.hear(at(50, 0, 1010.0), -50, before=1.0)
    walk.hear(at(100, 0, 1020.0), -60)
    row = walk.row
    assert (row.bssid, row.ssid, row.channel, row.security) == (AP, b"harbour", 6, Protection.WPA2_PERSONAL)
    assert (row.rssi, row.first, row.last, row.samples) == (-50, 1000.0, 1020.0, 3)
    assert row.strongest.time == 1009.0
    assert row.strongest.error == 10.0  # 2 m/s for a second
    assert row.strongest.longitude == at(50, 0, 0.0).longitude


def test_the_average_leans_to_where_it_was_loud() -> None:
    walk = Walk()
    walk.hear(at(0, 0, 1000.0), -80)
    walk.hear(at(100, 0, 1010.0), -60)  # ten times the amplitude
    there = moved(*CENTRE, 100 * 10 / 11, 0)
    assert distance(walk.row.latitude, walk.row.longitude, *there) < 0.1
    assert walk.row.spread == pytest.approx(100 * math.sqrt(10) / 11, rel=1e-3)


def test_who_stands_still_hears_nothing_new() -> None:
    walk = Walk()
    for second in range(100):
        walk.hear(at(second % 3, 0, 1000.0 + second), -60)
    walk.hear(at(100, 0, 1200.0), -60)
    assert walk.row.samples == 2
    assert walk.row.last == 1200.0
    assert distance(walk.row.latitude, walk.row.longitude, *moved(*CENTRE, 50, 0)) < 2


def test_nothing_is_put_at_a_position_that_is_too_old_or_was_not_there_yet() -> None:
    walk = Walk()
    walk.hear(at(0, 0, 1000.0), -60, before=HOLD + 0.1)
    assert walk.sightings.after(0, 10) == []
    walk.hear(at(0, 0, 1000.0), -60, before=-HOLD - 0.1)
    assert walk.sightings.after(0, 10) == []
    walk.hear(at(0, 0, 1010.0), -60, before=HOLD)
    assert walk.row.last == 1005.0


def test_what_was_not_heard_again_is_not_put_at_the_next_position() -> None:
    walk = Walk()
    walk.hear(at(0, 0, 1000.0), -60)
    walk.place(at(400, 0, 1001.0))
    assert walk.row.samples == 1
    walk.hear(at(400, 0, 1002.0), None)  # a frame that does not tell how loud it was keeps the level before
    assert walk.row.samples == 2


def test_across_the_date_line() -> None:
    walk = Walk()
    walk.hear(at(-50, 0, 1000.0, centre=(10.0, 180.0)), -60)
    walk.hear(at(50, 0, 1010.0, centre=(10.0, 180.0)), -60)
    assert distance(walk.row.latitude, walk.row.longitude, 10.0, 180.0) < 0.1


def test_an_earlier_process_is_gone_on_from() -> None:
    once, again, whole = Walk(), Walk(), Walk()
    for step, (east, rssi) in enumerate([(0, -80), (100, -60), (30, -50), (200, -70)]):
        for walk in (whole, once if step < 2 else again):
            walk.hear(at(east, 0, 1000.0 + step * 10), rssi)
    before, after = once.row, again.row
    later = Walk()
    later.sightings.recall([before])
    assert later.row == before
    for step, (east, rssi) in enumerate([(30, -50), (200, -70)], 2):
        later.hear(at(east, 0, 1000.0 + step * 10), rssi)
    again.sightings.recall([before])  # which it learned late
    for found in (later.row, again.row):
        expected = whole.row
        assert (found.first, found.last, found.rssi, found.samples) == (1000.0, 1030.0, -50, 4)
        assert found.strongest == expected.strongest == after.strongest
        assert found.spread == pytest.approx(expected.spread, rel=1e-6)
        assert found.weight == pytest.approx(expected.weight)
        assert distance(found.latitude, found.longitude, expected.latitude, expected.longitude) < 0.01


def test_those_of_an_earlier_process_come_first_and_make_room_first() -> None:
    walk = Walk()
    for number in range(3):
        walk.hear(at(0, 0, 1000.0 + number), -60, bssid=b"\x00\x50\x00\x00\x00" + bytes((number,)))
    rows = [sighting.row() for sighting in walk.sightings.after(None, 10)]
    later = Walk(limit=3)
    later.hear(at(0, 0, 5.0), -60)  # by a clock that is not set yet
    later.sightings.recall(rows)
    assert [sighting.address[5] for sighting in later.sightings.after(None, 10)] == [1, 2, AP[5]]
    assert [sighting.address for sighting in later.sightings.after(0, 10)] == [AP]
    later.hear(at(0, 0, 6.0), -60, bssid=rows[1].bssid)
    assert [sighting.address[5] for sighting in later.sightings.after(0, 10)] == [AP[5], 1]
    later.sightings.shift(500.0)
    last, first = later.sightings.entries[rows[1].bssid], later.sightings.entries[rows[2].bssid]
    assert (last.first, last.last, last.strongest.time) == (1001.0, 506.0, 1001.0)
    assert (first.first, first.last) == (1002.0, 1002.0)


def test_bounded_and_in_order() -> None:
    walk = Walk(limit=32)
    for number in range(100):
        walk.hear(at(0, 0, 1000.0 + number), -60, bssid=b"\x00\x50\x00\x00\x00" + bytes((number,)))
    numbers = [sighting.number for sighting in walk.sightings.after(0, 1000)]
    assert len(numbers) <= 32
    assert numbers == sorted(numbers)
    assert numbers[-1] == 100
    assert [sighting.number for sighting in walk.sightings.after(98, 1)] == [99]


def test_others_get_a_turn() -> None:
    walk = Walk()
    for number in range(STRIDE * 2 + 1):
        walk.survey.observe(beacon(bssid=b"\x00\x50\x00\x00\x00" + bytes((number,)), time=1000.0))
    assert walk.place(at(0, 0, 1000.0)) == 2


def test_a_clock_that_is_set() -> None:
    walk = Walk()
    walk.hear(at(0, 0, 1000.0), -60)
    walk.survey.shift(500.0)
    walk.sightings.shift(500.0)
    assert (walk.row.first, walk.row.last, walk.row.strongest.time) == (1500.0, 1500.0, 1500.0)


@given(
    st.floats(-85, 85),
    st.floats(-180, 180),
    st.lists(st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000), st.integers(-127, 20)), min_size=1, max_size=20),
)
def test_the_average_lies_among_the_positions(north: float, east: float, heard: list[tuple[float, float, int]]) -> None:
    walk = Walk()
    for step, (right, up, rssi) in enumerate(heard):
        walk.hear(at(right, up, 1000.0 + step * 10, centre=(north, east)), rssi)
    row = walk.row
    assert row.rssi == max(rssi for *_, rssi in heard)
    centre = moved(north, east, 0, 0)
    farthest = max(math.hypot(right, up) for right, up, _ in heard)
    assert distance(row.latitude, row.longitude, *centre) <= farthest * 1.01 + 1
    assert 0 <= row.spread <= 2 * farthest * 1.01 + 1

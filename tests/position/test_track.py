from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.geo import Position, moved
from whimbrel.position.track import Track


def at(east: float, time: float) -> Position:
    north_of, east_of = moved(59.0, 18.0, east, 0)
    return Position(latitude=north_of, longitude=east_of, error=5.0, time=time)


def test_a_point_for_each_ten_metres() -> None:
    track = Track()
    for second in range(100):
        track.add(at(second * 2.001, float(second)))
    assert [point.time for point in track.points] == [float(second) for second in range(0, 100, 5)]


def test_who_rests_leaves_a_point_a_minute() -> None:
    track = Track()
    for second in range(150):
        track.add(at(0, float(second)))
    assert [point.time for point in track.points] == [0.0, 60.0, 120.0]


def test_time_does_not_go_back() -> None:
    track = Track()
    track.add(at(0, 10.0))
    track.add(at(50, 10.0))
    track.add(at(100, 9.0))
    assert len(track.points) == 1
    track.shift(-5.0)
    track.add(at(100, 9.0))
    assert [point.time for point in track.points] == [5.0, 9.0]


def test_in_parts() -> None:
    track = Track()
    for step in range(10):
        track.add(at(step * 20.0, float(step)))
    assert [point.time for point in track.after(3.0, 4)] == [4.0, 5.0, 6.0, 7.0]
    assert track.after(9.0, 4) == []


@given(st.integers(3, 40), st.integers(1, 300))
def test_bounded_with_both_ends(limit: int, steps: int) -> None:
    track = Track(limit)
    for step in range(steps):
        track.add(at(step * 20.0, float(step)))
    times = [point.time for point in track.points]
    assert len(times) <= limit
    assert times == sorted(set(times))
    assert (times[0], times[-1]) == (0.0, float(steps - 1))

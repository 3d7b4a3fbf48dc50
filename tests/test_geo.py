from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.geo import Position, Zone, ZoneKind, distance, moved, offset

NORTH, EAST = st.floats(-89.9, 89.9), st.floats(-180, 180)


def test_known_distances() -> None:
    assert distance(0, 0, 0, 1) == pytest.approx(111_195, rel=1e-4)
    assert distance(59.3293, 18.0686, 51.5074, -0.1278) == pytest.approx(1_431_000, rel=6e-3)  # Stockholm to London
    assert distance(10, 179.999, 10, -179.999) == pytest.approx(219, abs=1)


@given(NORTH, EAST, NORTH, EAST)
def test_distance_is_the_same_both_ways(north: float, east: float, other: float, further: float) -> None:
    there = distance(north, east, other, further)
    assert 0 <= there <= 20_015_200
    assert distance(other, further, north, east) == pytest.approx(there, abs=1e-3)


@given(st.floats(-85, 85), EAST, st.floats(-500, 500), st.floats(-500, 500))
def test_moved_is_the_reverse_of_offset(north: float, east: float, right: float, up: float) -> None:
    there = moved(north, east, right, up)
    assert -180 <= there[1] <= 180
    assert offset(north, east, *there) == pytest.approx((right, up), abs=1e-3)
    assert distance(north, east, *there) == pytest.approx((right**2 + up**2) ** 0.5, rel=2e-3, abs=1e-3)


def test_the_error_grows_with_time_and_speed() -> None:
    still = Position(latitude=1.0, longitude=2.0, error=5.0, time=100.0)
    assert still.error_at(103.0) == 5.0
    walking = still.replace(speed=1.5)
    assert walking.error_at(102.0) == walking.error_at(98.0) == 8.0


def test_a_zone_counts_where_the_device_may_be_in_it() -> None:
    zone = Zone(name="home", kind=ZoneKind.HOME, latitude=59.0, longitude=18.0, radius=100.0)
    north = moved(59.0, 18.0, 0.0, 120.0)
    assert not zone.holds(*north)
    assert zone.touches(Position(latitude=north[0], longitude=north[1], error=25.0, time=0.0))
    assert not zone.touches(Position(latitude=north[0], longitude=north[1], error=15.0, time=0.0))

from __future__ import annotations

from collections.abc import Set as AbstractSet

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.detections.presence.places import _KEPT, _OWN, MOST, VisitedPlaces
from whimbrel.geo import Position, moved


def aps(place: int, count: int = 6) -> set[bytes]:
    return {bytes((0, 0x50, 0, place, 0, number)) for number in range(count)}


def there(metres: float, error: float = 8.0) -> Position:
    north, east = moved(59.0, 18.0, 0.0, metres)
    return Position(latitude=north, longitude=east, error=error, time=0.0)


def find(
    places: VisitedPlaces,
    around: set[bytes],
    position: Position | None = None,
    *,
    own: AbstractSet[bytes] = frozenset(),
    home: bool = False,
) -> int | None:
    return places.find(around, set(own), position, home=home)


def test_another_place_by_the_air_takes_two_looks() -> None:
    places = VisitedPlaces(300.0)
    assert find(places, aps(1)) == 1
    assert find(places, aps(2)) is None
    assert find(places, aps(1)) == 1
    assert find(places, aps(2)) is None
    assert find(places, aps(2)) == 2
    assert find(places, aps(3, count=3)) is None


def test_another_place_by_the_position_takes_one() -> None:
    places = VisitedPlaces(300.0)
    assert find(places, set(), there(0)) == 1
    assert find(places, set(), there(299)) == 1
    assert find(places, set(), there(400)) == 2
    assert find(places, set(), there(250)) == 2  # the nearer one
    assert find(places, set(), there(720, error=50.0)) == 2


def test_a_place_keeps_its_name_as_positions_come_and_go() -> None:
    places = VisitedPlaces(300.0)
    assert find(places, aps(1)) == 1
    assert find(places, aps(1), there(0)) == 1
    assert find(places, aps(2), there(1000)) == 2
    assert find(places, aps(2)) == 2
    assert find(places, aps(1)) == 1
    assert find(places, aps(9), there(30)) == 1


def test_homes() -> None:
    places = VisitedPlaces(300.0)
    own = aps(7, count=1)
    find(places, aps(1), there(0), home=True)
    find(places, aps(2) | own, there(1000), own=own)
    assert places.homes() >= {1, 2}
    find(places, aps(3) | own, there(2000), own=own)  # it is carried along
    assert 1 in places.homes()
    assert not {2, 3} & places.homes()


@given(
    st.lists(
        st.tuples(
            st.sets(st.integers(0, 400), max_size=90), st.none() | st.floats(-1e4, 1e4), st.booleans(), st.booleans()
        ),
        max_size=60,
    )
)
def test_everything_is_bounded(looks: list[tuple[set[int], float | None, bool, bool]]) -> None:
    places = VisitedPlaces(50.0)
    for numbers, metres, home, mine in looks:
        around = {number.to_bytes(6, "big") for number in numbers}
        position = None if metres is None else there(metres)
        found = find(places, around, position, own=around if mine else set(), home=home)
        assert found is None or found in places.all
        assert len(places.all) <= MOST
        assert all(len(place.known) <= _KEPT for place in places.all.values())
        assert len(places.homes()) <= MOST + _OWN

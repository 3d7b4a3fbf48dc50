from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.recording.limits import Caps, Recorded, Room, Shortage, making_room
from whimbrel.recording.naming import Name


def recorded(number: int, octets: int, *, kept: bool = False, is_open: bool = False) -> Recorded:
    return Recorded(Name(f"2025-11-29T2053{number:02}Z-all", kept, is_open), octets)


def test_the_oldest_make_room_and_kept_ones_never() -> None:
    there = [recorded(3, 40), recorded(1, 40, kept=True), recorded(2, 40)]
    assert making_room(there, Caps(100, 0), 1000) == Room([recorded(2, 40)])
    assert making_room(there, Caps(120, 0), 1000) == Room([])
    assert making_room(there, Caps(1000, 30), 20) == Room([recorded(2, 40)])


def test_what_is_being_written_stays() -> None:
    assert making_room([recorded(1, 40, is_open=True)], Caps(30, 0), 1000) == Room([], Shortage.FOLDER)


def test_nothing_is_deleted_where_that_would_not_do() -> None:
    assert making_room([recorded(1, 40), recorded(2, 40)], Caps(1000, 500), 100) == Room([], Shortage.CARD)


def test_kept_recordings_that_leave_no_room_are_named() -> None:
    there = [recorded(1, 90, kept=True), recorded(2, 10)]
    assert making_room(there, Caps(100, 0), 1000, 20) == Room([], Shortage.KEPT)
    assert making_room(there, Caps(100, 0), 1000, 101) == Room([], Shortage.KEPT), "however much waits by now"
    assert making_room(there, Caps(181, 0), 1000, 101) == Room([], Shortage.FOLDER), "they are not what fills it"


def test_what_was_recorded_without_a_clock_is_newer_than_what_was_there_before() -> None:
    old = [recorded(number, 40) for number in range(3)]
    new = Recorded(Name("1970-01-01T000030Z-evil-twin-a99", era=1), 40)
    assert making_room([new, *old], Caps(100, 0), 1000) == Room(old[:2])


@given(
    st.lists(st.tuples(st.integers(0, 99), st.booleans(), st.booleans()), max_size=20),
    st.integers(0, 500), st.integers(0, 500), st.integers(0, 1000), st.integers(0, 100),
)  # fmt: skip
def test_there_is_room_or_nothing_is_deleted(
    files: list[tuple[int, bool, bool]], folder: int, least: int, free: int, wanted: int
) -> None:
    there = [recorded(number, size, kept=kept, is_open=is_open) for number, (size, kept, is_open) in enumerate(files)]
    going, shortage = making_room(there, Caps(folder, least), free, wanted)
    enough = shortage is None
    assert not any(each.name.kept or each.name.open for each in going)
    left = [each for each in there if each not in going]
    freed = sum(each.octets for each in going)
    fits = sum(each.octets for each in left) + wanted <= folder and free + freed - wanted >= least
    assert fits is enough
    assert enough or not going
    able = [each for each in there if not (each.name.kept or each.name.open)]
    assert going == able[: len(going)]

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.copying.plan import CopyPlan, Sized, is_safe, plan, taken
from whimbrel.recording import naming

CLUSTER = 2048
ONE, TWO, THREE = (f"2026-11-0{day}T120000Z-kept.pcapng" for day in (1, 2, 3))


def room(*octets: int) -> int:
    return sum(taken(each, CLUSTER) for each in octets)


def test_everything_is_copied_where_there_is_room_the_newest_first() -> None:
    wanted = [Sized(ONE, 10), Sized(THREE, 30), Sized(TWO, 20)]
    assert plan(wanted, [], room(10, 20, 30), CLUSTER) == CopyPlan((wanted[1], wanted[2], wanted[0]), (), 0)


def test_what_is_there_in_the_same_size_is_not_copied_again() -> None:
    assert plan([Sized(ONE, 10)], [Sized(ONE, 10)], 1 << 20, CLUSTER) == CopyPlan((), (), 0)


def test_what_has_grown_replaces_its_copy() -> None:
    assert plan([Sized(ONE, 11)], [Sized(ONE, 10)], 1 << 20, CLUSTER) == CopyPlan((Sized(ONE, 11),), (), 0)


def test_what_has_grown_beyond_the_room_is_left_out_and_its_copy_goes() -> None:
    assert plan([Sized(ONE, 1 << 20)], [Sized(ONE, 10)], room(10), CLUSTER) == CopyPlan((), (ONE,), 1)


def test_the_oldest_copies_make_room() -> None:
    present = [Sized(TWO, 20), Sized(ONE, 10)]
    assert plan([Sized(THREE, 30)], present, room(30, 20), CLUSTER) == CopyPlan((Sized(THREE, 30),), (ONE,), 0)
    assert plan([Sized(THREE, 30)], present, room(30), CLUSTER) == CopyPlan((Sized(THREE, 30),), (ONE, TWO), 0)


def test_an_older_file_takes_no_room_from_a_newer_copy() -> None:
    assert plan([Sized(ONE, 10)], [Sized(TWO, 20)], room(20), CLUSTER) == CopyPlan((), (), 1)


def test_a_file_that_is_too_large_leaves_room_for_older_ones() -> None:
    wanted = [Sized(THREE, 1 << 20), Sized(ONE, 10)]
    assert plan(wanted, [], room(10), CLUSTER) == CopyPlan((Sized(ONE, 10),), (), 1)


def test_what_was_recorded_without_a_clock_is_newer_than_what_was_there_before() -> None:
    without_clock = Sized("1970-01-01T000030Z-kept.era1.pcapng", 10)
    present = [Sized(ONE, 10), Sized(TWO, 10)]
    assert plan([without_clock], present, room(10, 10), CLUSTER) == CopyPlan((without_clock,), (ONE,), 0)


names = st.builds(lambda day: f"2026-11-{day:02}T120000Z-kept.pcapng", st.integers(1, 30))
files = st.dictionaries(names, st.integers(0, 100_000)).map(lambda known: [Sized(*each) for each in known.items()])


@given(files, files, st.integers(0, 1_000_000), st.sampled_from([512, 2048, 32768]))
def test_the_bound_holds_and_nothing_is_forgotten(
    wanted: list[Sized], present: list[Sized], budget: int, cluster: int
) -> None:
    done = plan(wanted, present, budget, cluster)
    after = {file.name: file.octets for file in present}
    for name in done.remove:
        del after[name]
    for file in done.copy:
        after[file.name] = file.octets
    assert sum(taken(octets, cluster) for octets in after.values()) <= budget
    missing = [file for file in wanted if after.get(file.name) != file.octets]
    assert len(missing) == done.left_out


@pytest.mark.parametrize(
    "name",
    ["../x", "a.pcapng", "2026-11-01T120000Z-kept.exe", "2026-11-01T120000Z-a:b.pcapng", "2026-11-01T120000Z-\n.html",
     "2026-11-01T120000Z-kept.pcapng.part", f"2026-11-01T120000Z-{'a' * 181}.pcapng"],
)  # fmt: skip
def test_other_names_are_not_ours(name: str) -> None:
    assert not is_safe(name)


@given(st.floats(0, 1e11), st.lists(st.text(max_size=60), max_size=2))
def test_the_name_of_every_recording_can_be_on_any_file_system(moment: float, words: list[str]) -> None:
    name = naming.Name(naming.stem(moment, *words), era=999_999).file
    assert is_safe(name)
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f]|[. ]$', name), "no FAT has it"
    assert len(name) < 256

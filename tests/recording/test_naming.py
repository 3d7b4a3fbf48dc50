from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from tests.recording.frames import NOW

from whimbrel.recording import naming
from whimbrel.recording.naming import Name


def test_a_recording_is_named_by_time_and_rule() -> None:
    assert naming.stem(NOW, "deauth-flood", "a17") == "2025-11-29T205314Z-deauth-flood-a17"
    assert Name("2025-11-29T205314Z-all", kept=True, open=True).file == "2025-11-29T205314Z-all.kept.open.pcapng"


@given(
    st.floats(allow_nan=False), st.lists(st.text(), max_size=3), st.integers(1, 99), st.booleans(), st.booleans(),
    st.integers(0, 999_999),
)  # fmt: skip
def test_any_words_make_a_name_that_every_file_system_takes_and_that_is_read_back(
    moment: float, words: list[str], number: int, kept: bool, is_open: bool, era: int
) -> None:
    name = Name(naming.numbered(naming.stem(moment, *words), number), kept, is_open, era)
    assert re.fullmatch(r"[A-Za-z0-9.-]{20,200}", name.file)
    assert naming.parse(name.file) == name


@given(st.text())
def test_other_files_are_no_recordings(file: str) -> None:
    name = naming.parse(file)
    assert name is None or name.file == file


def test_names_sort_by_time() -> None:
    stems = [naming.stem(NOW + seconds, "all") for seconds in (0, 1, 60, 86400)]
    assert sorted(stems) == stems


def test_a_clock_that_goes_back_begins_an_era() -> None:
    there = [Name(naming.stem(NOW, "all")), Name(naming.stem(NOW - 5000, "all"), era=1)]
    assert naming.next_era(naming.stem(NOW - 4000, "all"), there) == 1
    assert naming.next_era(naming.stem(NOW + 1e8, "all"), there) == 1
    assert naming.next_era(naming.stem(NOW - 5059, "all"), there) == 1, (
        "files are made in another order than frames come"
    )
    assert naming.next_era(naming.stem(NOW - 5061, "all"), there) == 2
    assert naming.next_era(naming.stem(0, "all"), []) == 0


def test_a_time_that_is_none_is_as_late_as_can_be() -> None:
    assert naming.next_era(naming.stem(NOW, "all"), [Name("9999-99-99T999999Z-all")]) == 1
    assert naming.next_era(naming.stem(NOW, "all"), [Name("9999-99-99T999999Z-all", era=999_999)]) == 999_999

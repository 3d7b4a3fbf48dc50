from __future__ import annotations

from pathlib import Path

import pytest
from tests.recording.frames import numbered
from tests.recording.test_recording import flush, gaps, recording

from whimbrel.recording.counts import Counts
from whimbrel.recording.recording import Recording
from whimbrel.recording.strand import Strand


@pytest.fixture
def strand() -> Strand:
    return Strand(10_000)


def filled(folder: Path, frames: int = 10, **more: object) -> Recording:
    one = recording(folder, **more)
    one.take(numbered(0, frames), 0.0)
    return one


def test_one_takes_frames_and_those_before_it_wait(strand: Strand, tmp_path: Path) -> None:
    first, second = filled(tmp_path), filled(tmp_path)
    strand.begin(first)
    strand.end(Counts(5, 1))
    strand.begin(second)
    assert (strand.current, strand.ended, strand.recordings) == (second, [first], [first, second])
    assert (first.ended, second.ended, strand.counts) == (Counts(5, 1), None, Counts(5, 1))
    strand.end(Counts(9, 1))
    strand.end(Counts(99, 1))
    assert (strand.ended, strand.counts) == ([first, second], Counts(9, 1))
    strand.part()
    assert strand.counts is None


def test_what_is_missing_between_two_is_told_in_the_next(strand: Strand, tmp_path: Path) -> None:
    strand.lose(100)
    strand.part()
    strand.lose(3)
    one = recording(tmp_path)
    strand.begin(one)
    strand.lose(4)
    one.take(numbered(0, 1), 0.0)
    flush(one, Counts(), 0.0)
    one.finish(Counts())
    (path,) = tmp_path.iterdir()
    assert gaps(path) == {0: 7}


def test_too_many_frames_go_the_oldest_first_and_kept_ones_last(strand: Strand, tmp_path: Path) -> None:
    kept, old, new = filled(tmp_path, kept=True), filled(tmp_path), filled(tmp_path)
    for one in (kept, old, new):
        strand.begin(one)
        strand.end(Counts())
    size = kept.waiting_octets // 10
    fit = 10_000 // size
    assert strand.shed() == 30 - fit
    assert [one.waiting_octets // size for one in (kept, old, new)] == [10, 0, fit - 10]
    assert strand.shed() == 0

from __future__ import annotations

from whimbrel.recording.counts import Counts


def test_what_came_since_then() -> None:
    assert Counts(10, 3).since(Counts(4, 3)) == Counts(6, 0)


def test_of_a_radio_that_was_opened_anew_all_came_since_then() -> None:
    assert Counts(10, 1).since(Counts(4, 3)) == Counts(6, 1)

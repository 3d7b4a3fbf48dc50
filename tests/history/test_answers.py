from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.history.rows import AP, NOW, access_point, opened, sample

from whimbrel.history import answers
from whimbrel.history.collecting import Collector, Keeping
from whimbrel.history.erasing import Wish
from whimbrel.history.queries import Scope
from whimbrel.module import VerbError


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        ({"what": "moods"}, "what"), ({"what": 3}, "what"), ({"since": "now"}, "since"), ({"since": -1}, "since"),
        ({"since": True}, "since"), ({"new": 1}, "new"), ({"device": "00:11"}, "device"), ({"ssid": "x" * 33}, "ssid"),
        ({"alert": 7}, "alert"), ({"alert": "x"}, "alert"),
    ],
)  # fmt: skip
def test_a_request_that_makes_no_sense_is_refused_with_its_key(request_: dict[str, Any], named: str) -> None:
    with pytest.raises(VerbError, match=f'"{named}"'):
        answers.wish_of(request_)


def test_what_is_to_be_erased_must_be_named() -> None:
    assert answers.erasing({"device": AP.hex(":"), "before": NOW}) == Wish(device=AP, before=NOW)
    with pytest.raises(VerbError, match="expected one of ssid"):
        answers.erasing({})


def test_parts_are_answered_and_what_is_too_much_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(tmp_path / "history.db")
    made = Collector(1, store.known, Keeping("relevant"))
    store.write(made.take(sample([access_point(bytes((0, 0, 0, 0, 0, n))) for n in range(9)]), NOW))
    asked = answers.wish_of({"what": "access_points changes", "since": NOW - 60})
    assert asked.scope == Scope(since=NOW - 60, limit=501)
    found = answers.answer(store.path, asked)
    assert (len(found.access_points), found.changes, found.left_out) == (9, (), 0)
    assert found.octets > 0
    monkeypatch.setattr(answers, "MOST", 5)
    less = answers.answer(store.path, answers.wish_of({"what": "access_points"}))
    assert (len(less.access_points), less.left_out) == (5, 1)
    store.close()

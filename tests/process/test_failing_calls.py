"""I/O calls that fail once, in the real process; the long form is `python -m tests.process.failing_calls`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.process.failing_calls import Failure, Session, all_failures, compiled, unavailable

pytestmark = [pytest.mark.process, pytest.mark.slow]

CHOSEN = (
    Failure("session", "write", 3), Failure("session", "rename", 1), Failure("session", "recv", 5),
    Failure("start", "read", 4),
)  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := unavailable():
        pytest.skip(reason)
    return compiled(tmp_path_factory.mktemp("failing"))


@pytest.mark.parametrize("failure", CHOSEN, ids=lambda failure: "-".join(map(str, failure)))
def test_the_daemon_goes_on_or_ends_in_order(failure: Failure, library: Path, tmp_path: Path) -> None:
    session = Session(tmp_path, library, failure)
    counts = session.run()
    assert counts["failed"] == 1, f"the call was never made: {counts}"
    assert not session.said


def test_a_run_that_makes_other_calls_goes_through_the_same_ones_in_the_same_order() -> None:
    ordered = all_failures({"start": {"read": 40, "failed": 1}, "session": {"write": 9}}, 1)
    assert len(ordered) == 49
    assert [failure.number > 3 for failure in ordered] == [False] * 6 + [True] * 43
    more = all_failures({"start": {"read": 41}, "session": {"write": 9}}, 1)
    assert [failure for failure in more if failure != ("start", "read", 41)] == ordered
    assert all_failures({"start": {"read": 41}, "session": {"write": 9}}, 2) != more

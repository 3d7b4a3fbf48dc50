from __future__ import annotations

import time
from pathlib import Path

import pytest

from whimbrel import resting


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses in place of making them."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


def test_the_next_run_waits_for_the_rest_of_the_pause(
    tmp_path: Path, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    resting.note(tmp_path / "ended")
    for clock[0], pause in ((110.0, resting.PAUSE - 10), (100.0 + resting.PAUSE, 0.0), (9000.0, 0.0)):
        resting.rest(tmp_path / "ended")
        assert slept.pop() == pause


@pytest.mark.parametrize("content", [None, b"", b"soon", b"nan", b"inf", b"\xff", b"1e300"])
def test_whatever_is_in_the_file_it_waits_no_longer(tmp_path: Path, slept: list[float], content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "ended").write_bytes(content)
    resting.rest(tmp_path / "ended")
    assert all(0 <= seconds <= resting.PAUSE for seconds in slept)

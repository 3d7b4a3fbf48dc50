from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from whimbrel import jobs
from whimbrel.jobs import JobLimits

LIMITS = JobLimits(30.0, 60.0, "nobody does it")


@pytest.fixture
def ctx(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what is asked of a context: whether the module is to end."""
    monkeypatch.setattr(jobs, "_LOOK", 0.001)
    return SimpleNamespace(stopping=asyncio.Event())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    jobs.request(tmp_path / "request", {"number": 7})
    jobs.answer(tmp_path / "answer", {"number": 8, "flag": True, "less": -1})
    assert jobs.read(tmp_path / "request") == {"number": 7}
    found = jobs.read(tmp_path / "answer")
    assert jobs.natural(found, "number") == 8
    assert jobs.natural(found, "flag") is jobs.natural(found, "less") is jobs.natural(found, "none") is None
    assert jobs.read(tmp_path / "none") == {}


def test_what_was_cut_off_is_told_and_what_has_ended_stays(tmp_path: Path) -> None:
    file = tmp_path / "answer"
    jobs.settle(file)
    assert not file.exists()
    jobs.answer(file, {"number": 8, "files": 3, "problem": "", "ended": False})
    jobs.settle(file)
    assert jobs.outcome(file, 8) == {
        "number": 8, "files": 3, "problem": "it was cut off before its end; journalctl has the reason", "ended": True
    }  # fmt: skip
    jobs.answer(file, {"number": 9, "problem": "", "ended": True})
    jobs.settle(file)
    assert (jobs.outcome(file, 9) or {})["problem"] == ""


@pytest.mark.parametrize("days", [0, 105, 10_000])
def test_a_number_is_one_however_long_the_system_runs(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(time, "monotonic_ns", lambda: days * 86_400_000_000_000)
    assert jobs.natural({"number": jobs.number()}, "number") == days * 86_400_000


async def test_the_outcome_is_waited_for(ctx: Any) -> None:
    found: list[bool | None] = [None, False, False, True]
    asked: list[int] = []
    assert await jobs.wait(ctx, lambda: asked.append(1), lambda: found.pop(0), bool, LIMITS) is True
    assert asked == [1]


async def test_a_request_that_was_taken_up_is_not_written_again(ctx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_AGAIN", 0.0)
    found: list[bool | None] = [None, None, False, False, True]
    asked: list[int] = []
    assert await jobs.wait(ctx, lambda: asked.append(1), lambda: found.pop(0), bool, LIMITS) is True
    assert len(asked) == 2


async def test_there_is_an_end_to_waiting(ctx: Any) -> None:
    assert await jobs.wait(ctx, lambda: None, lambda: None, bool, LIMITS._replace(beginning=0.01)) == "nobody does it"
    told = await jobs.wait(ctx, lambda: None, lambda: False, bool, LIMITS._replace(patience=0.01))
    assert told == "it has not ended in time"
    ctx.stopping.set()
    assert await jobs.wait(ctx, lambda: None, lambda: None, bool, LIMITS) == "the daemon ends; what was begun goes on"


async def test_a_request_that_cannot_be_written_is_told(ctx: Any, tmp_path: Path) -> None:
    told = await jobs.wait(ctx, lambda: jobs.request(tmp_path, {}), lambda: None, bool, LIMITS)
    assert told == f"{tmp_path}: Is a directory"

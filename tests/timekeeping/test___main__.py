from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from whimbrel import jobs, resting
from whimbrel.events.base import KNOWN_FROM
from whimbrel.timekeeping import __main__ as program
from whimbrel.timekeeping import evidence, exchange, rtc
from whimbrel.timekeeping.exchange import TimeOutcome, TimeRequest

NOON = 1_801_828_800.0
"""2027-02-05 12:00 UTC."""


class Clock:
    """Stands in for the system's clock, and that with a battery."""

    def __init__(self) -> None:
        self.set: list[float] = []
        self.rtc: list[float] = []
        self.refused = False
        self.synchronised = False

    def settime(self, clock: int, seconds: float) -> None:
        assert clock == time.CLOCK_REALTIME
        if self.refused:
            raise PermissionError(1, "Operation not permitted")
        self.set.append(seconds)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    request, outcome = tmp_path / "request", tmp_path / "outcome.json"
    ask, answer, find = exchange.asked, exchange.answer, exchange.outcome
    monkeypatch.setattr(exchange, "asked", lambda: ask(request))
    monkeypatch.setattr(exchange, "answer", lambda done: answer(done, outcome))
    monkeypatch.setattr(exchange, "outcome", lambda number: find(number, outcome))
    monkeypatch.setattr(evidence, "is_synchronised", lambda: made.synchronised)
    monkeypatch.setattr(evidence, "GIVEN", tmp_path / "run/given")
    monkeypatch.setattr(rtc, "write", made.rtc.append)
    monkeypatch.setattr(time, "clock_settime", made.settime)
    monkeypatch.setattr(program, "_ENDED", tmp_path / "ended")
    monkeypatch.setattr(program, "_BUILT", tmp_path / "clock-epoch")
    monkeypatch.setattr(program, "_KEPT", tmp_path / "clock")
    monkeypatch.setattr("os.umask", lambda _: 0)
    return made


def ask(folder: Path, seconds: float = NOON, ago: int = 0) -> TimeRequest:
    wanted = TimeRequest(number=jobs.number() - ago, milliseconds=int(seconds * 1000))
    exchange.ask(wanted, folder / "request")
    return wanted


def problem(wanted: TimeRequest) -> str:
    done = exchange.outcome(wanted.number)
    assert done is not None
    assert done.ended
    return done.problem


def test_a_request_is_answered_once_and_counts_from_when_it_was_made(clock: Clock, tmp_path: Path) -> None:
    assert program.main([]) == 0, "nobody has asked"
    (tmp_path / "clock").touch()
    os.utime(tmp_path / "clock", (1e9, 1e9))
    wanted = ask(tmp_path, ago=20_000)
    assert program.main([]) == program.main([]) == 0
    (at,) = clock.set
    assert NOON + 20 <= at <= NOON + 20 + 60
    assert exchange.outcome(wanted.number) == TimeOutcome(number=wanted.number, ended=True)
    assert evidence.GIVEN.exists(), "the time is known from now on"
    assert (tmp_path / "clock").stat().st_mtime > 1e9, "the next start goes on from there"
    assert len(clock.rtc) == 1


@pytest.mark.parametrize(
    ("seconds", "ago", "why"),
    [(NOON, 100_000, "too late"), (KNOWN_FROM - 1, 0, "in the past"), (exchange.LATEST, 0, "2099")],
)
def test_what_cannot_be_is_refused(clock: Clock, tmp_path: Path, seconds: float, ago: int, why: str) -> None:
    wanted = ask(tmp_path, seconds, ago)
    assert program.main([]) == 1
    assert why in problem(wanted)
    assert not clock.set
    assert not evidence.GIVEN.exists()


def test_no_time_is_from_before_the_image(clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "clock-epoch").touch()
    os.utime(tmp_path / "clock-epoch", (NOON + 3600, NOON + 3600))
    wanted = ask(tmp_path)
    assert program.main([]) == 1
    assert "in the past" in problem(wanted)
    assert not clock.set


def test_the_network_knows_better(clock: Clock, tmp_path: Path) -> None:
    clock.synchronised = True
    wanted = ask(tmp_path)
    assert program.main([]) == 1
    assert problem(wanted) == "the network sets the clock already"
    assert not clock.set


def test_what_the_system_forbids_is_told(clock: Clock, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    clock.refused = True
    wanted = ask(tmp_path)
    assert program.main([]) == 1
    assert "Operation not permitted" in problem(wanted)
    assert capfd.readouterr().err.startswith("<4>")


def test_a_clock_with_a_battery_that_fails_is_told(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_seconds: float) -> None:
        raise OSError(121, "Remote I/O error")

    monkeypatch.setattr(rtc, "write", fail)
    wanted = ask(tmp_path)
    assert program.main([]) == 1
    assert problem(wanted) == "the clock is set, but not for the next start: Remote I/O error"
    assert len(clock.set) == 1


def test_the_image_tells_what_it_has_set(clock: Clock) -> None:
    assert program.main(["told"]) == 0
    assert evidence.GIVEN.exists()
    assert (len(clock.set), len(clock.rtc)) == (0, 1)


def test_there_is_a_pause_after_the_end(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []
    monkeypatch.setattr("time.sleep", rested.append)
    assert program.main([]) == 0
    assert rested == []
    assert program.main(["close"]) == 0
    assert program.main([]) == 0
    (pause,) = rested
    assert 0 < pause <= resting.PAUSE

from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel import resting
from whimbrel.securing import __main__ as program
from whimbrel.securing import exchange
from whimbrel.securing.apt import Renewed
from whimbrel.securing.exchange import SecurityOutcome


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the program find both files in this folder."""
    request, outcome = tmp_path / "request", tmp_path / "outcome.json"
    ask, answer, find = exchange.asked, exchange.answer, exchange.outcome
    monkeypatch.setattr(exchange, "asked", lambda: ask(request))
    monkeypatch.setattr(exchange, "answer", lambda done: answer(done, outcome))
    monkeypatch.setattr(exchange, "outcome", lambda number: find(number, outcome))
    monkeypatch.delenv("TRIGGER_UNIT", raising=False)
    monkeypatch.setattr(program, "_ENDED", tmp_path / "ended")
    monkeypatch.setattr("os.umask", lambda _: 0)
    return tmp_path


def test_a_request_is_answered_once(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []

    def renew(_state: Path) -> Renewed:
        assert exchange.outcome(5) == SecurityOutcome(number=5), "it has begun"
        done.append(1)
        return Renewed(2)

    monkeypatch.setattr(program, "renew", renew)
    assert program.main([], files) == 0, "nobody has asked"
    assert not done
    exchange.ask(5, files / "request")
    assert program.main([], files) == program.main([], files) == 0
    assert len(done) == 1
    assert exchange.outcome(5) == SecurityOutcome(number=5, packages=2, ended=True)


def test_a_timer_needs_no_request(
    files: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "renew", lambda _state: Renewed(0, "no network"))
    monkeypatch.setenv("TRIGGER_UNIT", "whimbrel-security@daily.timer")
    assert program.main([], files) == 0
    assert "<5>no network" in capfd.readouterr().err
    exchange.ask(6, files / "request")
    assert program.main([], files) == 1
    assert "<4>no network" in capfd.readouterr().err
    found = exchange.outcome(6)
    assert found is not None
    assert (found.problem, found.ended) == ("no network", True)


def test_what_is_begun_is_remembered_until_it_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[bool] = []

    class Working:
        def __init__(self, folder: Path) -> None:
            assert folder == tmp_path / "state/security"

        def renew(self, begins: object) -> Renewed:
            assert callable(begins)
            begins()
            marked.append((tmp_path / "state/debian").exists())
            return Renewed(1)

    monkeypatch.setattr(program, "Apt", Working)
    assert program.renew(tmp_path / "state") == Renewed(1)
    assert marked == [True]
    assert not (tmp_path / "state/debian").exists()
    (tmp_path / "file").touch()
    assert "Not a directory" in program.renew(tmp_path / "file/state").problem


def test_what_failed_half_way_is_left_to_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def __init__(self, _folder: Path) -> None:
            pass

        def renew(self, begins: object) -> Renewed:
            assert callable(begins)
            begins()
            return Renewed(0, "a package failed")

    monkeypatch.setattr(program, "Apt", Failing)
    assert program.renew(tmp_path / "state") == Renewed(0, "a package failed", begun=True)
    assert (tmp_path / "state/debian").exists()


def test_a_timer_that_has_broken_something_fails(
    files: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "renew", lambda _state: Renewed(0, "a package failed", begun=True))
    monkeypatch.setenv("TRIGGER_UNIT", "whimbrel-security@daily.timer")
    assert program.main([], files) == 1
    assert "<4>a package failed" in capfd.readouterr().err


def test_there_is_a_pause_after_the_end(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []
    monkeypatch.setattr("time.sleep", rested.append)
    assert program.main([], files) == 0
    assert rested == []
    assert program.main(["close"], files) == 0
    assert program.main([], files) == 0
    (pause,) = rested
    assert 0 < pause <= resting.PAUSE

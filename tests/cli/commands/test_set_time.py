from __future__ import annotations

import argparse
import datetime
from typing import Any, Self

import pytest

from whimbrel.cli import asking, exits, main
from whimbrel.cli.commands.set_time import moment
from whimbrel.verbs.device import SET_TIME, TIME_STATE, TimeState

GOING = TimeState(going=True)


class Client:
    """A daemon that has set the clock at the second question."""

    def __init__(self, done: TimeState) -> None:
        self._answers = [GOING, done]
        self.asked: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(self, verb: Any, **wish: Any) -> TimeState:
        assert verb is (SET_TIME if len(self._answers) == 2 else TIME_STATE)
        self.asked.append(wish)
        return self._answers.pop(0)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that has the command find a daemon with that outcome."""
    monkeypatch.setattr(asking, "_LOOK", 0.0)

    def found(done: TimeState) -> Client:
        client = Client(done)
        monkeypatch.setattr("whimbrel.cli.asking.BlockingClient", lambda _socket: client)
        return client

    return found


def test_it_waits_and_tells_what_came_of_it(daemon: Any, capsys: pytest.CaptureFixture[str]) -> None:
    client = daemon(TimeState(going=False))
    assert main(["set-time", "@1801828800"]) == exits.OK
    assert client.asked == [{"time": 1801828800.0}, {}]
    assert capsys.readouterr().out == "the clock is set\n"


def test_a_problem_is_a_failure(daemon: Any, capsys: pytest.CaptureFixture[str]) -> None:
    daemon(TimeState(going=False, problem="the network sets the clock already"))
    assert main(["set-time", "2027-02-05T12:00Z"]) == exits.FAILURE
    assert capsys.readouterr().err == "whimbrel: the network sets the clock already\n"


def test_times_are_local_unless_they_say_otherwise() -> None:
    assert moment("2027-02-05T12:00Z") == moment("@1801828800") == moment("2027-02-05 13:00+01:00") == 1801828800.0
    assert moment("2027-02-05 12:00") == datetime.datetime(2027, 2, 5, 12).timestamp()
    for wrong in ("now", "@", "2027-02-30 12:00", "12:00"):
        with pytest.raises(argparse.ArgumentTypeError, match="expected"):
            moment(wrong)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

import pytest

from whimbrel.cli import asking, exits, main
from whimbrel.client.errors import Refused
from whimbrel.verbs.device import SECURITY_STATE, SECURITY_UPDATES, SecurityState

GOING = SecurityState(going=True)


class Client:
    """A daemon whose job ends at the third question."""

    def __init__(self, done: SecurityState) -> None:
        self._answers = [GOING, GOING, done]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(self, verb: Any) -> SecurityState:
        assert verb is (SECURITY_UPDATES if len(self._answers) == 3 else SECURITY_STATE)
        return self._answers.pop(0)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that has the command find a daemon with that outcome."""
    monkeypatch.setattr(asking, "_LOOK", 0.0)
    return lambda done: monkeypatch.setattr("whimbrel.cli.asking.BlockingClient", lambda _socket: Client(done))


def test_it_waits_and_tells_what_came_of_it(daemon: Any, capsys: pytest.CaptureFixture[str]) -> None:
    daemon(SecurityState(going=False, packages=2))
    assert main(["security-updates"]) == exits.OK
    assert capsys.readouterr().out == "2 packages renewed; what runs uses all of them after the next start\n"
    daemon(SecurityState(going=False))
    assert main(["security-updates"]) == exits.OK
    assert capsys.readouterr().out == "there are no new ones\n"


def test_a_problem_is_a_failure(daemon: Any, capsys: pytest.CaptureFixture[str]) -> None:
    daemon(SecurityState(going=False, problem="no \x1bnetwork"))
    assert main(["security-updates", "--json"]) == exits.FAILURE
    told = capsys.readouterr()
    assert json.loads(told.out)["problem"] == "no \x1bnetwork"
    assert told.err == "whimbrel: no \\x1bnetwork\n"


def test_a_refusal_is_a_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Refusing(Client):
        def ask(self, _verb: Any) -> SecurityState:
            raise Refused("not on this system")

    monkeypatch.setattr("whimbrel.cli.asking.BlockingClient", lambda _socket: Refusing(GOING))
    assert main(["security-updates"]) == exits.FAILURE
    assert "not on this system" in capsys.readouterr().err


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    assert main(["security-updates", "--socket", str(tmp_path / "none")]) == exits.UNREACHABLE

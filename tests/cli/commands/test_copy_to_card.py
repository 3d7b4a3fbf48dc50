from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

import pytest

from whimbrel.cli import asking, exits, main
from whimbrel.client.errors import Refused
from whimbrel.verbs.device import COPY_STATE, COPY_TO_CARD, CopyState

GOING = CopyState(going=True)
WHERE = "copies, on the partition that every computer reads"


class Client:
    """A daemon whose copy ends at the third question."""

    def __init__(self, done: CopyState) -> None:
        self._answers = [GOING, GOING, done]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(self, verb: Any) -> CopyState:
        assert verb is (COPY_TO_CARD if len(self._answers) == 3 else COPY_STATE)
        return self._answers.pop(0)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that has the command find a daemon with that outcome."""
    monkeypatch.setattr(asking, "_LOOK", 0.0)
    return lambda done: monkeypatch.setattr("whimbrel.cli.asking.BlockingClient", lambda _socket: Client(done))


def test_it_waits_and_tells_what_came_of_it(daemon: Any, capsys: pytest.CaptureFixture[str]) -> None:
    daemon(CopyState(going=False, files=2, octets=3_000_000, removed=1, left_out=3, folder=WHERE))
    assert main(["copy-to-card"]) == exits.OK
    assert capsys.readouterr().out.splitlines() == [
        f"2 files of 3.0 MB copied to {WHERE}", "1 older copy made room", "left out for want of room: 3 files"
    ]  # fmt: skip


def test_a_problem_is_a_failure(daemon: Any, capsys: pytest.CaptureFixture[str]) -> None:
    daemon(CopyState(going=False, folder=WHERE, problem="it is \x1bfull"))
    assert main(["copy-to-card", "--json"]) == exits.FAILURE
    told = capsys.readouterr()
    assert json.loads(told.out)["problem"] == "it is \x1bfull"
    assert told.err == "whimbrel: it is \\x1bfull\n"


def test_a_refusal_is_a_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Refusing(Client):
        def ask(self, _verb: Any) -> CopyState:
            raise Refused("there is no partition for it at /boot/firmware")

    monkeypatch.setattr("whimbrel.cli.asking.BlockingClient", lambda _socket: Refusing(GOING))
    assert main(["copy-to-card"]) == exits.FAILURE
    assert "no partition" in capsys.readouterr().err


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    assert main(["copy-to-card", "--socket", str(tmp_path / "none")]) == exits.UNREACHABLE

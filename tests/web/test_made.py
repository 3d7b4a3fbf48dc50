"""What a command makes: its output, its errors, one at a time."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import pytest

from whimbrel.cli import exits
from whimbrel.events.base import KINDS
from whimbrel.web import made, openapi
from whimbrel.web.answers import Refusal
from whimbrel.web.made import Maker


async def written(maker: Maker, *arguments: str, module: str = "whimbrel") -> bytes:
    return b"".join([piece async for piece in maker.pieces(*arguments, module=module)])


async def test_the_output_of_a_command_is_passed_on(tmp_path: Path) -> None:
    assert b"usage: whimbrel report" in await written(Maker(tmp_path / "none"), "report", "--help")


async def test_the_description_is_made_beside_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests of this process have made events of their own.
    ours = {name: kind for name, kind in KINDS.items() if kind.__module__.startswith("whimbrel.")}
    monkeypatch.setattr(openapi, "KINDS", ours)
    assert json.loads(await written(Maker(None), module="whimbrel.web.openapi")) == openapi.description()


async def test_a_daemon_that_is_away_is_an_answer(tmp_path: Path) -> None:
    assert made._UNREACHABLE == exits.UNREACHABLE
    with pytest.raises(Refusal, match="the socket is not there") as refused:
        await written(Maker(tmp_path / "none"), "report", "-")
    assert refused.value.status == 503
    with pytest.raises(Refusal) as refused:
        await written(Maker(tmp_path / "none"), "report", "--nonsense")
    assert refused.value.status == 404


async def test_what_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "PATIENCE", 0.5)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        with pytest.raises(Refusal, match="took longer"):
            await written(Maker(tmp_path / "silent"), "report", "-")


async def test_few_wait_for_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "_WAITING", 2)
    maker = Maker(tmp_path / "none")
    results = await asyncio.gather(*(written(maker, "report", "--help") for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [bytes, bytes, Refusal]


async def test_what_is_too_long_breaks_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "MOST", 100)
    with pytest.raises(OSError, match="more than 100 octets"):
        await written(Maker(tmp_path / "none"), "report", "--help")

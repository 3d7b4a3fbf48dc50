"""Hosts, origins, logins and sessions."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.web.gate import Gate
from whimbrel.web.sessions import TRIES

TOKEN = "a token of some length"


def gate(path: Path, *, hosts: tuple[str, ...] = (), length: float = 1000.0, problems: list[str] | None = None) -> Gate:
    told: list[str] = [] if problems is None else problems
    return Gate(TOKEN, path, hosts=hosts, length=length, scheme="http", problem=told.append)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "10.66.0.1", "[::1]:8080", "localhost:8080", "LOCALHOST", "bird.lan:1"]
)
def test_a_name_of_this_device_is_known(tmp_path: Path, host: str) -> None:
    assert gate(tmp_path / "s", hosts=("bird.lan",)).knows_host(host)
    assert gate(tmp_path / "s").knows_host(f"{socket.gethostname()}:8080")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "", "127.0.0.1.evil.example", "[::1", "a@b c"])
def test_a_name_of_others_is_not(tmp_path: Path, host: str) -> None:
    assert not gate(tmp_path / "s").knows_host(host)


@given(st.text())
def test_no_header_raises(tmp_path_factory: pytest.TempPathFactory, host: str) -> None:
    known = gate(tmp_path_factory.getbasetemp() / "none")
    known.knows_host(host)
    known.is_ours(host, "localhost")


def test_an_origin_is_ours_only_with_scheme_name_and_port(tmp_path: Path) -> None:
    known = gate(tmp_path / "s")
    assert known.is_ours("http://localhost:8080", "localhost:8080")
    for other in (None, "null", "", "https://localhost:8080", "http://localhost", "http://localhost:8081", "http://a"):
        assert not known.is_ours(other, "localhost:8080")


async def test_a_login_begins_a_session_that_outlasts_the_process(tmp_path: Path) -> None:
    first = gate(tmp_path / "s")
    secret = await first.log_in(TOKEN, "here")
    assert secret is not None
    assert first.end_of(secret) is not None
    second = gate(tmp_path / "s")
    assert second.end_of(secret) is not None
    await second.log_out(secret)
    assert gate(tmp_path / "s").end_of(secret) is None
    assert first.end_of(None) is None


async def test_wrong_tokens_have_a_pause_and_right_ones_do_not_count(tmp_path: Path) -> None:
    known = gate(tmp_path / "s")
    for _ in range(TRIES):
        assert await known.log_in(TOKEN, "here") is not None
    assert known.pause("here") == 0.0
    for _ in range(TRIES):
        assert await known.log_in(TOKEN[:-1], "here") is None
    assert known.pause("here") > 0.0


async def test_what_is_open_in_a_session_is_closed_with_it(tmp_path: Path) -> None:
    known = gate(tmp_path / "s")
    secret = await known.log_in(TOKEN, "here")
    assert secret is not None
    closed: list[str] = []
    with known.open_in(secret, lambda: closed.append("one")), known.open_in(secret, lambda: closed.append("other")):
        await known.log_out(secret)
    assert sorted(closed) == ["one", "other"]
    assert known._open == {}


async def test_a_disk_that_fails_is_told_and_logins_go_on(tmp_path: Path) -> None:
    problems: list[str] = []
    (tmp_path / "file").write_text("")
    known = gate(tmp_path / "file" / "s", problems=problems)
    secret = await known.log_in(TOKEN, "here")
    assert known.end_of(secret) is not None
    assert "logins end with this process" in problems[-1]


async def test_a_session_lasts_no_shorter_where_the_clock_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the page itself sets the clock of a device that had none."""
    path, real = tmp_path / "s", time.time
    known = gate(path)
    secret = await known.log_in(TOKEN, "a")
    monkeypatch.setattr(time, "time", lambda: real() + 86400.0)
    assert known.end_of(secret) == pytest.approx(time.time() + 1000.0, abs=60.0)
    await known.follow_clock()
    assert gate(path).end_of(secret) is not None, "the next process knows it too"
    monkeypatch.setattr(time, "time", lambda: real() - 86400.0)
    assert known.end_of(secret) == pytest.approx(time.time() + 1000.0, abs=60.0)

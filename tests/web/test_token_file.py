"""The files of the token and the sessions: for their owner alone, and no trouble when they are damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from whimbrel.module import NotReady
from whimbrel.web import token_file
from whimbrel.web.sessions import digest


def test_a_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "web-token"
    token = token_file.read_or_make(path)
    assert token == token_file.read_or_make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(token) == 26
    assert len({token_file.make(path) for _ in range(100)}) == 100


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 40, b"x" * 2000])
def test_a_file_that_holds_no_token_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "web-token"
    path.write_bytes(content)
    with pytest.raises(NotReady, match="holds no token"):
        token_file.read_or_make(path)


def test_a_folder_in_place_of_the_token_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="cannot be read or written"):
        token_file.read_or_make(tmp_path)


def test_a_token_of_ones_own_has_a_length(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("a good long secret\n")
    assert token_file.named(f"file:{path}") == "a good long secret"
    path.write_text("1234\n")
    with pytest.raises(NotReady, match="choose a longer one") as refused:
        token_file.named(f"file:{path}")
    assert "1234" not in str(refused.value)


def test_sessions_outlast_the_process_and_end_with_their_token(tmp_path: Path) -> None:
    path = tmp_path / "sessions"
    token_file.write_sessions(path, "token", {digest("secret"): 5.0})
    assert path.stat().st_mode & 0o777 == 0o600
    assert token_file.read_sessions(path, "token") == {digest("secret"): 5.0}
    assert token_file.read_sessions(path, "another") == {}


@pytest.mark.parametrize(
    "value", [None, [], {}, {"token": digest("token")}, {"token": digest("token"), "sessions": [1]}]
)
def test_damaged_sessions_are_none(tmp_path: Path, value: object) -> None:
    path = tmp_path / "sessions"
    path.write_text(json.dumps(value))
    assert token_file.read_sessions(path, "token") == {}
    path.write_bytes(b"\xff\x00[[[")
    assert token_file.read_sessions(path, "token") == {}
    path.write_text(json.dumps({"token": digest("token"), "sessions": {"a": "x", "b": 1e999, "c": 7}}))
    assert token_file.read_sessions(path, "token") == {"c": 7}

"""Secrets that the settings name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whimbrel.module import NotReady
from whimbrel.secret import is_made, is_named, new_token, reveal


def test_a_file_and_a_credential_stand_for_their_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mqtt").write_text("hunter2\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert reveal("credential:mqtt") == reveal(f"file:{tmp_path}/mqtt") == "hunter2"
    assert reveal("plain") == "plain"
    assert is_named("credential:mqtt")
    assert not is_named("plain")


def test_a_missing_one_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(NotReady, match="add LoadCredential=mqtt:FILE to the service"):
        reveal("credential:mqtt")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    for name in ("credential:mqtt", "credential:../mqtt", f"file:{tmp_path}/none"):
        with pytest.raises(NotReady):
            reveal(name)


def test_what_is_no_text_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"\xff\xfesecret")
    with pytest.raises(NotReady, match="is no text") as caught:
        reveal(f"file:{tmp_path}/s")
    assert "secret\\x" not in str(caught.value)


def test_a_pipe_is_not_waited_for_and_nothing_is_cut_silently(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_text("s" * 65537)
    with pytest.raises(NotReady, match="no regular file"):
        reveal(f"file:{tmp_path}/pipe")
    with pytest.raises(NotReady, match="longer than 65536 octets"):
        reveal(f"file:{tmp_path}/long")


def test_a_made_token_is_known() -> None:
    assert is_made(new_token())
    assert not is_made(new_token()[1:])
    assert not is_made("correct horse battery staple")

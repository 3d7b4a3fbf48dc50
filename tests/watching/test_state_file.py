from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.watching import state_file


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/whimbrel:/var/lib/other")
    assert state_file.default_path("x.json") == Path("/var/lib/whimbrel/x.json")
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert state_file.default_path("x.json") == Path("/state/whimbrel/x.json")


def test_what_was_there_stays_where_the_new_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.json"
    state_file.replace(path, "one")
    state_file.replace(path, "two")
    assert path.read_text() == "two"
    with pytest.raises(UnicodeEncodeError):
        state_file.replace(path, "\ud800")
    assert path.read_text() == "two"
    assert [entry.name for entry in path.parent.iterdir()] == ["x.json"]


def test_what_a_link_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    state_file.replace(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"

"""The files by which reach tells the panel: readable for the group, whole, and gone with their writer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whimbrel import reach_files


def test_both_processes_of_the_service_have_the_same_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for own in ("/run/whimbrel", "/run/whimbrel-reach", "/run/whimbrel:/run/other"):
        monkeypatch.setenv("RUNTIME_DIRECTORY", own)
        assert reach_files.folder() == Path("/run/whimbrel-reach")
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    assert reach_files.folder() == Path(os.environ["STATE_DIRECTORY"]) / "whimbrel-reach"


def test_a_file_is_for_owner_and_group_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        reach_files.write(reach_files.PAGE, {"url": "x"}, tmp_path / "new")
    finally:
        os.umask(before)
    assert (tmp_path / "new" / reach_files.PAGE).stat().st_mode & 0o777 == 0o640
    assert reach_files.read(reach_files.PAGE, tmp_path / "new") == {"url": "x"}
    reach_files.remove(reach_files.PAGE, tmp_path / "new")
    reach_files.remove(reach_files.PAGE, tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        reach_files.write(reach_files.STATE, {"x": object()}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_texts_are_cut(tmp_path: Path) -> None:
    reach_files.write(reach_files.STATE, {"sent": "x" * 1000}, tmp_path)
    assert reach_files.read(reach_files.STATE, tmp_path) == {"sent": "x" * 200}
    reach_files.write(reach_files.STATE, {"sent": "x" * 10_000}, tmp_path)
    assert reach_files.read(reach_files.STATE, tmp_path) is None

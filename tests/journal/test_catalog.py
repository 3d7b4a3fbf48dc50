"""The journal's catalog: an entry for everything that Whimbrel writes, and nothing in it that systemd would misread."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from whimbrel.detections.causes import CAUSES
from whimbrel.detections.registry import all_detections
from whimbrel.events.base import KINDS
from whimbrel.journal.catalog import catalog
from whimbrel.journal.fields import message_id

FILE = Path(__file__).parents[2] / "systemd" / "whimbrel.catalog"


def test_the_file_in_the_repository_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == catalog(), "run `make docs`"


def test_every_kind_every_cause_and_every_rule_has_one_entry() -> None:
    ids = re.findall(r"^-- ([0-9a-f]{32})$", catalog(), re.MULTILINE)
    assert len(ids) == len(set(ids))
    own = [name for name, kind in KINDS.items() if kind.__module__.startswith("whimbrel.events.")]
    topics = [f"alert.{cls.rule}" for cls in all_detections()] + [f"incident.{cause.name}" for cause in CAUSES]
    assert set(ids) == {message_id(name) for name in (*own, *topics)}


def test_no_line_of_text_looks_like_the_beginning_of_an_entry() -> None:
    for line in catalog().splitlines():
        assert not line.startswith("--") or re.fullmatch(r"-- [0-9a-f]{32}", line)
        assert len(line) <= 120


def test_systemd_takes_it(tmp_path: Path) -> None:
    journalctl = shutil.which("journalctl")
    if journalctl is None:
        pytest.skip("no journalctl on this machine")
    folder = tmp_path / "usr/lib/systemd/catalog"
    folder.mkdir(parents=True)
    (tmp_path / "var/lib/systemd/catalog").mkdir(parents=True)
    (folder / "whimbrel.catalog").write_text(catalog(), encoding="utf-8")
    made = subprocess.run(
        [journalctl, f"--root={tmp_path}", "--update-catalog"], capture_output=True, text=True, check=False
    )
    assert (made.returncode, made.stderr) == (0, "")
    database = tmp_path / "var/lib/systemd/catalog/database"
    assert message_id("alert.drone")
    assert database.stat().st_size > 10_000

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from whimbrel.copying import exchange
from whimbrel.copying.exchange import CopyOutcome, CopyRequest


def test_a_request_arrives(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    wanted = CopyRequest(number=7, folder="/var/lib/whimbrel/recordings")
    exchange.ask(wanted, path)
    assert exchange.asked(path) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"number": -1, "folder": ""}', '{"number": true, "folder": ""}', '{"number": 1}',
     '{"number": 1, "folder": 2}', '{"number": 1, "folder": "a\\u0000b"}', "[" * 100_000,
     '{"number": 1e400, "folder": ""}'],
)  # fmt: skip
def test_what_is_none_is_no_request(tmp_path: Path, text: str) -> None:
    path = tmp_path / "copy"
    path.write_text(text)
    assert exchange.asked(path) is None
    assert exchange.outcome(1, path) is None


def test_a_pipe_or_a_link_is_no_request(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    exchange.ask(CopyRequest(number=1, folder=""), tmp_path / "file")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert exchange.asked(tmp_path / "file") is not None
    assert exchange.asked(tmp_path / "pipe") is exchange.asked(tmp_path / "link") is None


def test_an_outcome_belongs_to_its_request(tmp_path: Path) -> None:
    path = tmp_path / "outcome.json"
    done = CopyOutcome(number=7, files=2, octets=300, removed=1, left_out=4, problem="full", ended=True)
    exchange.answer(done, path)
    assert exchange.outcome(7, path) == done
    assert exchange.outcome(8, path) is None
    assert path.stat().st_mode & 0o777 == 0o644
    exchange.answer(done.replace(problem="\x1b[31m" + "x" * 1000), path)
    told = exchange.outcome(7, path)
    assert told is not None
    assert "\x1b" not in told.problem
    assert len(told.problem) < 400
    assert os.listdir(tmp_path) == ["outcome.json"]  # noqa: PTH208


def test_an_outcome_is_written_through_no_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("outcome.json", ".outcome.json"):
        (folder / name).symlink_to(precious)
    exchange.answer(CopyOutcome(number=1, ended=True), folder / "outcome.json")
    assert precious.read_text() == "mine"
    assert json.loads((folder / "outcome.json").read_text())["number"] == 1
    assert not (folder / "outcome.json").is_symlink()


def test_a_mounted_partition_is_recognised(tmp_path: Path) -> None:
    assert exchange.is_partition(Path("/proc"))
    assert not exchange.is_partition(tmp_path)
    assert not exchange.is_partition(tmp_path / "none")

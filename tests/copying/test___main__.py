from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.copying.fat import partition

from whimbrel import resting
from whimbrel.copying import __main__ as program
from whimbrel.copying import exchange, reports
from whimbrel.copying.card import Partition
from whimbrel.copying.exchange import CopyOutcome, CopyRequest
from whimbrel.copying.reports import MadeReport

STEM = "2026-11-01T120000Z-all"
NOW = 1_796_000_000.0
REPORT = MadeReport("alerts.json", b"[]")
ME = pwd.getpwuid(os.geteuid())
Copy = Callable[..., CopyOutcome]
noted: list[str] = []
"""What was noted of the pause between two runs."""


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / f"{STEM}.pcapng").write_bytes(b"frames")
    return folder


@pytest.fixture
def card(tmp_path: Path) -> Partition:
    (tmp_path / "card").mkdir()
    return partition(tmp_path / "card")


def test_recordings_and_reports_are_copied(tmp_path: Path, recordings: Path, card: Partition) -> None:
    done = program.copy(CopyRequest(number=7, folder=str(recordings)), card, ME.pw_uid, [REPORT], NOW)
    assert done == CopyOutcome(number=7, files=2, octets=8)
    found = {path.name: path.read_bytes() for path in (tmp_path / "card/copies").iterdir()}
    assert found == {f"{STEM}.pcapng": b"frames", "2026-11-30T005320Z-alerts.json": b"[]"}


def test_a_report_is_as_new_as_the_recordings_of_its_time(tmp_path: Path, recordings: Path, card: Partition) -> None:
    (recordings / "1970-01-01T000030Z-all.era1.pcapng").write_bytes(b"frames")
    request = CopyRequest(number=7, folder=str(recordings))
    for now in (40.0, NOW):
        assert program.copy(request, card, ME.pw_uid, [REPORT], now).problem == ""
    assert {path.name for path in (tmp_path / "card/copies").iterdir()} == {
        f"{STEM}.pcapng",
        "1970-01-01T000030Z-all.era1.pcapng",
        "1970-01-01T000040Z-alerts.era1.json",
        "2026-11-30T005320Z-alerts.era1.json",
    }


@pytest.mark.parametrize("folder", ["", "/nowhere/at/all"])
def test_without_recordings_the_reports_are_copied(card: Partition, folder: str) -> None:
    done = program.copy(CopyRequest(number=7, folder=folder), card, ME.pw_uid, [REPORT], NOW)
    assert done == CopyOutcome(number=7, files=1, octets=2)


def test_a_folder_of_another_user_is_a_problem_and_the_card_is_closed(recordings: Path, card: Partition) -> None:
    closed: list[bool] = []
    card.close = lambda: closed.append(True) or "cannot be made ro"  # type: ignore[method-assign,func-returns-value]
    done = program.copy(CopyRequest(number=7, folder=str(recordings)), card, ME.pw_uid + 1, [], NOW)
    assert closed == [True]
    assert done.problem == "cannot be made ro", "that it is still open goes before everything"
    card.close = lambda: ""  # type: ignore[method-assign]
    done = program.copy(CopyRequest(number=7, folder=str(recordings)), card, ME.pw_uid + 1, [], NOW)
    assert "another user's" in done.problem


def test_a_recording_that_goes_meanwhile_is_left_out(recordings: Path, card: Partition) -> None:
    (recordings / "2026-11-02T120000Z-all.pcapng").write_bytes(b"newer")
    wrote = card.write

    def write(source: object, file: object) -> None:
        wrote(source, file)  # type: ignore[arg-type]
        (recordings / f"{STEM}.pcapng").unlink()

    card.write = write  # type: ignore[method-assign]
    done = program.copy(CopyRequest(number=7, folder=str(recordings)), card, ME.pw_uid, [], NOW)
    assert done == CopyOutcome(number=7, files=1, octets=5, left_out=1)


def test_a_card_that_fails_tells_what_is_on_it(recordings: Path, card: Partition) -> None:
    def write(_source: object, file: object) -> None:
        if str(getattr(file, "name", "")).startswith(STEM):
            raise OSError(28, "No space left on device")

    card.write = write  # type: ignore[method-assign,assignment]
    done = program.copy(CopyRequest(number=7, folder=str(recordings)), card, ME.pw_uid, [REPORT], NOW)
    assert done == CopyOutcome(
        number=7, files=1, octets=2, left_out=1, problem=f"{STEM}.pcapng: No space left on device"
    )


def grow(recordings: Path) -> CopyRequest:
    """Let a recording grow that has been copied; return the request for the next copy."""
    (recordings / f"{STEM}.pcapng").write_bytes(b"frames and more")
    return CopyRequest(number=8, folder=str(recordings))


def cut_off(*_: object) -> None:
    raise OSError(5, "Input/output error")


def test_the_old_copy_is_there_until_the_new_one_is_whole(
    tmp_path: Path, recordings: Path, card: Partition, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / f"card/copies/{STEM}.pcapng"
    program.copy(CopyRequest(number=7, folder=str(recordings)), card, ME.pw_uid, [], NOW)
    request = grow(recordings)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", cut_off)
        done = program.copy(request, card, ME.pw_uid, [], NOW)
    assert "Input/output error" in done.problem
    assert copied.read_bytes() == b"frames"
    done = program.copy(request, card, ME.pw_uid, [], NOW)
    assert (done.files, done.removed, done.problem) == (1, 0, "")
    assert copied.read_bytes() == b"frames and more"


def test_without_room_for_both_the_old_copy_goes_first(
    tmp_path: Path, recordings: Path, card: Partition, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.copy(CopyRequest(number=7, folder=str(recordings)), card, ME.pw_uid, [], NOW)
    wrote, there = card.write, []
    copied = tmp_path / f"card/copies/{STEM}.pcapng"

    def write(source: object, file: object) -> None:
        there.append(copied.exists())
        wrote(source, file)  # type: ignore[arg-type]

    monkeypatch.setattr(card, "write", write)
    monkeypatch.setattr(card, "has_room", lambda _: False)
    program.copy(grow(recordings), card, ME.pw_uid, [], NOW)
    assert there == [False]
    assert copied.read_bytes() == b"frames and more"


def test_a_grown_recording_that_goes_meanwhile_takes_no_copy_with_it(
    tmp_path: Path, recordings: Path, card: Partition, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.copy(CopyRequest(number=7, folder=str(recordings)), card, ME.pw_uid, [], NOW)
    request = grow(recordings)
    monkeypatch.setattr(card, "has_room", lambda _: False)
    budget = card.budget

    def late() -> int:
        (recordings / f"{STEM}.pcapng").unlink()
        return budget()

    monkeypatch.setattr(card, "budget", late)
    assert program.copy(request, card, ME.pw_uid, [], NOW).left_out == 1
    assert (tmp_path / f"card/copies/{STEM}.pcapng").read_bytes() == b"frames"


@pytest.fixture
def asked(tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the program find everything in folders of this test; return the file of the outcome."""
    (tmp_path / "run").mkdir()
    (tmp_path / "card").mkdir()
    request, outcome = tmp_path / "run/copy", tmp_path / "run/outcome.json"
    exchange.ask(CopyRequest(number=5, folder=str(recordings)), request)
    ask, answer, find = exchange.asked, exchange.answer, exchange.outcome
    monkeypatch.setattr(exchange, "asked", lambda: ask(request))
    monkeypatch.setattr(exchange, "answer", lambda done: answer(done, outcome))
    monkeypatch.setattr(exchange, "outcome", lambda number: find(number, outcome))
    monkeypatch.setattr(exchange, "is_partition", lambda: True)
    monkeypatch.setattr(program, "PARTITION", tmp_path / "card")
    monkeypatch.setattr(reports, "make", lambda _user: [REPORT])
    monkeypatch.setattr(program, "Partition", partition)
    monkeypatch.setattr(program, "_USER", ME.pw_name)
    monkeypatch.setattr(resting, "note", lambda _path: noted.append("ended"))
    monkeypatch.setattr(resting, "rest", lambda _path: noted.append("rested"))
    noted.clear()
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("os.umask", lambda _: 0)
    return outcome


def test_the_request_is_answered_once(asked: Path, tmp_path: Path, recordings: Path) -> None:
    assert program.main([]) == 0
    found = exchange.outcome(5)
    assert found == CopyOutcome(number=5, files=2, octets=8, ended=True)
    (recordings / "2026-11-02T120000Z-all.pcapng").write_bytes(b"newer")
    assert program.main([]) == 0
    assert exchange.outcome(5) == found, "it was answered"
    assert len(list((tmp_path / "card/copies").iterdir())) == 2


def test_one_that_was_cut_off_is_done_again(asked: Path) -> None:
    exchange.answer(CopyOutcome(number=5))
    assert program.main([]) == 0
    found = exchange.outcome(5)
    assert found is not None
    assert (found.files, found.ended) == (2, True)


def test_without_a_partition_it_says_so(asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "is_partition", lambda: False)
    assert program.main([]) == 1
    found = exchange.outcome(5)
    assert found is not None
    assert found.problem.startswith("no partition is mounted at ")
    assert found.ended


def test_closing_ends_what_was_left_open(asked: Path, tmp_path: Path) -> None:
    holder = tmp_path / "card.holders/holders/copy"
    assert program.main(["close"]) == 0
    partition(tmp_path / "card").open()
    assert program.main(["close"]) == 0
    assert not holder.exists()

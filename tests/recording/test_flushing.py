from __future__ import annotations

import errno
import os
from collections import deque
from pathlib import Path
from typing import Any

import pytest
from tests.recording.frames import numbered, numbers

from whimbrel.events.recording import RecordingRepaired
from whimbrel.recording.card import Card
from whimbrel.recording.counts import Counts
from whimbrel.recording.flushing import Flusher
from whimbrel.recording.folder import Folder
from whimbrel.recording.limits import Caps
from whimbrel.recording.naming import Name
from whimbrel.recording.promise import Promise
from whimbrel.recording.recording import Form, Heading, Recording
from whimbrel.recording.track import TimedPositions

STEMS = ("2025-11-29T205314Z-deauth-flood-a17", "2025-11-29T205314Z-all")
NEVER = 1 << 40


class Desk:
    """Two recordings on one card; `calls` of the system for each, and the clock that they are counted by."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.takes = 0.0
        self.calls: list[str] = []
        self.refused = ""
        self.told: deque[Any] = deque()
        self.promise = Promise(5.0)
        folder = Folder(path, Caps(1 << 40, 0))
        self.card = Card(folder, lambda: self.now)
        self.flusher = Flusher(folder, self.card, self.promise, self.told, lambda: self.now)
        self.recordings = [Recording(folder, stem, Form(), TimedPositions()) for stem in STEMS]
        for name in ("write", "fdatasync", "fsync"):
            monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))

    def flush(self, most: int = NEVER) -> set[Recording]:
        return self.flusher.flush(dict.fromkeys(self.recordings, most), Heading("a test"), Counts(), self.now)

    def take(self, first: int, count: int) -> None:
        for each in self.recordings:
            each.take(numbered(first, count), self.now)

    def _watched(self, name: str, call: Any) -> Any:
        def watched(descriptor: int, *more: Any) -> Any:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            self.now += self.takes
            self.calls.append(f"{name} {'folder' if path.is_dir() else 'all' if '-all' in path.name else 'frozen'}")
            if self.refused and self.refused in path.name:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(descriptor, *more)

        return watched


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_all_is_written_before_the_first_is_synced_and_a_name_once(desk: Desk) -> None:
    desk.take(0, 3)
    assert desk.flush() == set()
    assert desk.calls == [
        "write frozen",
        "write all",
        "fdatasync frozen",
        "fsync folder",
        "fdatasync all",
        "fsync folder",
    ]
    desk.calls.clear()
    desk.take(3, 3)
    desk.flush()
    assert desk.calls == ["write frozen", "write all", "fdatasync frozen", "fdatasync all"]


def test_a_file_ends_with_the_sync_of_its_last_frames(desk: Desk, tmp_path: Path) -> None:
    desk.take(0, 3)
    desk.flush(most=1)
    desk.calls.clear()
    for each in desk.recordings:
        each.finish(Counts())
    assert desk.calls == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{stem}.pcapng" for stem in sorted(STEMS)]
    assert all(numbers(path) == [0, 1, 2] for path in tmp_path.iterdir())


def test_what_the_card_refuses_of_one_it_takes_of_the_other(desk: Desk, tmp_path: Path) -> None:
    desk.take(0, 3)
    desk.refused = "deauth-flood"
    assert desk.flush() == {desk.recordings[0]}
    assert "the card is full" in desk.card.problem
    assert desk.card.rests()
    desk.recordings[0].give_up()
    assert [path.name for path in tmp_path.iterdir()] == [Name(STEMS[1], open=True).file], "an empty file is none"
    desk.refused = ""
    desk.now += 60.0
    assert desk.flush() == set()
    assert not desk.card.trouble()
    told = desk.promise.report(desk.now)
    assert told is not None
    assert (told.frames, told.reason) == (3, "the card took nothing for a while")


def test_files_that_were_left_open_are_closed_when_the_card_is_back(desk: Desk, tmp_path: Path) -> None:
    desk.take(0, 3)
    desk.flush()
    desk.recordings[1].give_up()
    desk.card.refused(OSError(errno.EIO, "it fails"))
    desk.take(3, 3)
    desk.flush()
    assert [type(body) for body in desk.told] == [RecordingRepaired]
    assert numbers(tmp_path / f"{STEMS[1]}.pcapng") == [0, 1, 2]


def test_a_slow_card_is_said_before_a_frame_is_late(desk: Desk) -> None:
    desk.take(0, 3)
    desk.takes = 1.2
    desk.flush()
    assert "the card is slow: one write took" in desk.card.trouble()

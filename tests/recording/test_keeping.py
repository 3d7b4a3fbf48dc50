from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import pytest
from tests.recording.frames import numbered
from tests.recording.test_recording import STEM, flush, recording

from whimbrel.events.recording import RecordingKept
from whimbrel.events.system import CommandRefused
from whimbrel.recording.counts import Counts
from whimbrel.recording.folder import Folder
from whimbrel.recording.inbox import Keep, Wanted
from whimbrel.recording.keeping import Keeper
from whimbrel.recording.limits import Caps
from whimbrel.recording.outcome import KeepOutcome
from whimbrel.recording.selection import Mode


class Desk:
    def __init__(self, folder: Path) -> None:
        self.told: deque[Any] = deque()
        self.keeper = Keeper(Folder(folder, Caps(1 << 40, 0)), self.told)

    def keep(self, stem: str, *going: Any, answers: int = 0, outcome: KeepOutcome | None = None) -> Any:
        self.keeper.keep(Keep(Wanted(Mode.OFF), stem, answers, outcome), going)
        return self.told.popleft() if self.told else None


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_one_of_that_name_is_kept_in_progress_or_ended(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / f"{STEM}.pcapng").touch()
    one = recording(tmp_path)
    one.take(numbered(0, 1), 0.0)
    flush(one, Counts(), 0.0)
    assert desk.keep(STEM, one) == RecordingKept(recording=STEM, answers=0)
    assert not one.kept
    assert desk.keep(f"{STEM}-2", one, answers=3) == RecordingKept(recording=f"{STEM}-2", answers=3)
    assert desk.keep(f"{STEM}-2", one) is None, "it was kept, and nobody waits for an answer"
    assert desk.keep(f"{STEM}-2", one, answers=4).answers == 4
    one.finish(Counts())
    assert {path.name for path in tmp_path.iterdir()} == {f"{STEM}.kept.pcapng", f"{STEM}-2.kept.pcapng"}


def test_without_a_name_it_is_the_newest(desk: Desk, tmp_path: Path) -> None:
    assert isinstance(desk.keep(""), CommandRefused)
    desk.keeper.newest = one = recording(tmp_path)
    one.take(numbered(0, 1), 0.0)
    assert desk.keep("", recording(tmp_path), one).recording == STEM
    assert one.kept
    flush(one, Counts(), 0.0)
    one.finish(Counts())
    assert desk.keep("", answers=1) == RecordingKept(recording=STEM, answers=1)


async def test_the_answer_has_the_name_and_what_waits(desk: Desk, tmp_path: Path) -> None:
    one = recording(tmp_path)
    one.take(numbered(0, 1), 0.0)
    waits, there, ended, unknown = (KeepOutcome() for _ in range(4))
    desk.keep(STEM, one, outcome=waits)
    desk.keeper.answer("the card is full")
    assert await waits.wait() == (STEM, "", "the card is full")
    flush(one, Counts(), 0.0)
    desk.keep(STEM, one, outcome=there)
    desk.keeper.answer("")
    assert await there.wait() == (STEM, "", "")
    assert not desk.keeper.awaited
    one.finish(Counts())
    desk.keep(STEM, outcome=ended)
    assert await ended.wait() == (STEM, "", "")
    desk.keep("2025-11-29T205314Z-none", outcome=unknown)
    assert "no recording is called 2025-11-29T205314Z-none" in (await unknown.wait()).refusal

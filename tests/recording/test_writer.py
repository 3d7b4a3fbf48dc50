from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.lab.waiting import block_until
from tests.recording.frames import data_frame, held, numbered, numbers, so_far
from tests.recording.test_recording import gaps, statistics

from whimbrel.events.recording import (
    FramesNotKept,
    RecordedLate,
    RecordingBegun,
    RecordingEnded,
    RecordingKept,
    RecordingRepaired,
    RecordingsDeleted,
)
from whimbrel.events.system import CommandRefused
from whimbrel.recording.counts import Counts
from whimbrel.recording.folder import Folder
from whimbrel.recording.limits import Caps
from whimbrel.recording.naming import Name
from whimbrel.recording.recording import Form
from whimbrel.recording.ring import OVERHEAD
from whimbrel.recording.selection import Mode, Payload
from whimbrel.recording.writer import Plan, Writer
from whimbrel.wifi.frames import Frame

T = TypeVar("T")
STEM = "2025-11-29T205314Z-deauth-flood-a17"
PLAN = Plan(Mode.ALL, Form(Payload.KEEP, 0), 0.5, 1 << 24, 3600.0, 1 << 22)


WIDE = Caps(1 << 40, 0)


class Desk:
    """A writer, and all its events."""

    def __init__(self, folder: Path, plan: Plan = PLAN, caps: Caps = WIDE) -> None:
        self.path = folder
        self.writer = Writer(Folder(folder, caps), plan)
        self.told: list[Any] = []

    def give(self, *batches: list[Frame]) -> bool:
        size = sum(len(frame.raw) + OVERHEAD for frames in batches for frame in frames)
        return self.writer.frames(batches, size)

    def wait(self, state: Callable[[], T | None]) -> T:
        return block_until(state, ended=lambda: None if self.writer.is_alive() else "the thread has ended")

    def heard(self, kind: type[T]) -> list[T]:
        while self.writer.told:
            self.told.append(self.writer.told.popleft())
        return [body for body in self.told if isinstance(body, kind)]

    def close(self) -> None:
        self.writer.close()
        self.writer.join()

    @property
    def files(self) -> list[Path]:
        return sorted(self.path.glob("*.pcapng"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.writer.start()
    yield made
    made.close()


def test_frames_are_in_a_file_before_the_promise_is_broken(desk: Desk) -> None:
    desk.give(numbered(0, 3), numbered(3, 2))
    desk.wait(lambda: desk.files and so_far(desk.files[0]) == [0, 1, 2, 3, 4])
    desk.wait(lambda: desk.writer.standing.frames == 5)
    assert desk.writer.standing.written == desk.files[0].stat().st_size
    desk.close()
    assert desk.files[0].name == "2025-11-29T205314Z-all.pcapng"
    (ended,) = desk.heard(RecordingEnded)
    assert (ended.frames, ended.file, ended.octets) == (5, str(desk.files[0]), desk.files[0].stat().st_size)


def test_what_is_frozen_is_what_came_before_and_after(desk: Desk) -> None:
    before, after = numbered(0, 3), numbered(3, 2)
    desk.writer.record(Mode.OFF)
    desk.writer.freeze(STEM, "Alert 17", held(before), kept=True, answers=4)
    desk.give(after)
    desk.writer.note([before[1]], ["evidence"])
    desk.writer.thaw()
    desk.give(numbered(5, 1))
    desk.close()
    (path,) = desk.files
    assert path.name == f"{STEM}.kept.pcapng"
    assert numbers(path) == [0, 1, 2, 3, 4]
    assert b"evidence" in path.read_bytes()
    (begun,) = desk.heard(RecordingBegun)
    assert (begun.recording, begun.kept, begun.answers) == (STEM, True, 4)


def test_only_the_interesting_and_evidence(tmp_path: Path) -> None:
    desk = Desk(tmp_path, PLAN._replace(mode=Mode.INTERESTING))
    desk.writer.start()
    dull, evidence = data_frame(b"1234", protected=False), data_frame(b"5678", protected=False)
    desk.give([dull, *numbered(0, 2), evidence])
    for _ in range(2):
        desk.writer.note([evidence], ["evidence of alert 1"])
    desk.close()
    assert numbers(desk.files[0]) == [0, 1, int.from_bytes(b"5678")]
    assert b"evidence of alert 1" in desk.files[0].read_bytes()


def test_files_end_by_size_and_the_oldest_make_room(tmp_path: Path) -> None:
    desk = Desk(tmp_path, PLAN._replace(file_octets=1 << 16), Caps(3 << 17, 0))
    kept = tmp_path / "2020-11-01T000000Z-all.kept.pcapng"
    kept.write_bytes(bytes(1000))
    desk.writer.start()
    last = -1
    for part in range(12):
        frames = numbered(part * 100, 100, begin=1.7e9 + part, size=600)
        last += 100
        desk.give(frames)
        desk.wait(lambda part=part: len(desk.heard(RecordingEnded)) > part)  # type: ignore[misc]
    desk.close()
    assert kept.exists()
    assert desk.heard(RecordingsDeleted)
    assert sum(path.stat().st_size for path in desk.files) <= 3 << 17
    assert numbers(desk.files[-1])[-1] == last
    assert not desk.heard(FramesNotKept)


def test_a_new_start_closes_what_was_left_open(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.writer.start()
    desk.give(numbered(0, 3))
    desk.wait(lambda: desk.files and so_far(desk.files[0]))
    octets = desk.files[0].read_bytes()
    desk.close()
    desk.files[0].unlink()
    (tmp_path / Name("2025-11-29T205314Z-all", open=True).file).write_bytes(octets + b"\x06\0\0\0half")
    again = Desk(tmp_path)
    again.writer.start()
    (repaired,) = again.wait(lambda: again.heard(RecordingRepaired))
    again.close()
    assert (repaired.octets, repaired.cut) == (len(octets), 8)
    assert numbers(again.files[0]) == [0, 1, 2]


def test_recordings_are_kept_by_name_and_what_there_is_none_of_is_refused(desk: Desk) -> None:
    desk.give(numbered(0, 1))
    desk.wait(lambda: desk.files)
    desk.writer.keep("2025-11-29T205314Z-all", 7)
    desk.writer.keep("2025-11-29T205314Z-none", 8)
    desk.writer.keep("", 9)
    desk.wait(lambda: len(desk.heard(CommandRefused)) == 2)
    assert [body.answers for body in desk.heard(CommandRefused)] == [8, 9]
    assert [body.answers for body in desk.heard(RecordingKept)] == [7]
    desk.close()
    assert desk.files[0].name == "2025-11-29T205314Z-all.kept.pcapng"


class Card:
    """Replaces `os`: a card that fails, or is slow."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error = 0
        self.seconds = 0.0
        write, sync = os.write, os.fdatasync

        def checked_write(descriptor: int, octets: bytes) -> int:
            self._wait()
            return write(descriptor, octets)

        def checked_sync(descriptor: int) -> None:
            self._wait()
            sync(descriptor)

        monkeypatch.setattr(os, "write", checked_write)
        monkeypatch.setattr(os, "fdatasync", checked_sync)

    def _wait(self) -> None:
        import time

        time.sleep(self.seconds)
        if self.error:
            raise OSError(self.error, os.strerror(self.error))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_card_that_fails_is_told_and_nothing_is_lost_when_it_is_back_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    card = Card(monkeypatch)
    desk = Desk(tmp_path)
    desk.writer.start()
    desk.give(numbered(0, 5))
    desk.wait(lambda: desk.writer.standing.frames == 5)
    card.error = error
    desk.give(numbered(5, 5))
    problem = desk.wait(lambda: str(tmp_path) in desk.writer.standing.problem)
    assert problem
    desk.give(numbered(10, 5))
    card.error = 0
    desk.wait(lambda: str(tmp_path) not in desk.writer.standing.problem)
    desk.close()
    assert sorted(number for path in desk.files for number in numbers(path)) == list(range(15))
    assert not desk.heard(FramesNotKept)
    assert not [path for path in desk.files if ".open." in path.name]


def test_a_card_that_stays_away_costs_the_oldest_frames_which_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = Card(monkeypatch)
    desk = Desk(tmp_path, PLAN._replace(waiting_octets=1 << 16))
    desk.writer.start()
    card.error = errno.EIO
    for part in range(6):
        desk.give(numbered(part * 60, 60))
        desk.wait(lambda: not desk.writer._inbox.octets and desk.writer.standing.problem)
    lost = desk.wait(lambda: desk.writer.standing.lost)
    card.error = 0
    desk.wait(lambda: str(tmp_path) not in desk.writer.standing.problem)
    desk.close()
    lost = desk.writer.standing.lost
    (path,) = desk.files
    assert numbers(path) == list(range(lost, 360))
    assert sum(body.lost for body in desk.heard(FramesNotKept)) == lost


def test_a_slow_card_is_told_and_takes_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(monkeypatch)
    card.seconds = 0.2
    desk = Desk(tmp_path)
    desk.writer.start()
    desk.give(numbered(0, 5))
    assert "slow" in desk.wait(lambda: desk.writer.standing.problem)
    desk.give(numbered(5, 5))
    desk.wait(lambda: desk.writer.standing.frames == 10)
    desk.close()
    assert numbers(desk.files[0]) == list(range(10))


def test_what_comes_while_the_card_holds_the_thread_up_is_bounded_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = Card(monkeypatch)
    desk = Desk(tmp_path, PLAN._replace(waiting_octets=1 << 16))
    desk.writer.start()
    card.seconds = 1.0
    desk.give(numbered(0, 1))
    desk.wait(lambda: desk.files)  # the thread is in its first write
    taken = 1 + sum(60 for part in range(10) if desk.give(numbered(part * 60 + 1, 60)))
    assert taken < 601
    card.seconds = 0.0
    desk.close()
    assert len(numbers(desk.files[0])) == taken
    assert desk.writer.standing.lost == 601 - taken


def test_frames_that_are_late_are_counted_and_told_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = Card(monkeypatch)
    card.seconds = 0.3
    desk = Desk(tmp_path)
    desk.writer.start()
    desk.give(numbered(0, 5))
    desk.wait(lambda: desk.writer.standing.frames == 5)
    card.seconds = 0.0
    desk.close()
    (late,) = desk.heard(RecordedLate)
    assert (late.frames, late.promised) == (5, 0.5)
    assert late.seconds > 0.6
    assert "one write took" in late.reason
    assert (desk.writer.standing.late, desk.writer.standing.latest) == (5, late.seconds)


def test_what_frames_have_waited_before_they_came_counts(desk: Desk) -> None:
    desk.writer.frames([numbered(0, 2)], 1000, age=2.0)
    assert "lose_at_most" in desk.writer.overdue()
    desk.wait(lambda: desk.writer.standing.frames == 2)
    assert not desk.writer.overdue()
    desk.close()
    (late,) = desk.heard(RecordedLate)
    assert (late.frames, late.reason) == (2, "the processor is too busy")
    assert late.seconds >= 2.0


def test_frames_that_wait_for_a_card_that_hangs_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(monkeypatch)
    desk = Desk(tmp_path)
    desk.writer.start()
    card.seconds = 1.0
    desk.give(numbered(0, 1))
    desk.wait(desk.writer.overdue)
    assert not desk.heard(RecordedLate)
    card.seconds = 0.0
    desk.wait(lambda: not desk.writer.overdue())
    desk.close()


def test_what_the_card_has_refused_waits_for_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    desk.writer.start()
    desk.give(numbered(0, 3))
    desk.wait(lambda: desk.writer.standing.frames == 3)
    failed: list[int] = []
    sync = os.fdatasync

    def fails_once(descriptor: int) -> None:
        if not failed:
            failed.append(descriptor)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(descriptor)

    monkeypatch.setattr(os, "fdatasync", fails_once)
    desk.give(numbered(3, 3))
    desk.wait(lambda: failed and desk.writer.standing.frames == 3 and not desk.writer.standing.problem)
    desk.close()
    assert sorted(numbers(path) for path in desk.files) == [[0, 1, 2], [3, 4, 5]]


END = {
    "thaw": lambda writer: writer.thaw(),
    "freeze": lambda writer: writer.freeze(f"{STEM}-more", "the next one", held(numbered(900, 1)), kept=False),
    "record": lambda writer: writer.record(Mode.OFF),
    "renew": lambda writer: writer.renew(),
}


@pytest.mark.parametrize("end", END)
def test_what_has_ended_waits_for_a_card_that_refuses_it_just_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    card = Card(monkeypatch)
    by_freeze = end in {"thaw", "freeze"}
    desk = Desk(tmp_path, PLAN._replace(mode=Mode.OFF if by_freeze else Mode.ALL))
    card.error = errno.EROFS
    desk.writer.start()
    if by_freeze:
        desk.writer.freeze(STEM, "Incident 17", held(numbered(0, 200)), kept=True)
    else:
        desk.give(numbered(0, 200))
    desk.wait(lambda: "can only be read" in desk.writer.standing.problem)
    END[end](desk.writer)
    desk.wait(lambda: desk.writer._wish == desk.writer._inbox.wish)
    assert not desk.files
    card.error = 0
    ended = desk.wait(lambda: desk.heard(RecordingEnded))[0]
    assert ended.frames == 200
    desk.wait(lambda: not desk.writer.standing.problem)
    desk.close()
    assert numbers(Path(ended.file)) == list(range(200))
    assert (".kept." in ended.file) is by_freeze
    assert not desk.heard(FramesNotKept)


def test_what_has_ended_takes_no_more_memory_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(monkeypatch)
    desk = Desk(tmp_path, PLAN._replace(mode=Mode.OFF, waiting_octets=1 << 16))
    card.error = errno.EIO
    desk.writer.start()
    for part in range(5):
        assert desk.writer.freeze(f"{STEM}-{part}", "one", held(numbered(part * 100, 100)), kept=part == 0)
        desk.writer.thaw()
        desk.wait(lambda part=part: len(desk.heard(RecordingBegun)) > part)  # type: ignore[misc]
    desk.wait(lambda: desk.writer.standing.problem)
    desk.wait(lambda: sum(r.waiting_octets for r in desk.writer._recordings()) <= 2 << 16)
    card.error = 0
    desk.wait(lambda: not desk.writer.standing.problem)
    desk.close()
    written = [numbers(path) for path in desk.files]
    lost = desk.writer.standing.lost
    assert lost > 0
    assert sum(map(len, written)) == 500 - lost
    assert written[0] == list(range(100)), "kept, so the last to go"
    assert written[-1][-1] == 499
    assert sum(body.lost for body in desk.heard(FramesNotKept)) == lost


def test_a_file_that_could_not_be_closed_is_closed_when_the_card_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = Card(monkeypatch)
    desk = Desk(tmp_path, PLAN._replace(mode=Mode.OFF))
    desk.writer.start()
    desk.writer.freeze(STEM, "one", held(numbered(0, 3)), kept=False)
    desk.wait(lambda: desk.writer.standing.frames == 3)
    card.error = errno.EIO
    desk.writer.thaw()
    desk.wait(lambda: not desk.writer.standing.recording and desk.writer.standing.problem)
    card.error = 0
    desk.wait(lambda: not desk.writer.standing.problem)
    desk.close()
    (path,) = desk.files
    assert (path.name, numbers(path)) == (f"{STEM}.pcapng", [0, 1, 2])


def test_a_card_that_hangs_costs_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, ready = threading.Event(), threading.Event()
    sync = os.fdatasync

    def hangs(descriptor: int) -> None:
        hanging.set()
        ready.wait()
        sync(descriptor)

    monkeypatch.setattr(os, "fdatasync", hangs)
    desk = Desk(tmp_path, PLAN._replace(waiting_octets=1 << 16))
    desk.writer.start()
    desk.give(numbered(0, 10))
    desk.wait(hanging.is_set)
    batch, evidence = numbered(10, 60), numbered(100, 50)
    given = [desk.give(batch) for _ in range(1000)]
    begun = [desk.writer.freeze(STEM, "one", held(evidence), kept=False) for _ in range(20)]
    for _ in range(1000):
        desk.writer.note(evidence, ["evidence"] * 50)
        desk.writer.keep(STEM, 3)
        desk.writer.lose(1, "so")
        desk.writer.thaw()
        desk.writer.renew()
        desk.writer.record(Mode.ALL)
        desk.give(batch)
    assert given == [True] + [False] * 999
    assert begun == [True] + [False] * 19
    assert len(desk.writer._inbox) < 200
    ready.set()
    desk.close()
    assert desk.writer.standing.lost == 1999 * 60 + 1000
    assert sum(len(numbers(path)) for path in desk.files) == 10 + 60 + 50
    assert len(desk.heard(CommandRefused)) >= 900


def test_frames_that_are_refused_or_never_came_are_told_in_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = Card(monkeypatch)
    desk = Desk(tmp_path, PLAN._replace(waiting_octets=1 << 16))
    desk.writer.start()
    desk.writer.freeze(STEM, "one", held(numbered(0, 1)), kept=False)
    card.seconds = 1.0
    desk.give(numbered(1, 1))
    desk.wait(lambda: len(desk.files) == 2)  # the thread is in its first writes
    taken = sum(60 for part in range(10) if desk.give(numbered(part * 60 + 2, 60)))
    card.seconds = 0.0
    desk.wait(lambda: not desk.writer._inbox.octets)
    desk.writer.lose(5, "the recorder was too slow")
    desk.give(numbered(900, 1))
    desk.close()
    always, frozen = desk.files
    refused = 600 - taken
    assert refused > 0
    for path, first in ((always, 1), (frozen, 2)):
        assert list(gaps(path).values()) == [refused, 5] or gaps(path) == {first + taken: refused + 5}
        assert statistics(path)[1:] == (refused + 5, first + taken + 1)
    assert desk.writer.standing.lost == refused + 5


def test_of_the_interesting_ones_alone_those_that_are_refused_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = Card(monkeypatch)
    desk = Desk(tmp_path, PLAN._replace(mode=Mode.INTERESTING, waiting_octets=1 << 12))
    desk.writer.start()
    card.seconds = 1.0
    desk.give(numbered(0, 1))
    desk.wait(lambda: desk.files)
    dull = data_frame(bytes(4000), protected=False)
    assert desk.give([dull] * 2)
    assert not desk.give([dull, *numbered(1, 3)])
    card.seconds = 0.0
    desk.give(numbered(4, 1))
    desk.close()
    assert desk.writer.standing.lost in {3, 4}, "the last one may have come too early"
    assert statistics(desk.files[0])[1] == desk.writer.standing.lost


def test_what_the_kernel_dropped_before_an_incident_is_told_in_its_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path, PLAN._replace(mode=Mode.OFF))
    desk.writer.counts = Counts(9000, 3000)
    desk.writer.start()
    desk.writer.freeze(STEM, "one", held(numbered(0, 200), counts=Counts(1000, 0)), kept=False)
    desk.wait(lambda: desk.writer.standing.frames == 200)
    desk.writer.counts = Counts(9100, 3000)
    desk.close()
    assert statistics(desk.files[0]) == (8100, 3000, 200)


def test_the_next_file_counts_from_the_end_of_the_last_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path, PLAN._replace(file_octets=1 << 16))
    desk.writer.counts = Counts(100, 0)
    desk.writer.start()
    for part, counts in enumerate([Counts(300, 7), Counts(600, 10)]):
        desk.writer.counts = counts
        desk.give(numbered(part * 100, 100, begin=1.7e9 + part, size=700))
        desk.wait(lambda part=part: len(desk.heard(RecordingEnded)) > part)  # type: ignore[misc]
    desk.close()
    assert [statistics(path)[:2] for path in desk.files][1] == (300, 3)


@pytest.mark.parametrize("wanted", [f"{STEM}-2", STEM, ""])
def test_a_recording_is_kept_by_the_name_of_its_file(tmp_path: Path, wanted: str) -> None:
    (tmp_path / f"{STEM}.pcapng").write_bytes(b"")
    desk = Desk(tmp_path, PLAN._replace(mode=Mode.OFF))
    desk.writer.start()
    desk.writer.freeze(STEM, "one", held(numbered(0, 5)), kept=False)
    desk.wait(lambda: len(desk.files) == 2)
    (begun,) = desk.heard(RecordingBegun)
    assert begun.recording == f"{STEM}-2"
    desk.writer.keep(wanted, 7)
    (kept,) = desk.wait(lambda: desk.heard(RecordingKept))
    desk.give(numbered(5, 5))
    desk.writer.thaw()
    (ended,) = desk.wait(lambda: desk.heard(RecordingEnded))
    desk.close()
    first, second = (".kept", "") if wanted == STEM else ("", ".kept")
    assert (kept.recording, ended.recording) == (wanted or f"{STEM}-2", f"{STEM}-2")
    assert {path.name for path in desk.files} == {f"{STEM}{first}.pcapng", f"{STEM}-2{second}.pcapng"}
    assert numbers(Path(ended.file)) == list(range(10))
    assert not desk.writer.standing.problem


def test_the_newest_one_is_kept_when_it_was_full_before(tmp_path: Path) -> None:
    desk = Desk(tmp_path, PLAN._replace(mode=Mode.OFF, file_octets=1 << 16))
    desk.writer.start()
    desk.writer.keep("", 1)
    (refused,) = desk.wait(lambda: desk.heard(CommandRefused))
    assert refused.answers == 1
    desk.writer.freeze(STEM, "one", held(numbered(0, 100, size=700)), kept=False)
    assert desk.writer.is_frozen
    desk.wait(lambda: desk.heard(RecordingEnded))
    assert not desk.writer.is_frozen
    desk.writer.keep("", 2)
    desk.wait(lambda: desk.heard(RecordingKept))
    desk.close()
    assert [path.name for path in desk.files] == [f"{STEM}.kept.pcapng"]


def test_what_a_card_refuses_at_the_end_is_lost_for_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(monkeypatch)
    desk = Desk(tmp_path)
    card.error = errno.EROFS
    desk.writer.start()
    desk.writer.freeze(STEM, "one", held(numbered(0, 3)), kept=False)
    desk.give(numbered(3, 2))
    desk.close()
    (told,) = desk.heard(FramesNotKept)
    assert (told.lost, "can only be read" in told.reason) == (7, True)
    assert "can only be read" in desk.writer.standing.problem


def test_a_recording_that_ends_well_does_not_say_that_the_card_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    writer = Writer(Folder(tmp_path, WIDE), PLAN, lambda: now[0])
    writer.freeze(STEM, "one", held(numbered(0, 2)), kept=False)
    writer.frames([numbered(2, 2)], 1000)
    now[0] += 0.2
    writer.turn()
    sync = os.fdatasync

    def fails_for_one(descriptor: int) -> None:
        if "-all" in Path(f"/proc/self/fd/{descriptor}").readlink().name:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(descriptor)

    writer.frames([numbered(4, 2)], 1000)
    writer.thaw()
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", fails_for_one)
        writer.turn()
    assert [body.recording for body in writer.told if isinstance(body, RecordingEnded)] == [STEM]
    assert "the card fails" in writer.standing.problem
    now[0] += 10.0
    writer.turn()
    assert "the card fails" not in writer.standing.problem
    assert [Path(body.file).name for body in writer.told if isinstance(body, RecordingRepaired)] == [
        "2025-11-29T205314Z-all.pcapng"
    ]
    writer.close()
    while not writer.turn():
        pass
    assert sorted(numbers(path) for path in tmp_path.iterdir()) == [[0, 1, 2, 3, 4, 5], [2, 3], [4, 5]]
    assert not [path for path in tmp_path.iterdir() if ".open." in path.name]


def test_its_end_is_told_also_if_its_last_turn_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Folder) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(Folder, "recordings", fail)
    told: list[str] = []
    writer = Writer(Folder(tmp_path, WIDE), PLAN)
    writer.close(lambda: told.append("while it ends"))
    with pytest.raises(RuntimeError, match="a mistake"):
        writer.run()
    assert told == ["while it ends"]
    writer.close(lambda: told.append("when it has ended"))
    assert told[1:] == ["when it has ended"]

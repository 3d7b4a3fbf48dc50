"""On a real file system in a file, where this is root; else on a folder."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path

import pytest
from tests.copying.fat import CHECK, MAKE, REPORT, SPARE, partition, run_on

from whimbrel.copying.card import Partition
from whimbrel.copying.plan import Sized, taken

STEM = "2026-11-{:02}T120000Z-all"
NAME = f"{STEM.format(1)}.pcapng"
needs_loop = pytest.mark.skipif(
    os.geteuid() != 0
    or not Path("/dev/loop-control").exists()
    or any(shutil.which(name) is None for name in (MAKE[0], CHECK.split()[0], "unshare")),
    reason="a file system in a file needs root, loop devices and its programs",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "recordings").mkdir()
    return tmp_path


def record(folder: Path, day: int, octets: int) -> bytes:
    content = bytes([day]) * octets
    (folder / "recordings" / f"{STEM.format(day)}.pcapng").write_bytes(content)
    return content


@needs_loop
def test_a_copy_is_whole_and_the_partition_is_closed_and_clean(folder: Path) -> None:
    content = record(folder, 1, 3_000_001)
    found = run_on(
        folder,
        """
        if touch "$card/x" 2>/dev/null; then echo writable; fi
        copy 1
        if touch "$card/x" 2>/dev/null; then echo writable; fi
        umount "$card"
        fsck >/dev/null 2>&1 && echo clean
        again
        ls "$card/copies"
        cat "$card/copies/2026-11-01T120000Z-all.pcapng" > "$recordings/../back"
        cat "$card"/copies/*.html | wc -c
        """,
    )
    told, *rest = found.stdout.splitlines()
    assert json.loads(told) == {
        "number": 1, "files": 2, "octets": len(content) + len(REPORT.content), "removed": 0, "left_out": 0,
        "problem": "", "ended": False,
    }, found.stderr  # fmt: skip
    assert rest[:2] == ["clean", NAME], "nothing could be written before and after"
    assert rest[2:] == ["2026-11-30T005321Z-report.html", str(len(REPORT.content))]
    assert (folder / "back").read_bytes() == content
    assert not (folder / "card.holders/opened").exists()


@needs_loop
def test_copies_are_not_written_twice_and_the_oldest_make_room(folder: Path) -> None:
    for day in (1, 2, 3):
        record(folder, day, 10 << 20)
    found = run_on(
        folder, "copy 1; copy 2; rm $recordings/*; echo 12345678 > $recordings/2026-11-09T120000Z-all.pcapng; copy 3"
    )
    first, again, third = map(json.loads, found.stdout.splitlines())
    assert (first["files"], first["left_out"], first["problem"]) == (4, 0, "")
    assert (again["files"], again["octets"], again["removed"]) == (1, len(REPORT.content), 0), "only the report is new"
    assert third["files"] == 2
    record(folder, 8, 9 << 20)
    found = run_on(folder, 'copy 4; ls "$card/copies"; df -B1 --output=avail "$card" | tail -1')
    told, *names, free = found.stdout.splitlines()
    assert json.loads(told)["removed"] == 1
    assert NAME not in names
    assert f"{STEM.format(8)}.pcapng" in names
    assert int(free) >= SPARE


@needs_loop
def test_what_has_no_room_is_left_out_and_counted(folder: Path) -> None:
    record(folder, 1, 60 << 20)
    record(folder, 2, 100)
    told = json.loads(run_on(folder, "copy 1").stdout)
    assert (told["files"], told["left_out"], told["problem"]) == (2, 1, "")


@needs_loop
def test_a_card_that_is_taken_for_writing_by_another_stays_open(folder: Path) -> None:
    record(folder, 1, 100)
    found = run_on(folder, 'take; copy 1 >/dev/null; touch "$card/x" && echo writable')
    assert found.stdout == "writable\n"


@needs_loop
def test_a_killed_copy_is_closed_and_its_rest_removed(folder: Path) -> None:
    record(folder, 1, 100)
    found = run_on(
        folder,
        """
        take; mkdir "$card/copies"; echo half > "$card/copies/2026-11-01T120000Z-all.pcapng.part"
        mkdir "$card/mine"; echo mine > "$card/copies/note.txt"
        mkdir -p "$WHIMBREL_CARD_RUN/holders"; touch "$WHIMBREL_CARD_RUN/opened" "$WHIMBREL_CARD_RUN/holders/copy"
        "$python" -c 'import sys; from pathlib import Path; from tests.copying.fat import partition
print(partition(Path(sys.argv[1])).close())' "$card"
        touch "$card/x" 2>/dev/null && echo writable
        copy 1 > /dev/null
        ls "$card/copies"
        """,
    )
    lines = found.stdout.splitlines()
    assert lines[0] == ""
    assert "writable" not in lines
    assert NAME in lines
    assert "note.txt" in lines, "what is not ours is left alone"
    assert not [line for line in lines if line.endswith(".part")]


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    card = partition(tmp_path)
    card.open()

    class Failing(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        card.write(Failing(), Sized(NAME, 10))
    assert list(card.present()) == []
    assert not any((tmp_path / "copies").iterdir())
    card.write(io.BytesIO(b"0123456789abc"), Sized(NAME, 10))
    assert (tmp_path / "copies" / NAME).read_bytes() == b"0123456789", "no more than was planned for"
    assert list(card.present()) == [Sized(NAME, 10)]
    card.remove(NAME)
    card.remove(NAME)
    assert list(card.present()) == []


_MOUNT = 'echo "$2" >> "${0%/*}/mounted"'
_FINDMNT = 'tail -n 1 "${0%/*}/mounted" 2> /dev/null | grep -q rw && echo rw || echo ro'
"""For a partition whose state is the last request, read-only at first."""


def _programs(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """Put programs of these names in front of the real ones."""
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("WHIMBREL_PATH", str(folder))
    monkeypatch.setenv("WHIMBREL_PATIENCE", "1")


@pytest.mark.parametrize("sync", ["exit 1", "exec sleep 30"])
def test_a_card_that_fails_is_closed_and_the_failure_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync: str
) -> None:
    _programs(tmp_path, monkeypatch, sync=sync, mount=_MOUNT, mountpoint="exit 0", findmnt=_FINDMNT)
    card = partition(tmp_path)
    card.open()
    assert card.close() == "not all is on the card"
    assert (tmp_path / "mounted").read_text() == "remount,rw\nremount,ro\n"
    assert not list((tmp_path.with_name(f"{tmp_path.name}.holders") / "holders").iterdir())


def test_a_card_that_cannot_be_closed_is_told_and_can_be_closed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = f'[ "$2" = remount,rw ] || exec sleep 30; {_MOUNT}'
    _programs(tmp_path, monkeypatch, sync="true", mount=closing, mountpoint="exit 0", findmnt=_FINDMNT)
    card = partition(tmp_path)
    card.open()
    assert card.close() == "the partition cannot be made ro"
    _programs(tmp_path, monkeypatch, mount="exit 0")
    assert card.close() == "the partition cannot be made ro", "mount does not say so with nofail in fstab"
    _programs(tmp_path, monkeypatch, mount=_MOUNT)
    assert card.close() == ""
    assert card.close() == ""


def test_without_the_program_it_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Partition(tmp_path, tmp_path / "holders", 0, tmp_path / "none").open()


def test_the_budget_is_what_is_free_and_what_is_ours_but_for_what_others_need(tmp_path: Path) -> None:
    card = partition(tmp_path)
    card.open()
    card.write(io.BytesIO(bytes(100_000)), Sized(NAME, 100_000))
    room = os.statvfs(tmp_path)
    free = room.f_bavail * room.f_frsize
    assert abs(card.budget() - free - taken(100_000, room.f_frsize)) < 64 << 20, "others write here too"
    assert partition(tmp_path, 1 << 60).budget() == 0


@needs_loop
def test_a_copy_beside_apt_leaves_the_partition_open_and_apt_closes_it(folder: Path) -> None:
    record(folder, 1, 100)
    found = run_on(
        folder,
        """
        hold open apt
        copy 1 > /dev/null
        touch "$card/kernel" && echo still open
        hold close copy
        touch "$card/kernel" && echo whoever has ended closes nothing
        hold close apt
        touch "$card/kernel" 2> /dev/null || echo closed
        """,
    )
    assert found.stdout.splitlines() == ["still open", "whoever has ended closes nothing", "closed"], found.stderr

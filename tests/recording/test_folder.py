from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from tests.recording.frames import numbered, numbers

from whimbrel.capture import pcapng_blocks
from whimbrel.recording.card import words
from whimbrel.recording.folder import Folder, NoRoom, rows
from whimbrel.recording.limits import Caps
from whimbrel.recording.naming import Name
from whimbrel.recording.packing import packed

HEAD = pcapng_blocks.section(application="a test") + pcapng_blocks.interface()
STEM = "2025-11-29T205314Z-all"
WIDE = Caps(1 << 40, 0)


def left_open(folder: Path, octets: bytes, *, kept: bool = False) -> Path:
    path = folder / Name(STEM, kept, open=True).file
    path.write_bytes(octets)
    return path


def test_names_are_given_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "made" / "anew", WIDE)
    for wanted in (STEM, f"{STEM}-2", f"{STEM}-3"):
        descriptor, name = folder.create(STEM, kept=False)
        os.close(descriptor)
        assert name == Name(wanted, kept=False, open=True)
    assert {recorded.name.stem for recorded in folder.recordings()} == {STEM, f"{STEM}-2", f"{STEM}-3"}


def test_what_is_no_recording_is_neither_counted_nor_deleted(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(bytes(1000))
    (tmp_path / f"{STEM}.pcapng").write_bytes(bytes(100))
    folder = Folder(tmp_path, Caps(150, 0))
    assert [recorded.octets for recorded in folder.recordings()] == [100]
    assert folder.make_room(100) == [f"{STEM}.pcapng"]
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_without_room_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(
        NoRoom, match=r"folder_size \(100B\) is too small for what is written at once: raise"
    ) as refused:
        Folder(tmp_path, Caps(100, 0)).make_room(101)
    assert refused.value.errno == errno.ENOSPC
    with pytest.raises(NoRoom, match=r"the card is full: .*lower modules.recorder.least_free \(1048576TiB\)"):
        Folder(tmp_path / "none" / "yet", Caps(1 << 40, 1 << 60)).make_room(1)


def test_kept_recordings_that_fill_the_folder_are_named_and_nothing_is_deleted(tmp_path: Path) -> None:
    (tmp_path / f"{STEM}.kept.pcapng").write_bytes(bytes(1024))
    (tmp_path / f"{STEM}-2.pcapng").write_bytes(bytes(10))
    with pytest.raises(NoRoom) as refused:
        Folder(tmp_path, Caps(1024, 0)).make_room(100)
    advice = "kept recordings fill modules.recorder.folder_size (1KiB): delete some, or raise it"
    assert words(refused.value) == refused.value.strerror == advice
    assert len(list(tmp_path.iterdir())) == 2


def test_the_order_does_not_depend_on_the_clock(tmp_path: Path) -> None:
    """A board without one starts in 1970 again and again, and learns the time later or never."""
    folder = Folder(tmp_path, Caps(400, 0))
    stems = [
        "2025-11-29T205314Z-all",
        "1970-01-01T000030Z-all",  # started again
        "1970-01-01T000130Z-evil-twin-a1",
        "2025-11-30T100000Z-all",  # the clock was set
        "2025-11-30T100030Z-deauth-flood-a2",
        "1970-01-01T000030Z-all",
    ]
    made: list[str] = []
    for stem in stems:
        descriptor, name = folder.create(stem, kept=False)
        os.close(descriptor)
        (tmp_path / name.file).write_bytes(bytes(100))
        (tmp_path / name.file).rename(tmp_path / name._replace(open=False).file)
        made.append(name._replace(open=False).file)
        if len(made) > 4:
            assert folder.make_room(0) == [made[len(made) - 5]]
    assert [row.file for row in rows(folder)] == made[:1:-1]
    assert made[0] == "2025-11-29T205314Z-all.pcapng", "as ever, while the clock goes on"
    assert made[1] == "1970-01-01T000030Z-all.era1.pcapng"
    assert made[5] == "1970-01-01T000030Z-all-2.era2.pcapng"


def test_a_folder_of_an_earlier_version_is_older_than_what_comes(tmp_path: Path) -> None:
    for stem in ("2025-11-29T205314Z-all", "1970-01-01T000030Z-all"):
        (tmp_path / f"{stem}.kept.pcapng").touch()
    descriptor, name = Folder(tmp_path, WIDE).create("1970-01-01T000010Z-all", kept=True)
    os.close(descriptor)
    assert (name.era, name.file) == (1, "1970-01-01T000010Z-all.era1.kept.open.pcapng")


def test_a_recording_is_kept_by_its_name(tmp_path: Path) -> None:
    (tmp_path / f"{STEM}.pcapng").write_bytes(bytes(100))
    folder = Folder(tmp_path, Caps(150, 0))
    assert folder.keep(STEM)
    assert folder.keep(STEM)
    assert not folder.keep("2025-11-29T205314Z-none")
    assert [path.name for path in tmp_path.iterdir()] == [f"{STEM}.kept.pcapng"]


@pytest.mark.parametrize("kept", [False, True])
def test_what_was_left_open_is_closed_behind_its_last_whole_frame(tmp_path: Path, kept: bool) -> None:
    whole = HEAD + b"".join(packed(frame) for frame in numbered(0, 5))
    left_open(tmp_path, whole + packed(numbered(5, 1)[0])[:-3], kept=kept)
    (repaired,) = Folder(tmp_path, WIDE).repair()
    assert repaired.name == Name(STEM, kept=kept)
    assert repaired.octets == len(whole)
    assert repaired.cut > 0
    assert numbers(tmp_path / repaired.name.file) == [0, 1, 2, 3, 4]


def test_what_has_nothing_whole_goes(tmp_path: Path) -> None:
    left_open(tmp_path, HEAD[:30])
    (repaired,) = Folder(tmp_path, WIDE).repair()
    assert (repaired.octets, repaired.cut) == (0, 30)
    assert not list(tmp_path.iterdir())


def test_what_is_still_written_is_left_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path, WIDE)
    descriptor, name = folder.create(STEM, kept=False)
    try:
        assert not list(folder.repair())
        assert (tmp_path / name.file).exists()
    finally:
        os.close(descriptor)
    assert len(list(folder.repair())) == 1


def test_a_file_that_cannot_be_repaired_leaves_the_others_to_be_repaired(tmp_path: Path) -> None:
    whole = HEAD + packed(numbered(0, 1)[0])
    for number in range(4):
        (tmp_path / Name(f"{STEM}-{number}", kept=False, open=True).file).write_bytes(whole + b"cut")
    broken = tmp_path / Name(f"{STEM}-x", kept=False, open=True).file
    broken.mkdir()
    repaired: list[str] = []
    with pytest.raises(IsADirectoryError):
        repaired.extend(one.name.stem for one in Folder(tmp_path, WIDE).repair())
    assert sorted(repaired) == [f"{STEM}-{number}" for number in range(4)]


def test_a_recording_is_read_in_pieces(tmp_path: Path) -> None:
    (tmp_path / f"{STEM}.kept.pcapng").write_bytes(b"0123456789")
    folder = Folder(tmp_path, WIDE)
    assert folder.piece(STEM, 0, 4) == (10, b"0123")
    assert folder.piece(STEM, 8, 4) == (10, b"89")
    assert folder.piece(STEM, 10, 4) == (10, b"")
    assert folder.piece(STEM, 1 << 61, 4) == (10, b"")


def test_nothing_but_a_listed_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"not for you")
    shown = tmp_path / "shown"
    shown.mkdir()
    folder = Folder(shown, WIDE)
    for wanted in ("../secret", "secret", str(secret), "", "\0", STEM):
        assert folder.piece(wanted, 0, 4) is None
    (shown / f"{STEM}.pcapng").symlink_to(secret)
    with pytest.raises(OSError, match=r"symbolic|link"):
        folder.piece(STEM, 0, 4)
    (shown / f"{STEM}.pcapng").unlink()
    os.mkfifo(shown / f"{STEM}.pcapng")
    with pytest.raises(OSError, match="no regular file"):
        folder.piece(STEM, 0, 4)

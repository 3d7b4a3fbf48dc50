from __future__ import annotations

import os
from pathlib import Path

import pytest

from whimbrel.capture import pcapng_blocks
from whimbrel.copying.plan import Sized
from whimbrel.copying.source import Source

STEM = "2026-11-29T205314Z-deauth-flood-a17"
HEAD = pcapng_blocks.section(application="a test") + pcapng_blocks.interface()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "recordings"
    made.mkdir()
    return made


def listed(folder: Path) -> list[Sized]:
    return list(Source(folder, os.geteuid()).recordings())


def test_recordings_are_listed_by_what_they_are_called_on_the_card(folder: Path) -> None:
    (folder / f"{STEM}.kept.pcapng").write_bytes(HEAD)
    (folder / "2026-11-30T205314Z-all.pcapng").write_bytes(HEAD * 2)
    (folder / "passwords").write_text("secret")
    (folder / "2026-11-30T205314Z-empty.pcapng").touch()
    assert listed(folder) == [
        Sized("2026-11-30T205314Z-all.pcapng", 2 * len(HEAD)),
        Sized(f"{STEM}.pcapng", len(HEAD)),
    ]


def test_of_one_that_is_being_written_whole_blocks_count(folder: Path) -> None:
    (folder / f"{STEM}.open.pcapng").write_bytes(HEAD + b"\x06\0\0\0\x40\0\0\0half a block")
    assert listed(folder) == [Sized(f"{STEM}.pcapng", len(HEAD))]


@pytest.mark.parametrize(("before", "after"), [(".open", ""), (".open", ".kept"), ("", ".kept"), (".kept.open", "")])
def test_one_that_changes_its_state_meanwhile_is_found(folder: Path, before: str, after: str) -> None:
    (folder / f"{STEM}{before}.pcapng").write_bytes(HEAD)
    source = Source(folder, os.geteuid())
    (file,) = source.recordings()
    (folder / f"{STEM}{before}.pcapng").rename(folder / f"{STEM}{after}.pcapng")
    with source.open(file.name) as opened:
        assert opened.read() == HEAD


def test_one_of_a_later_era_comes_first_and_is_found(folder: Path) -> None:
    (folder / f"{STEM}.pcapng").write_bytes(HEAD)
    (folder / "1970-01-01T000030Z-all.era1.kept.pcapng").write_bytes(HEAD * 2)
    source = Source(folder, os.geteuid())
    later = "1970-01-01T000030Z-all.era1.pcapng"
    assert list(source.recordings()) == [Sized(later, 2 * len(HEAD)), Sized(f"{STEM}.pcapng", len(HEAD))]
    with source.open(later) as opened:
        assert opened.read() == HEAD * 2
    with pytest.raises(FileNotFoundError):
        source.open("passwords")


def test_one_that_is_gone_is_told(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Source(folder, os.geteuid()).open(f"{STEM}.pcapng")


def test_neither_links_nor_pipes_nor_folders_are_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "shadow").write_bytes(HEAD)
    (folder / f"{STEM}.pcapng").symlink_to(tmp_path / "shadow")
    os.mkfifo(folder / "2026-11-30T205314Z-pipe.pcapng")
    (folder / "2026-11-30T205314Z-folder.pcapng").mkdir()
    assert listed(folder) == []
    for name in (STEM, "2026-11-30T205314Z-pipe", "2026-11-30T205314Z-folder"):
        with pytest.raises(OSError, match=r"levels of symbolic links|no file of the service"):
            Source(folder, os.geteuid()).open(f"{name}.pcapng")


def test_no_link_leads_to_the_folder(folder: Path, tmp_path: Path) -> None:
    (folder / f"{STEM}.pcapng").write_bytes(HEAD)
    (tmp_path / "link").symlink_to(tmp_path)
    assert listed(tmp_path / "recordings")
    with pytest.raises(NotADirectoryError):
        listed(tmp_path / "link" / "recordings")
    with pytest.raises(ValueError, match="no absolute path"):
        listed(tmp_path / ".." / tmp_path.name / "recordings")
    with pytest.raises(ValueError, match="no absolute path"):
        listed(Path("recordings"))


def test_what_is_another_user_s_stays_his(folder: Path) -> None:
    (folder / f"{STEM}.pcapng").write_bytes(HEAD)
    with pytest.raises(PermissionError, match="another user's"):
        Source(folder, os.geteuid() + 1)
    if os.geteuid() == 0:
        os.chown(folder / f"{STEM}.pcapng", 1, 1)
        assert listed(folder) == []


def test_no_descriptor_is_left_open(folder: Path) -> None:
    (folder / f"{STEM}.pcapng").write_bytes(HEAD)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(3):
        listed(folder)
        with pytest.raises(PermissionError):
            Source(folder, os.geteuid() + 1)
        with pytest.raises(FileNotFoundError):
            Source(folder / "none", os.geteuid())
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208

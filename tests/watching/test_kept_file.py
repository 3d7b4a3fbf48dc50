"""A file that people may edit, and the copy of what was last right in it."""

import os
from pathlib import Path

import pytest

from whimbrel.watching import kept_file
from whimbrel.watching.kept_file import Recalled, UnusableFile, recall


def number(content: bytes) -> int:
    try:
        return int(content)
    except ValueError:
        raise UnusableFile("no number") from None


def test_no_file_is_nothing_and_no_problem(tmp_path: Path) -> None:
    assert recall(tmp_path / "file", number) == Recalled(None)
    assert recall(Path(os.devnull), number) == Recalled(None)


@pytest.mark.parametrize("content", [b"", b"  \n", b"7x", None])
def test_what_was_last_right_is_used(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"7")
    assert recall(path, number) == Recalled(7)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    value, problem = recall(path, number)
    assert value == 7
    assert problem
    path.write_bytes(b"8")
    assert recall(path, number) == Recalled(8)
    path.write_bytes(b"")
    assert recall(path, number).value == 8, "the copy follows what is right"


def test_the_beginning_of_what_was_last_right_is_suspect(tmp_path: Path) -> None:
    path = tmp_path / "file"
    lines = b"guarded:\n  - ssid: Harbour House\n  - ssid: second\n"
    path.write_bytes(lines)
    assert recall(path, bytes.splitlines).value == lines.splitlines()
    for end in range(1, len(lines) - 1):
        path.write_bytes(lines[:end])
        value, problem = recall(path, bytes.splitlines)
        assert value == lines.splitlines()
        assert problem.endswith("it was cut short; if not, write the line ... at its end")
    path.write_bytes(lines[:9] + b"...\n")
    assert recall(path, bytes.splitlines) == Recalled([b"guarded:", b"..."]), "whoever says that nothing is missing"


def test_the_copy_is_written_only_when_something_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"7")
    recall(path, number)
    copy = tmp_path / f"file{kept_file.SUFFIX}"
    before = copy.stat().st_ino
    recall(path, number)
    assert copy.stat().st_ino == before


def test_a_copy_that_is_wrong_too_leaves_the_problem_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    (tmp_path / f"file{kept_file.SUFFIX}").write_bytes(b"y")
    assert recall(path, number) == Recalled(None, "no number")
    (tmp_path / f"file{kept_file.SUFFIX}").unlink()
    (tmp_path / f"file{kept_file.SUFFIX}").mkdir()
    path.write_bytes(b"9")
    assert recall(path, number) == Recalled(9), "a copy that cannot be written is no mistake of the file"


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1" * (kept_file.MOST + 1))
    with pytest.raises(UnusableFile, match="at most 1 MiB"):
        kept_file.read(path)

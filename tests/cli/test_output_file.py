from __future__ import annotations

import os
from pathlib import Path

import pytest

from whimbrel.cli import exits
from whimbrel.cli.output_file import save_file


def test_what_is_there_stays_unless_it_is_to_go(tmp_path: Path) -> None:
    path = tmp_path / "x"
    save_file(path, b"first", force=False)
    with pytest.raises(exits.CommandError, match="--force overwrites it"):
        save_file(path, b"second", force=False)
    assert path.read_bytes() == b"first"
    save_file(path, b"2", force=True)
    assert path.read_bytes() == b"2"


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_a_symbolic_link_is_not_followed(tmp_path: Path, force: bool, there: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    if there:
        target.write_bytes(b"kept")
    link.symlink_to(target)
    with pytest.raises(exits.CommandError):
        save_file(link, b"other", force=force)
    assert target.exists() is there
    assert not there or target.read_bytes() == b"kept"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(exits.CommandError, match="cannot write"):
        save_file(tmp_path / "none" / "x", b"", force=False)


def test_a_pipe_has_nothing_to_overwrite(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        save_file(pipe, b"frames", force=False)
        assert os.read(reading, 100) == b"frames"
    finally:
        os.close(reading)
    save_file(Path("/dev/null"), b"frames", force=False)


def test_a_full_card_is_told(tmp_path: Path) -> None:
    with pytest.raises(exits.CommandError, match="cannot write /dev/full: No space left"):
        save_file(Path("/dev/full"), b"frames", force=False)

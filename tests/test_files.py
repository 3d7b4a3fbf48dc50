"""Reading files that others may have put there."""

import os
import socket
from pathlib import Path

import pytest

from whimbrel.files import read_regular


def test_a_file_is_read_as_far_as_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert read_regular(path, 100) == b"0123456789"
    assert read_regular(path, 4) == b"01234", "one octet more tells that there is more"
    (tmp_path / "link").symlink_to(path)
    assert read_regular(tmp_path / "link", 100) == b"0123456789"


def test_nothing_else_is_read_and_nobody_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(tmp_path / "socket"))
        for path in (tmp_path / "pipe", tmp_path, tmp_path / "socket", Path("/dev/zero")):
            with pytest.raises(OSError, match=r"regular file|directory|No such device"):
                read_regular(path, 100)

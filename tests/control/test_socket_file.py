from __future__ import annotations

import grp
import os
import socket
from pathlib import Path

import pytest

from whimbrel.control import socket_file
from whimbrel.module import NotReady


def connect(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.connect(str(path))
    except OSError:
        client.close()
        raise
    return client


def test_mode_and_group_stand_before_anyone_can_connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s"
    seen: list[tuple[str, int]] = []
    real = Path.chmod

    def look(self: Path, mode: int) -> None:
        seen.append(("before chmod", path.stat().st_mode & 0o777))
        with pytest.raises(ConnectionRefusedError):
            connect(path)
        real(self, mode)

    monkeypatch.setattr(Path, "chmod", look)
    old = os.umask(0)
    try:
        with socket_file.listen(path, 0o660, grp.getgrgid(os.getgid()).gr_name):
            connect(path).close()
            assert path.stat().st_mode & 0o777 == 0o660
            assert path.stat().st_gid == os.getgid()
    finally:
        os.umask(old)
    assert seen == [("before chmod", 0o600)]


def test_what_a_killed_daemon_left_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    socket_file.listen(path, 0o600, None).close()
    assert path.is_socket()
    with socket_file.listen(path, 0o600, None):
        connect(path).close()


def test_a_daemon_that_lives_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket_file.listen(path, 0o600, None):
        with pytest.raises(NotReady, match="another daemon answers on"):
            socket_file.listen(path, 0o600, None)
        connect(path).close()


def test_a_daemon_too_busy_to_accept_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket_file.listen(path, 0o600, None) as sock:
        sock.listen(0)
        with connect(path), pytest.raises(NotReady, match="another daemon"):
            socket_file.listen(path, 0o600, None)


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("precious")
    with pytest.raises(NotReady, match="is no socket"):
        socket_file.listen(path, 0o600, None)
    assert path.read_text() == "precious"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=f"create {tmp_path}/none/deeper"):
        socket_file.listen(tmp_path / "none" / "deeper" / "s", 0o600, None)


def test_the_folder_itself_is_made_as_outside_of_a_service(tmp_path: Path) -> None:
    path = tmp_path / "run" / "s"
    with socket_file.listen(path, 0o600, None):
        assert path.is_socket()


def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"control\.socket"):
        socket_file.listen(tmp_path / ("x" * 200), 0o600, None)


def test_a_group_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with pytest.raises(NotReady, match="groupadd"):
        socket_file.listen(path, 0o600, "no-such-group-here")
    assert not path.exists()


def test_only_the_own_file_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket_file.listen(path, 0o600, None):
        identity = socket_file.identify(path)
        path.unlink()
        path.write_text("another's")
        socket_file.remove(path, identity)
        assert path.exists()
        socket_file.remove(path, socket_file.identify(path))
        assert not path.exists()
        socket_file.remove(path, identity)

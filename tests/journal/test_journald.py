from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from whimbrel.events.base import Level
from whimbrel.journal.fields import JournalLine, message_id
from whimbrel.journal.journald import Journal, entry
from whimbrel.module import NotReady
from whimbrel.testing import PATIENCE

HOSTILE = b"a\nMESSAGE=forged\nPRIORITY=0\n\x00\xff\x1b[2J"


def line(ssid: bytes = HOSTILE) -> JournalLine:
    return JournalLine(1.0, Level.WARNING, "network-probed", "watcher", "said", {"WHIMBREL_SSID": ssid})


class Daemon:
    """A datagram socket where journald would listen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(PATIENCE)

    def close(self) -> None:
        self.socket.close()
        self.path.unlink()


def read_entry(datagram: bytes) -> list[tuple[bytes, bytes]]:
    """Read journald's native protocol: NAME=value, or NAME, a length and as many octets."""
    fields = []
    while datagram:
        head, datagram = datagram.split(b"\n", 1)
        if b"=" in head:
            fields.append(tuple(head.split(b"=", 1)))
            continue
        (size,) = struct.unpack("<Q", datagram[:8])
        fields.append((head, datagram[8 : 8 + size]))
        assert datagram[8 + size : 9 + size] == b"\n"
        datagram = datagram[9 + size :]
    return fields  # type: ignore[return-value]


def test_an_entry_is_octets() -> None:
    assert entry(line()) == [
        b"MESSAGE=said",
        b"PRIORITY=4",
        b"MESSAGE_ID=" + message_id("network-probed").encode(),
        b"SYSLOG_IDENTIFIER=whimbrel",
        b"WHIMBREL_SSID=" + HOSTILE,
    ]


def test_an_entry_is_sent_whole(tmp_path: Path) -> None:
    sent: list[tuple[bytes, ...]] = []
    daemon = Daemon(tmp_path / "socket")
    journal = Journal(lambda *fields: sent.append(fields), daemon.path)
    assert journal.has_room()
    journal.write(line())
    assert sent == [tuple(entry(line()))]
    daemon.close()


def test_without_journald_it_is_not_ready(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"logger\.to: stderr"):
        Journal(lambda *_: None, tmp_path / "socket")


def test_without_systemd_python_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "systemd.journal", None)
    with pytest.raises(NotReady, match="python3-systemd"):
        Journal(path=tmp_path / "socket")


def test_a_full_queue_has_no_room_until_it_is_read(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path / "socket")
    journal = Journal(lambda *_: None, daemon.path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler:
        filler.setblocking(False)
        filler.connect(str(daemon.path))
        with contextlib.suppress(BlockingIOError):
            while filler.send(b"x"):
                pass
        assert not journal.has_room()
        daemon.socket.recv(16)
        assert journal.has_room()
    daemon.close()


def test_a_daemon_that_restarts_is_an_error_and_then_there_again(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path / "socket")
    journal = Journal(lambda *_: None, daemon.path)
    daemon.close()
    with pytest.raises(FileNotFoundError):
        journal.has_room()
    Daemon(tmp_path / "socket").socket.close()
    with pytest.raises(ConnectionRefusedError):
        journal.has_room()
    (tmp_path / "socket").unlink()
    daemon = Daemon(tmp_path / "socket")
    assert journal.has_room()
    daemon.close()


_SEND = """
from whimbrel.events.base import Level
from whimbrel.journal.fields import JournalLine
from whimbrel.journal.journald import Journal
hostile = bytes.fromhex({hostile!r})
journal = Journal()
assert journal.has_room()
journal.write(JournalLine(1.0, Level.WARNING, "network-probed", "watcher", "said", {{"WHIMBREL_SSID": hostile}}))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a mount namespace with a journald of its own")
def test_systemd_python_frames_hostile_octets(tmp_path: Path) -> None:
    pytest.importorskip("systemd.journal")
    run = tmp_path / "run"
    (run / "systemd" / "journal").mkdir(parents=True)
    daemon = Daemon(run / "systemd" / "journal" / "socket")
    code = _SEND.format(hostile=HOSTILE.hex())
    command = ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" /run && exec "$2" -c "$3"', "sh"]
    done = subprocess.run([*command, str(run), sys.executable, code], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        daemon.close()
        pytest.skip(f"no mount namespace here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    fields = read_entry(daemon.socket.recv(65536))
    daemon.close()
    assert [value for name, value in fields if name == b"MESSAGE"] == [b"said"]
    assert [value for name, value in fields if name == b"PRIORITY"] == [b"4"]
    assert dict(fields)[b"WHIMBREL_SSID"] == HOSTILE
    assert dict(fields)[b"MESSAGE_ID"] == message_id("network-probed").encode()

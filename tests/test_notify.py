"""What the service manager hears, over a real datagram socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from whimbrel.notify import Notifier, from_environment
from whimbrel.testing import PATIENCE


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield heard


def test_fields_go_out_in_one_datagram(manager: socket.socket) -> None:
    notifier = from_environment()
    notifier.tell(READY="1", STATUS="listening")
    assert manager.recv(4096) == b"READY=1\nSTATUS=listening"
    notifier.reloading()
    assert manager.recv(4096).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    notifier.close()
    notifier.tell(READY="1")


def test_a_manager_that_does_not_read_never_holds_us_and_hears_it_all_later(manager: socket.socket) -> None:
    notifier = from_environment()
    for n in range(1000):
        notifier.tell(STATUS=f"{n}", **({"READY": "1"} if n == 900 else {}))
    heard = 0
    manager.setblocking(False)
    while True:
        try:
            manager.recv(65536)
            heard += 1
        except BlockingIOError:
            break
    assert heard < 900
    notifier.tell(STATUS="last")
    assert set(manager.recv(65536).split(b"\n")) == {b"STATUS=last", b"READY=1"}
    notifier.close()


def test_a_value_gives_no_orders_and_has_its_bound(manager: socket.socket) -> None:
    notifier = from_environment()
    notifier.tell(STATUS="bad name: x\nMAINPID=1\udcff\x1b")
    assert manager.recv(4096) == b"STATUS=bad name: x\\nMAINPID=1\\udcff\\x1b"
    notifier.tell(READY="1", STATUS="\U0001f4a9" * 5000)
    assert len(message := manager.recv(65536)) < 4096
    assert message.startswith("READY=1\nSTATUS=\U0001f4a9".encode())
    notifier.close()


def test_an_abstract_address(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"whimbrel-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        notifier = from_environment()
        notifier.tell(READY="1")
        assert heard.recv(100) == b"READY=1"
        notifier.close()


def test_without_a_manager_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notifier = from_environment()
    notifier.tell(READY="1")
    assert notifier.watchdog is None


def test_a_manager_that_went_away_is_no_error(tmp_path: Path) -> None:
    notifier = Notifier(str(tmp_path / "nobody"))
    notifier.tell(READY="1")
    notifier.close()


@pytest.mark.parametrize(
    ("microseconds", "pid", "expected"),
    [("30000000", None, 30.0), ("0", None, None), ("", None, None), ("soon", None, None), ("30000000", "1", None)],
)
def test_the_watchdog_is_this_process_own(
    monkeypatch: pytest.MonkeyPatch, microseconds: str, pid: str | None, expected: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", microseconds)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    if pid:
        monkeypatch.setenv("WATCHDOG_PID", pid)
    assert from_environment().watchdog == expected

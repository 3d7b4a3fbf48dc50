"""A daemon without a free descriptor goes on, says so, and is as before once there are some again."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
from pathlib import Path
from typing import Any

from tests.process.daemon import SIMULATED, DaemonProcess

from whimbrel.testing import PATIENCE

CLIENTS = 20
SETTINGS = (
    SIMULATED.replace("SOCKET}", "SOCKET, clients: 30}")
    + """\
  recorder: {folder: FOLDER/recordings, least_free: 0B, mode: all}
  history: {file: FOLDER/history.db}
  display: {driver: png, png: {path: FOLDER/panel.png}}
  system: {}
"""
)


def leave(pid: int, free: int) -> None:
    """Let a process open `free` more descriptors than it has."""
    used = max(int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()) + 1
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + free, hard))


def ask(client: socket.socket, verb: str) -> dict[str, Any]:
    """Return the reply to a request over a connection that stays open."""
    client.sendall(json.dumps({"verb": verb}).encode() + b"\n")
    line = b""
    while not line.endswith(b"\n"):
        line += client.recv(65536)
    reply: dict[str, Any] = json.loads(line)
    return reply


def test_it_outlasts_a_lack_of_descriptors(tmp_path: Path) -> None:
    # Without Python's checks, which import what the report of an error must not need.
    settings = SETTINGS.replace("FOLDER", str(tmp_path))
    with DaemonProcess(tmp_path, settings, checks=False) as daemon, contextlib.ExitStack() as clients:
        daemon.wait_for_state("watcher", "ready")
        daemon.wait_until_written("recording-begun")
        held = clients.enter_context(socket.socket(socket.AF_UNIX))
        held.settimeout(PATIENCE)
        held.connect(str(daemon.socket))
        assert ask(held, "status")["ok"]
        leave(daemon.process.pid, 1)
        for _ in range(CLIENTS):
            client = clients.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):  # nobody accepts it, and the queue may be full
                client.connect(str(daemon.socket))
        daemon.wait_until_written("Too many open files")
        assert ask(held, "status")["result"]["ready"]
        assert ask(held, "nonsense")["error"], "an answer that needs a file is refused, and the connection stays"
        assert daemon.ended() is None
        clients.close()
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (256, 4096))
        assert daemon.ask("status")["ready"]
        daemon.wait_until(lambda: set(daemon.states().values()) == {"ready"}, "every module to be ready again")
        assert daemon.stop() == 0
    assert "Traceback" not in daemon.journal

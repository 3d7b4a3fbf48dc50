from __future__ import annotations

import itertools
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.lab.pcap import pcap_file

from whimbrel.client import BlockingClient, Refused, Unreachable
from whimbrel.testing import PATIENCE

AP = bytes.fromhex("020000000001")
STATION = bytes.fromhex("060000000002")

Whimbrel = Callable[..., "subprocess.CompletedProcess[str]"]


_STATES = tempfile.TemporaryDirectory(prefix="whimbrel-states-")
_numbers = itertools.count()


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process without stored state of others or of an earlier run."""
    more = {"XDG_STATE_HOME": f"{_STATES.name}/{next(_numbers)}"} | more
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WHIMBREL", "JOURNAL", "NOTIFY"))}
    return kept | {"PYTHONWARNINGS": "error", "PYTHONUTF8": "1"} | more


def ask(socket: Path, verb: str, **arguments: Any) -> Any:
    """Return the answer of a daemon as JSON values."""
    with BlockingClient(socket) as client:
        return client.ask(verb, **arguments)


def answer(socket: Path, verb: str, **arguments: Any) -> Any:
    """Return the answer of a daemon; None while it or the verb's module does not listen yet."""
    try:
        return ask(socket, verb, **arguments)
    except (Unreachable, Refused):
        return None


def still_running(process: subprocess.Popen[Any], log: Path) -> Callable[[], str | None]:
    """Return a function that returns the output of a process once it has ended, and None until then."""
    return lambda: None if process.poll() is None else f"ended with {process.returncode}:\n{log.read_text()}"


@pytest.fixture
def whimbrel() -> Whimbrel:
    """Return a function that runs the command in a separate process."""

    def run(*args: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "whimbrel", *map(str, args)],
            capture_output=True, text=True, timeout=PATIENCE, env=environment(**env or {}), check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done

    return run


def beacon(ssid: bytes, bssid: bytes = AP) -> bytes:
    fixed = bytes(8) + struct.pack("<HH", 100, 0x0001)
    elements = bytes([0, len(ssid)]) + ssid + b"\x03\x01\x06"
    return b"\x80\x00\x00\x00" + b"\xff" * 6 + bssid + bssid + b"\x00\x00" + fixed + elements


def deauth(reason: int) -> bytes:
    return b"\xc0\x00\x00\x00" + STATION + AP + AP + b"\x10\x00" + struct.pack("<H", reason)


def write_capture(path: Path, frames: Sequence[tuple[float, bytes]]) -> Path:
    """Write raw 802.11 frames (link type 105) as a pcap file."""
    path.write_bytes(pcap_file(frames))
    return path

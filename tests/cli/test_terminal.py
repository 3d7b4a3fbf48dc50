"""What a command writes to a terminal, where a name is written from right to left."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import STATION, Whimbrel, beacon, environment, write_capture
from tests.lab.child import Child

from whimbrel.testing import PATIENCE

NAME = "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return write_capture(
        tmp_path / "c.pcap", [(1.0, beacon(NAME.encode())), (2.0, beacon("\u3164".encode(), bssid=STATION))]
    )


def in_terminal(*arguments: object) -> str:
    """Return what a command writes to a terminal."""
    master, slave = os.openpty()
    command = [sys.executable, "-m", "whimbrel", *map(str, arguments)]
    try:
        with Child(command, stdin=slave, stdout=slave, stderr=slave, env=environment()) as process:
            os.close(slave)
            octets = b""
            while piece := _read(master):
                octets += piece
            assert process.wait(PATIENCE) == 0, octets
    finally:
        os.close(master)
    return octets.decode()


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # nobody has the other side any more
        return b""


def test_a_name_keeps_its_letters_to_itself(capture: Path, whimbrel: Whimbrel) -> None:
    shown = in_terminal("replay", capture)
    assert f"\u2068{NAME}\u2069" in shown
    assert "\\u3164" in shown, "a name that looks like none is written out"
    plain = whimbrel("replay", capture).stdout
    assert NAME in plain
    assert "\u2068" not in plain, "a program gets the name as it is"

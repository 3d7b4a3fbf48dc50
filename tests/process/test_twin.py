"""The demonstration in a separate terminal, as started by `make run`: picture, table, log, a user's keys."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.cli.conftest import environment
from tests.lab.child import Child
from tests.lab.terminal import Terminal
from tests.lab.waiting import block_until

from whimbrel.cli import exits
from whimbrel.testing import PATIENCE

ROOT = Path(__file__).parents[2]
COLUMNS, ROWS = 120, 40
BESIDE = 68
"""The column at which the table beside the panel begins."""
pytestmark = pytest.mark.process


class Twin(NamedTuple):
    terminal: Terminal
    process: subprocess.Popen[Any]

    def until(self, column: int, wanted: str) -> None:
        """Wait until a row has `wanted` from `column` on."""
        block_until(
            lambda: any(wanted in row[column:] for row in self.terminal.rows()),
            wanted,
            ended=lambda: self.process.poll() is not None and "\n".join(self.terminal.rows()),
            every=0.05,
        )

    def type_(self, keys: bytes) -> None:
        os.write(self.terminal.master, keys)


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    demo = (ROOT / "config" / "demo.yaml").read_text()
    settings = tmp_path / "demo.yaml"
    settings.write_text(re.sub(r"socket: .*", f"socket: {tmp_path}/s", demo))
    terminal = Terminal(COLUMNS, ROWS)
    command = ["setsid", "--ctty", "--wait", sys.executable, "-m", "whimbrel", "run", "--config", str(settings)]
    with Child(
        command, stdin=terminal.slave, stdout=terminal.slave, stderr=terminal.slave, env=environment(TERM="xterm")
    ) as process:
        try:
            yield Twin(terminal, process)
        finally:
            terminal.close()  # which ends it where the test has not


def test_from_the_first_picture_to_q(twin: Twin) -> None:
    twin.until(0, "? keys · q ends")
    twin.until(BESIDE, "SSID")
    twin.until(BESIDE, "Brambling")
    twin.until(BESIDE, "make run SCENE=attack")
    rows = twin.terminal.rows()
    log = [row for row in rows[18:] if row]
    log = [row for row in log if not row.startswith("The page, with its token: http://127.0.0.1:")]
    strange = [row for row in log if not re.match(r"\d\d:\d\d:\d\d \S|          *\S", row)]
    assert strange == []
    stamps = [row[:8] for row in log if row[0] != " "]
    assert stamps == sorted(stamps)
    picture = twin.terminal.picture(64, 16)
    twin.type_(b"?")
    twin.until(0, "Arrows move, Enter opens")
    block_until(lambda: twin.terminal.picture(64, 16) != picture, "the keys on the panel", every=0.05)
    twin.type_(b"q")
    assert twin.process.wait(PATIENCE) == exits.OK
    rows = twin.terminal.rows()
    assert not any("╭" in row for row in rows), "the terminal is given back"
    assert any("Arrows move" in row for row in rows), "and the log stays"

"""Two checkouts are compared by what they find: here this one with itself, and with one that finds less."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.icount.air import FILE

PROJECT = Path(__file__).parents[2]


def compared(before: Path) -> subprocess.CompletedProcess[str]:
    """Compare a checkout with this one, by the frames of `make icount`."""
    command = [sys.executable, "-m", "tools.equal_findings", str(before), str(FILE)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_a_checkout_finds_what_it_finds() -> None:
    done = compared(PROJECT)
    assert (done.returncode, done.stdout) == (0, "1 of 1 captures: equal findings\n"), done.stderr


def test_what_is_lost_is_shown(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "src", tmp_path / "src")
    changed = tmp_path / "src/whimbrel/survey/access_point.py"
    changed.write_text(changed.read_text().replace("beacons=self.beacons,", "beacons=self.beacons + 1,"))
    done = compared(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{FILE} differs:" in done.stdout
    assert '"beacons": 1' in done.stdout

"""A full card, and a read-only one: a real file system, mounted in a separate namespace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from whimbrel.testing import PATIENCE

SCRIPT = """
import subprocess, sys
from pathlib import Path
from tests.history.rows import NOW, opened
from whimbrel.history import entries
from whimbrel.history.store import StoreError

card = Path(sys.argv[1])
mount = lambda *words: subprocess.run(["mount", *words], check=True)
mount("-t", "tmpfs", "-o", "size=400k", "card", str(card))
store = opened(card / "history.db")

def write(first, count):
    rows = [entries.change(n, b"\\1" * 6, bytes(32), NOW, 1, "{}") for n in range(first, first + count)]
    try:
        store.write(rows)
    except StoreError as error:
        return str(error)
    return ""

def kept():
    return store.database.execute("SELECT count(*) FROM changes").fetchone()[0]

assert write(0, 100) == ""
problem = write(1000, 20000)
assert "full" in problem, problem
mount("-o", "remount,size=8m", str(card))
assert write(1000, 2000) == "" and kept() == 2100, "what failed is written whole the next time"

store.close()
mount("-o", "remount,ro", str(card))
problem = write(5000, 1)
assert "read" in problem.lower(), problem
mount("-o", "remount,rw", str(card))
assert write(5000, 1) == "" and kept() == 2101
assert store.damaged == ""
store.close()
print("done")
"""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounting needs root, and unshare")
def test_a_full_card_and_a_read_only_one_are_said_and_used_again(tmp_path: Path) -> None:
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-c", SCRIPT, str(tmp_path)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr

"""A card that fills up under the index of the log, which SQLite maps: a file system with blocks of 1 KiB."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.history.rows import opened

from whimbrel.history import room
from whimbrel.history.queries import Reader
from whimbrel.history.store import StoreError
from whimbrel.testing import PATIENCE

SCRIPT = """
import os, sqlite3, subprocess, sys
from pathlib import Path
from tests.history.rows import NOW, opened
from whimbrel.history import entries
from whimbrel.history.queries import Reader
from whimbrel.history.store import StoreError

image, card = Path(sys.argv[1]) / "image", Path(sys.argv[1]) / "card"
run = lambda *words: subprocess.run(words, check=True)
card.mkdir()
with image.open("wb") as file:
    file.truncate(8 << 20)
run("mkfs.ext4", "-q", "-F", "-b", sys.argv[2], str(image))
run("mount", "-o", "loop", str(image), str(card))

def fill(left):
    with open(card / "fill", "ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1 << 10):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass
    os.truncate(card / "fill", (card / "fill").stat().st_size - (left << 10))

store = opened(card / "history.db")
rows = [entries.change(number, b"1" * 6, bytes(32), NOW, 1, "{}") for number in range(300)]
store.write(rows)
for left in (0, 6, 15, 24, 33, 42, 48, 51, 60, 90):
    (card / "fill").unlink(missing_ok=True)
    store.close()
    store.open()
    fill(left)
    for _ in range(2):
        try:
            store.write(rows)
        except StoreError as error:
            assert "full" in str(error), error
        try:
            with Reader(card / "history.db") as reader:
                reader.alerts()
        except sqlite3.Error as error:
            assert "full" in str(error), error
# The last amount is less than an index needs at most, and enough for one that exists only as whole pages.
store.close()
try:
    store.open()
    print("opened")
except StoreError as error:
    print(error)
(card / "fill").unlink()
store.write(rows)
store.close()
run("umount", "-l", str(card))
print("done")
"""


@pytest.mark.skipif(
    os.geteuid() != 0
    or not shutil.which("unshare")
    or not shutil.which("mkfs.ext4")
    or not Path("/dev/loop0").exists(),
    reason="mounting a file system of its own needs root, unshare, mkfs.ext4 and loop devices",
)
@pytest.mark.parametrize(
    ("block", "said"), [(1024, "cannot open {}: No space left on device (the card is full)"), (4096, "opened")]
)
def test_no_card_that_fills_up_ends_the_process(tmp_path: Path, block: int, said: str) -> None:
    if os.sysconf("SC_PAGE_SIZE") != 4096:
        pytest.skip("the pages of this machine are larger than the blocks")
    command = [
        "unshare",
        "--mount",
        "--propagation",
        "private",
        sys.executable,
        "-c",
        SCRIPT,
        str(tmp_path),
        str(block),
    ]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.stdout, done.returncode) == (
        f"{said.format(tmp_path / 'card' / 'history.db')}\ndone\n",
        0,
    ), done.stderr


def test_without_room_nothing_is_opened_to_write_and_everything_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(tmp_path / "history.db")
    assert room.is_there(store.path)
    store.close()
    monkeypatch.setattr(room, "_ROOM", 1 << 62)
    assert room.is_there(store.path), "blocks of a page need none"
    monkeypatch.setattr(room, "_PAGE", 1 << 62)
    assert not room.is_there(store.path)
    with pytest.raises(StoreError, match="the card is full"):
        store.open()
    with Reader(store.path) as reader:
        assert reader.sessions() == []
    assert [path.name for path in tmp_path.iterdir()] == ["history.db"]

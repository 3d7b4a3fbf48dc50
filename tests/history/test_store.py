from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.history.rows import AP, DAY, NOW, STA, opened

from whimbrel.history import entries
from whimbrel.history.erasing import Wish
from whimbrel.history.queries import Reader, Scope
from whimbrel.history.schema import APPLICATION, MIGRATIONS
from whimbrel.history.store import Limits, Store, StoreError, Unusable
from whimbrel.testing import PATIENCE


def session(number: int = 1, ended: float = NOW) -> entries.Entry:
    return entries.session((number, ended - 60, ended, 1, "0", "", "", 10, 0, 0, 0))


def change(number: int, at: float = NOW, name: bytes = b"x") -> entries.Entry:
    return entries.change(number, AP, name, at, 1, '{"field":"wps","old":false,"new":true}')


def count(store: Store, table: str) -> int:
    ((number,),) = store.database.execute(f"SELECT count(*) FROM {table}")
    return int(number)


def test_what_is_written_is_there_for_who_opens_the_file_next(tmp_path: Path) -> None:
    store = opened(tmp_path / "state" / "history.db")
    assert store.session() == 1
    store.write([session(1), session(1, NOW + 60)])
    store.close()
    again = opened(store.path)
    assert again.session() == 2
    with Reader(store.path) as reader:
        assert [row.ended for row in reader.sessions()] == [NOW + 60]
    assert {path.stat().st_mode & 0o777 for path in store.path.parent.iterdir()} == {0o640}, "its log too"
    again.close()


def test_a_batch_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    bad = entries.Entry("bad", "INSERT INTO nowhere VALUES (1)", ())
    with pytest.raises(StoreError, match="nowhere"):
        store.write([change(1), bad])
    store.write([session()])
    assert (count(store, "changes"), count(store, "sessions")) == (0, 1)
    store.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"no database at all" * 100,
        lambda content: content[:4096] + b"\xa5" * 8192 + content[12288:],
        lambda content: content[: len(content) // 2 + 100],
        lambda content: content[:16] + os.urandom(84) + content[100:],
    ],
)
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, damage: object) -> None:
    store = opened(tmp_path / "history.db")
    store.write([session(), *(change(number) for number in range(400))])
    store.close()
    damaged = damage(store.path.read_bytes())  # type: ignore[operator]
    store.path.write_bytes(damaged)
    again = opened(store.path)
    assert "damaged" in again.damaged
    assert (tmp_path / "history.db.damaged").read_bytes() == damaged
    again.write([session()])
    assert count(again, "sessions") == 1
    again.close()


def test_a_file_that_gets_damaged_under_way_is_set_aside_too(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.write([session(), *(change(number) for number in range(2000))])
    store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.database.execute("PRAGMA cache_size = 1")
    content = store.path.read_bytes()
    with store.path.open("r+b") as file:
        file.write(content[:4096] + b"\xa5" * (len(content) - 4096))
    with pytest.raises(StoreError):
        store.write([session(9), change(3000), *(change(number) for number in range(4000, 4100))])
    store.write([session(2)])
    assert (tmp_path / "history.db.damaged").exists()
    assert (count(store, "sessions"), count(store, "changes")) == (1, 0)
    store.close()


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    store.close()
    before = store.path.read_bytes()
    with pytest.raises(Unusable, match="later Whimbrel"):
        opened(store.path)
    assert store.path.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.db"]


def test_a_card_that_was_taken_out_is_noticed_and_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "card"
    store = opened(folder / "history.db")
    store.write([session(1)])
    folder.rename(tmp_path / "pocket")
    (tmp_path / "card").touch()
    with pytest.raises(StoreError, match="cannot"):
        store.write([session(2)])
    (tmp_path / "card").unlink()
    (tmp_path / "pocket").rename(folder)
    store.write([session(2)])
    assert count(store, "sessions") == 2
    shutil.rmtree(folder)
    store.write([session(3)])
    assert count(store, "sessions") == 1, "a card without the file has a new one"
    store.close()


def test_a_full_card_is_said_and_used_again(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.write([session()])
    store.database.execute("PRAGMA max_page_count = 30")
    with pytest.raises(StoreError, match="full"):
        store.write([change(number) for number in range(5000)])
    store.write([change(1)])
    assert count(store, "changes") == 1
    store.close()


def test_what_is_old_goes(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db", age=10 * DAY)
    store.write([session(1, NOW - 20 * DAY), session(2), change(1, NOW - 20 * DAY), change(2)])
    store.tidy(0.0)
    assert count(store, "changes") == 2, "without a clock nothing is old"
    store.tidy(NOW)
    assert (count(store, "changes"), count(store, "sessions")) == (1, 1)
    store.close()


def test_the_oldest_goes_where_the_file_is_too_large_alerts_last(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db", octets=400_000)
    rows = [change(number, NOW, bytes(32)) for number in range(8000)]
    worst = entries.alert(1, 1, NOW, NOW, 3, 1, -1, b"", AP, None, STA, "{}")
    store.write([session(), worst, *rows])
    assert store.octets() > 400_000
    store.tidy(NOW)
    assert store.octets() <= 400_000
    assert 0 < count(store, "changes") < 8000
    ((oldest,),) = store.database.execute("SELECT min(id) FROM changes")
    assert oldest > 1000
    store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert store.path.stat().st_size < 500_000, "its room is given back"
    store.close()


def test_what_is_erased_is_in_no_file_any_more(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    secret, other = b"secret!!", bytes.fromhex("00feed00beef")
    text = f'{{"text":"{secret.hex(":")}"}}'
    store.write(
        [
            session(),
            entries.access_point(other, b"harbour", NOW, 1, NOW, 1, -40, "{}"),
            entries.access_point(secret[:6], b"elsewhere", NOW, 1, NOW, 1, -40, "{}"),
            entries.station(secret[:6], "", NOW, 1, NOW, 1, other, "alert"),
            entries.alert(1, 1, NOW, NOW, 3, 1, -1, b"", other, None, secret[:6], text),
            entries.frame(1, 0, "{}", b"frame" + secret),
            entries.frame(2, 0, "{}", b"frame of " + secret[:6]),
            entries.alert(3, 1, NOW, NOW, 3, 1, -1, b"", other, None, None, "{}"),
        ]
    )
    assert store.erase(Wish(device=secret[:6])) == 5
    assert store.alerts() == {3}
    assert count(store, "access_points") == 1
    for path in tmp_path.iterdir():
        assert secret[:6] not in path.read_bytes()
        assert secret[:6].hex(":").encode() not in path.read_bytes()
    store.erase(Wish(ssid=b"harbour"))
    assert (count(store, "access_points"), store.alerts()) == (0, set())
    store.close()


def test_all_and_all_before_a_day_is_erased(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.write([session(1, NOW - DAY), session(2), change(1, NOW - DAY), change(2)])
    assert store.erase(Wish(before=NOW - 60)) == 2
    assert (count(store, "changes"), count(store, "sessions")) == (1, 1)
    assert store.erase(Wish(everything=True)) == 2
    store.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "history.db", Limits(DAY, 1 << 20))
    with pytest.raises(StoreError, match="cannot open"):
        store.open()


def test_entries_are_moved_with_the_clock_of_their_session_alone(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.write([session(1, 1000.0), change(1, 50.0), entries.channel(1, 0, 2437, 5, 5, 5, 5)])
    earlier = entries.access_point(AP, b"x", NOW - DAY, 7, 900.0, 1, None, "{}")
    store.write([earlier, entries.crowd(1, 0, 1, 1, 1), entries.channel(1, 1, 2437, 6, 6, 6, 6)])
    store.write([entries.step(1, 1, 7200.0)])
    found = store.database.execute("SELECT first, last FROM access_points").fetchall()
    assert found == [(NOW - DAY, 8100.0)]
    assert store.database.execute("SELECT at FROM changes").fetchall() == [(7250.0,)]
    assert store.database.execute("SELECT hour, frames FROM channels ORDER BY hour").fetchall() == [(2, 5), (3, 6)]
    with Reader(store.path) as reader:
        assert [row.ended for row in reader.sessions(Scope())] == [8200.0]
    store.close()


def test_a_reader_holds_nobody_up(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.write([change(1)])
    reading = sqlite3.connect(store.path)
    reading.execute("BEGIN")
    assert reading.execute("SELECT count(*) FROM changes").fetchone() == (1,)
    store.write([change(2)])
    assert reading.execute("SELECT count(*) FROM changes").fetchone() == (1,)
    reading.close()
    store.close()


def test_another_history_in_its_place_is_left_alone(tmp_path: Path) -> None:
    other = opened(tmp_path / "other" / "history.db")
    other.write([session(1), session(2)])
    other.close()
    store = opened(tmp_path / "card" / "history.db")
    store.write([session(1)])
    (tmp_path / "card").rename(tmp_path / "pocket")
    (tmp_path / "other").rename(tmp_path / "card")
    before = store.path.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreError, match="another history than before"):
            store.write([session(3)])
    assert store.replaced
    assert store.path.read_bytes() == before
    (tmp_path / "card").rename(tmp_path / "other")
    # A copy is the same one: a card has another number each time that it is plugged in.
    shutil.copytree(tmp_path / "pocket", tmp_path / "card")
    store.write([session(3)])
    assert count(store, "sessions") == 2
    store.close()


@pytest.mark.parametrize("is_unsaved", [False, True])
def test_another_history_of_an_early_version_is_not_changed(tmp_path: Path, is_unsaved: bool) -> None:
    """Not even brought to this version; also where a part of it is still in its log."""
    other = tmp_path / "other" / "history.db"
    other.parent.mkdir()
    database = sqlite3.connect(other, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL" if is_unsaved else "PRAGMA journal_mode = DELETE")
    database.executescript(MIGRATIONS[0])
    database.executescript(f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = 1")
    aside = shutil.copytree(other.parent, tmp_path / "aside", ignore=shutil.ignore_patterns("*-shm"))
    database.close()
    store = opened(tmp_path / "card" / "history.db")
    (tmp_path / "card").rename(tmp_path / "pocket")
    aside.rename(tmp_path / "card")
    before = {path.name: path.read_bytes() for path in store.path.parent.iterdir()}
    assert len(before) == 1 + is_unsaved
    for _ in range(2):
        with pytest.raises(StoreError, match="another history than before"):
            store.write([session(3)])
    assert store.replaced
    assert {name: (store.path.parent / name).read_bytes() for name in before} == before
    store.close()


ERASING = """
import subprocess, sys
from pathlib import Path
from tests.history.rows import NOW, opened
from whimbrel.history import entries
from whimbrel.history.erasing import Wish
from whimbrel.history.store import StoreError

def run(*words):
    subprocess.run(words, check=True)

run("mount", "--bind", sys.argv[1], "/mnt")
for place in ("/tmp", "/var/tmp"):
    run("mount", "-t", "tmpfs", "-o", "size=4M", "tmpfs", place)
store = opened(Path("/mnt/history.db"))
store.write([entries.change(number, b"1" * 6, bytes(32), NOW, 1, "x" * 2000) for number in range(2000)])
store.write([entries.change(9999, b"2" * 6, bytes(32), NOW, 1, "y" * 2000)])
try:
    print("erased", store.erase(Wish(device=b"2" * 6)), store.octets() > 7 << 20)
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("has_place", "said"), [(True, "erased 1 True"), (False, "cannot write /mnt/history.db: database or disk is full")]
)
def test_a_history_larger_than_the_temporary_folders_is_erased(tmp_path: Path, has_place: bool, said: str) -> None:
    """As in the sandbox of whimbrel.service, with and without its SQLITE_TMPDIR."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("mounting file systems of its own needs root and unshare")
    environment = {name: value for name, value in os.environ.items() if "TMPDIR" not in name}
    if has_place:
        environment["SQLITE_TMPDIR"] = "/mnt"
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-c", ERASING, str(tmp_path)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stdout.startswith(said), done.stdout + done.stderr

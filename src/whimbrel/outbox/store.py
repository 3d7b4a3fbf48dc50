"""The queue on disk: entries that outlast the process and a loss of power, in one SQLite file.

It is bounded: the oldest of the least important make room, and are counted. The keys of what was put in stand in the
same file and in the same transaction, so that nothing is put in twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from whimbrel.module import NotReady

T = TypeVar("T")

_VERSION = 1
_KEYS = 8192
"""Limit of remembered keys: more than the alerts that the daemon and its history ever repeat."""
_OF_DISK = (sqlite3.OperationalError, OSError)
"""Errors of a disk that is full, worn, read-only or away, as opposed to a damaged file."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, topic TEXT NOT NULL, due REAL NOT NULL,
    rank INTEGER NOT NULL, data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_lane ON entries (lane, id);
CREATE TABLE IF NOT EXISTS keys (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


_COLUMNS = {"entries": "id, lane, topic, due, rank, data", "keys": "id, key", "numbers": "name, value"}


class OutboxEntry(NamedTuple):
    """A new entry."""

    data: str
    """The content, in the owner's form."""
    rank: int = 0
    """Importance: entries with a lower one are dropped first."""
    lane: str = ""
    """The consumer: entries of one lane are taken in the order in which they were added."""
    topic: str = ""
    """Entries of the same group in a lane belong together."""
    due: float = 0.0
    """Seconds since the epoch before which it is not taken out."""
    key: str = ""
    """Its identity: a second entry with the same key is dropped. Empty: it may be added any number of times."""


class StoredEntry(NamedTuple):
    """A taken entry."""

    id: int
    topic: str
    due: float
    rank: int
    data: str


class Outbox:
    """The queue in the file `path`, of at most `limit` entries. All methods but the constructor wait for the disk.

    `farthest`: the longest time in seconds for which its owner puts an entry off. An entry that is due later was put in
    before the clock was set back, and is due. A file that is damaged, or of another version, is set aside. While the
    disk takes nothing, entries are in memory alone: a card that is full or worn is when a person must be told. Raises
    `NotReady` for a file that becomes damaged.
    """

    def __init__(self, path: Path, limit: int, farthest: float = math.inf) -> None:
        self.path = path
        self.limit = limit
        self._farthest = farthest
        self.lost = 0
        """The number of dropped entries since the creation of the file."""
        self.waiting = 0
        """Entries that wait."""
        self.aside: Path | None = None
        """Where a file that cannot be used was put at the start."""
        self.aside_because = ""
        """The reason in words, such as "damaged"."""
        self.problem = ""
        """Why entries are in memory alone; empty while they are on disk."""
        self.on_return: Callable[[], object] = lambda: None
        """Called when entries are on disk again: earlier ones may then have come before those in memory."""
        self._blind = False  # whether there may be entries on the disk that could not be read
        self._highest = 0  # the id after which those were numbered that were put in without a look at the disk
        self._spare: dict[int, None] = {}
        self._thread = ThreadPoolExecutor(1, f"outbox {path.name}")
        self._db: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open or make the file."""
        await self._do(self._open)

    async def close(self) -> None:
        """Close the file. Idempotent."""
        await self._do(self._close)
        self._thread.shutdown(wait=False)

    async def put(
        self, entries: Iterable[OutboxEntry], *, remove: Iterable[int] = (), numbers: dict[str, int] | None = None
    ) -> int:
        """Put entries in, take those with ids in `remove` out, set numbers, all or nothing. Return how many are new."""
        added, removed = list(entries), list(remove)
        return await self._do(lambda: self._put(added, removed, numbers or {}))

    async def spare(self, ids: Iterable[int]) -> None:
        """Have the entries of these ids make room before all others. They have arrived, and stay only in case: that
        they go is no loss."""
        chosen = dict.fromkeys(ids)
        await self._do(lambda: self._spare.update(chosen))

    async def need_all(self) -> None:
        """Have no entry make room before others."""
        await self._do(self._spare.clear)

    async def peek(self, lane: str, *, now: float, limit: int = 100, after: int = 0) -> list[StoredEntry]:
        """Return the first entries of a lane that are due, in their order, from behind that of the id `after` on; they
        stay in."""
        return await self._do(lambda: self._peek(lane, now, limit, after))

    async def next_due(self, lane: str) -> float | None:
        """Return when the next entry of a lane is due; None without any."""
        query = "SELECT min(due) FROM entries WHERE lane = ?"
        return await self._do(lambda: self._one(query, lane))

    async def try_disk(self) -> None:
        """Put what is in memory on the disk if that takes it."""
        if not self.problem:
            return
        if await self._do(self._return_to_disk):
            self.on_return()

    async def count(self, lane: str) -> int:
        """Return how many entries of a lane wait."""
        return await self._do(lambda: self._one("SELECT count(*) FROM entries WHERE lane = ?", lane))

    async def number(self, name: str) -> int | None:
        """Return a number that `put` has set."""
        return await self._do(lambda: self._one("SELECT value FROM numbers WHERE name = ?", name))

    async def keep_lanes(self, lanes: Sequence[str]) -> int:
        """Remove entries of other lanes; return their number."""
        return await self._do(lambda: self._keep_lanes(lanes))

    async def _do(self, work: Callable[[], T]) -> T:
        try:
            # Shielded: a transaction that has begun ends with a known result, even if its caller is cancelled.
            return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, self._run, work))
        except sqlite3.Error as error:
            raise NotReady(f"{self.path} cannot be used ({error}): it is set aside at the next start") from error

    def _run(self, work: Callable[[], T]) -> T:
        """Do `work`, in memory where the disk takes nothing."""
        try:
            return work()
        except _OF_DISK as error:
            if self.problem:
                raise
            self._go_to_memory(error)
            return work()

    def _go_to_memory(self, error: Exception) -> None:
        """Continue in memory with all that can be read from the disk."""
        memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        disk, self._db = self._db, None
        try:
            if disk is not None:
                disk.backup(memory)
        except _OF_DISK:
            disk = None
        finally:
            if disk is not None:
                disk.close()
        memory.executescript(_SCHEMA)
        if disk is None:  # what is on the disk has the lower ids, and so comes first once it can be read
            self._highest = max(self._highest + 1, time.time_ns())
            memory.execute("INSERT INTO sqlite_sequence VALUES ('entries', ?), ('keys', ?)", (self._highest,) * 2)
        self._db = memory
        self._blind = disk is None
        self.problem = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        self._count()

    def _return_to_disk(self) -> bool:
        """Put what is in memory on the disk, if that takes it now; return whether it has."""
        memory = self._db
        if memory is None or not self.problem:
            return False
        try:
            disk = self._on_disk()
            try:
                if self._blind:
                    _add_unread(memory, disk)
                    self._blind = False
                memory.backup(disk)
                disk.executescript(f"PRAGMA user_version = {_VERSION};")
            except BaseException:
                disk.close()
                raise
        except _OF_DISK:
            return False
        self._db, self.problem = disk, ""
        memory.close()
        self._count()
        return True

    def _open(self) -> None:
        if not self.problem:
            self._db = self._on_disk()
            self._count()

    def _on_disk(self) -> sqlite3.Connection:
        """Open or make the file; set one aside that cannot be used."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self.aside_because = self.aside_because or "damaged"
            self.aside = self.path.with_name(f"{self.path.name}.damaged")
            self.path.replace(self.aside)
            for beside in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + beside).unlink()
            return self._connect()

    def _count(self) -> None:
        self.waiting = self._one("SELECT count(*) FROM entries")
        self.lost = self._one("SELECT value FROM numbers WHERE name = 'lost'") or 0

    def _connect(self) -> sqlite3.Connection:
        # One thread uses it; tests look into it beside that.
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            self.path.chmod(0o600)  # waiting entries may contain people's networks, and are private
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA wal_autocheckpoint = 100")
            db.execute("PRAGMA cache_size = -128")  # KiB; else up to 2 MB for each module whose receiver is away
            self._check(db)
            db.executescript(f"{_SCHEMA}PRAGMA user_version = {_VERSION};")
        except BaseException:
            db.close()
            raise
        return db

    def _check(self, db: sqlite3.Connection) -> None:
        """Raise sqlite3.DatabaseError for a file that is damaged, or of another version."""
        if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("it is damaged")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            self.aside_because = f"of version {version} instead of {_VERSION}"
            raise sqlite3.DatabaseError(self.aside_because)

    def _close(self) -> None:
        self._return_to_disk()
        if self._db is not None:
            self._db.close()
            self._db = None

    @property
    def _open_db(self) -> sqlite3.Connection:
        if self._db is None:
            raise sqlite3.ProgrammingError("it is closed")
        return self._db

    def _put(self, entries: list[OutboxEntry], removed: list[int], numbers: dict[str, int]) -> int:
        db = self._open_db
        new = 0
        db.execute("BEGIN IMMEDIATE")
        try:
            gone = sum(db.execute("DELETE FROM entries WHERE id = ?", (id_,)).rowcount for id_ in removed)
            for entry in entries:
                if entry.key and not db.execute("INSERT OR IGNORE INTO keys (key) VALUES (?)", (entry.key,)).rowcount:
                    continue
                row = (entry.lane, entry.topic, entry.due, entry.rank, entry.data)
                db.execute("INSERT INTO entries (lane, topic, due, rank, data) VALUES (?, ?, ?, ?, ?)", row)
                new += 1
            for name, value in numbers.items():
                db.execute("INSERT OR REPLACE INTO numbers VALUES (?, ?)", (name, value))
            waiting = self.waiting - gone + new
            spared = self._free_spare(db, waiting - self.limit)
            waiting -= len(spared)
            lost = self._make_room(db, waiting - self.limit)
            db.execute("DELETE FROM keys WHERE id <= (SELECT id FROM keys ORDER BY id DESC LIMIT 1 OFFSET ?)", (_KEYS,))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        self.waiting = waiting - lost
        self.lost += lost
        for id_ in (*removed, *spared):
            self._spare.pop(id_, None)
        return new

    def _free_spare(self, db: sqlite3.Connection, surplus: int) -> list[int]:
        """Remove the first spare entries, as many as are too many; return their ids."""
        freed: list[int] = []
        for id_ in self._spare:
            if len(freed) >= surplus:
                break
            if db.execute("DELETE FROM entries WHERE id = ?", (id_,)).rowcount:
                freed.append(id_)
        return freed

    def _make_room(self, db: sqlite3.Connection, surplus: int) -> int:
        if surplus <= 0:
            return 0
        worst = "SELECT id FROM entries ORDER BY rank, id LIMIT ?"
        lost = db.execute(f"DELETE FROM entries WHERE id IN ({worst})", (surplus,)).rowcount  # noqa: S608
        db.execute("INSERT OR REPLACE INTO numbers VALUES ('lost', ?)", (self.lost + lost,))
        return lost

    def _peek(self, lane: str, now: float, limit: int, after: int = 0) -> list[StoredEntry]:
        query = (
            "SELECT id, topic, due, rank, data FROM entries WHERE lane = ? AND id > ? "
            "AND due NOT BETWEEN ? AND ? ORDER BY id LIMIT ?"
        )
        put_off = math.nextafter(now, math.inf), now + self._farthest
        return [StoredEntry(*row) for row in self._open_db.execute(query, (lane, after, *put_off, limit))]

    def _keep_lanes(self, lanes: Sequence[str]) -> int:
        marks = ", ".join("?" * len(lanes))
        query = f"DELETE FROM entries WHERE lane NOT IN ({marks})"  # noqa: S608  # question marks
        gone = self._open_db.execute(query, tuple(lanes)).rowcount
        self.waiting -= gone
        return gone

    def _one(self, query: str, *arguments: object) -> Any:
        row = self._open_db.execute(query, arguments).fetchone()
        return row[0] if row else None


def _add_unread(memory: sqlite3.Connection, disk: sqlite3.Connection) -> None:
    """Add what is on the disk to what is in memory."""
    for table, columns in _COLUMNS.items():
        marks = ", ".join("?" * len(columns.split()))
        rows = disk.execute(f"SELECT {columns} FROM {table}")  # noqa: S608  # names of this file
        memory.executemany(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608

"""The file: opened and checked, written in batches, kept small, and set aside where it is damaged. For one thread."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from whimbrel.errors import WhimbrelError
from whimbrel.events.decode import DecodeError, decode
from whimbrel.history import room
from whimbrel.history.ageing import OLDER, is_doubtful, shrinking
from whimbrel.history.collecting import Known
from whimbrel.history.entries import Entry
from whimbrel.history.erasing import Wish, erasing
from whimbrel.history.schema import TooNew, is_other, migrate
from whimbrel.rows import Announced

_BUSY = 5.0
"""The most seconds that a write waits for a reader of the file."""
_JOURNAL = 256 * 1024
"""Octets of the write-ahead log that are left standing: it lies on the card too."""
_CACHE = 512
"""KiB of pages in memory."""
_ROOM = 0.9
"""Part of the allowed size that is left after the oldest has gone: else each hour would begin with it."""
_MODE = 0o640
_BESIDE = ("-wal", "-shm")

_KNOWN = "SELECT first, first_session, last, last_session, announced FROM access_points WHERE bssid = ?"
_TOO_MANY = "DELETE FROM sightings WHERE bssid IN (SELECT bssid FROM sightings ORDER BY last DESC LIMIT -1 OFFSET ?)"


class StoreError(WhimbrelError):
    """The file cannot be read or written now; the message has the reason."""


class Unusable(WhimbrelError):
    """The file will not become usable by itself; the message has advice."""


class Limits(NamedTuple):
    """How long and how much is kept."""

    age: float
    """Seconds."""
    octets: int
    """Size of the file."""
    sightings: int = 4096
    """Limit of access points with kept positions."""


class Store:
    """A history's file. All belongs to one thread, and raises `StoreError` where the card does not do its part."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.damaged = ""
        """The problem of the file that another one has replaced; empty if there is none."""
        self.begun = 0
        """Number of files that were begun."""
        self.replaced = False
        """Whether another history is in the place of the file, as on another card: nothing is written to it."""
        self._limits = limits
        self._database: sqlite3.Connection | None = None
        self._identity = (0, 0)
        self._mark: int | None = None  # by which the file is told from others, whose sessions have the same numbers
        self._used = False

    @property
    def aside(self) -> Path:
        """The place for a damaged file."""
        return self.path.with_name(f"{self.path.name}.damaged")

    @property
    def database(self) -> sqlite3.Connection:
        """The open file."""
        assert self._database is not None
        return self._database

    def open(self) -> None:
        """Open the file, or begin one; a damaged one is set aside. Raises `Unusable` for one of a later version."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._set_aside(str(error))
                self._open()
        except TooNew as error:
            self.close()
            raise Unusable(
                f"{self.path} was written by a later Whimbrel ({error}): install that, or move it"
            ) from error
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise StoreError(f"cannot open {self.path}: {_reason(error)}") from error

    def close(self) -> None:
        """Close the file and write the log into it."""
        database, self._database = self._database, None
        if database is not None:
            with contextlib.suppress(sqlite3.Error):
                database.close()
            room.leave(self.path)

    def write(self, entries: Iterable[Entry]) -> None:
        """Put entries into the file, all of them or none; they are on the card when this returns."""
        try:
            self._look_whether_there()
            database = self.database
            with _transaction(database):
                for entry in entries:
                    database.execute(entry.sql, entry.values)
                    for sql, values in entry.after:
                        database.execute(sql, values)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def tidy(self, now: float) -> None:
        """Delete rows that are too old, and the oldest if the file is too large; free their space.

        `now` is seconds since the epoch, 0 if the clock is not known: then, or if it may be wrong, nothing is too old.
        """
        try:
            self._look_whether_there()
            database = self.database
            if now and not is_doubtful(database, now):
                with _transaction(database):
                    for table, condition in OLDER:
                        database.execute(f"DELETE FROM {table} WHERE {condition}", (now - self._limits.age,))
            database.execute(_TOO_MANY, (self._limits.sightings,))
            if self.octets() > self._limits.octets:
                self._shrink(int(self._limits.octets * _ROOM))
            database.executescript("PRAGMA incremental_vacuum")  # a step for each page, where `execute` makes one
            database.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def erase(self, wish: Wish) -> int:
        """Erase rows so that nothing of them stays in the file; return their number.

        With everything, a damaged file that was set aside goes too.
        """
        gone = self._erase(erasing(wish))
        if wish.everything:
            try:
                for end in ("", *_BESIDE):
                    self.aside.with_name(f"{self.aside.name}{end}").unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(f"cannot remove {self.aside}: {_reason(error)}") from error
        return gone

    def _erase(self, statements: Iterable[tuple[str, Sequence[object]]]) -> int:
        try:
            self._look_whether_there()
            database = self.database
            database.execute("PRAGMA secure_delete = ON")
            before = database.total_changes
            with _transaction(database):
                for sql, values in statements:
                    database.execute(sql, values)
            gone = database.total_changes - before
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)
        return gone

    def erase_sightings(self, bssids: Iterable[bytes]) -> None:
        """Erase where access points were heard, so that nothing of it stays in the file."""
        gone = [(bssid,) for bssid in bssids]
        if gone:
            self._erase([("DELETE FROM sightings WHERE bssid = ?", one) for one in gone])

    def known(self, bssid: bytes) -> Known | None:
        """Return the history of an access point; None if there is none."""
        try:
            self._look_whether_there()
            row = self.database.execute(_KNOWN, (bssid,)).fetchone()
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)
        if row is None:
            return None
        try:
            first, first_session, last, last_session, said = row
            announced = decode(Announced, json.loads(said))
            return Known(first, first_session, last, last_session, announced, last, None, is_new=False)
        except (DecodeError, ValueError, RecursionError):
            return None

    def session(self) -> int:
        """Return the number of the next session."""
        try:
            self._look_whether_there()
            (newest,) = self.database.execute("SELECT max(id) FROM sessions").fetchone()
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)
        return int(newest or 0) + 1

    def alerts(self) -> set[int]:
        """Return the ids of the alerts that are there."""
        try:
            return {number for (number,) in self.database.execute("SELECT id FROM alerts")}
        except sqlite3.Error as error:
            self._give_up(error)

    def octets(self) -> int:
        """Return the size of the file's contents, without free pages."""
        database = self.database
        pages, free, size = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _open(self) -> None:
        room.check(self.path)
        self._compare()
        if not self.path.exists():
            self.path.touch(_MODE)  # before SQLite makes the log, which gets the same mode
        # Statements are begun and committed here alone: Python's own transactions are off.
        database = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None)
        self._database = database
        if not database.execute("PRAGMA page_count").fetchone()[0]:
            database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            f"journal_size_limit = {_JOURNAL}",
            f"cache_size = -{_CACHE}",
            "secure_delete = FAST",
        ):
            database.execute(f"PRAGMA {pragma}")
        found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"malformed: {found.splitlines()[-1]}")
        known = migrate(database)
        (mark,) = database.execute("SELECT max(mark) FROM file").fetchone()
        if not known:
            self.begun += 1
            if self._used and not self.damaged:
                self.damaged = f"{self.path} is gone; the history begins anew"
        room.take(self.path)
        self._mark = mark
        self._used = True
        self.path.chmod(_MODE)
        self._identity = _identity(self.path)

    def _compare(self) -> None:
        """Raise StoreError if another history is in the place of the file, without a change to that."""
        if not self._used or not self.path.exists():
            return
        where = f"{self.path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(where, uri=True, timeout=_BUSY)) as database:
            self.replaced = is_other(database, self._mark)
        if self.replaced:
            raise StoreError(f"{self.path} is another history than before")

    def _look_whether_there(self) -> None:
        """Notice that the file is not the one of this name any more: the card was taken out, or the folder emptied."""
        if self._database is not None and _identity(self.path) != self._identity:
            self.close()
        if self._database is None:
            self.open()

    def _give_up(self, error: Exception) -> NoReturn:
        """Close the file; the next write opens it again."""
        self.close()
        if isinstance(error, sqlite3.DatabaseError) and _is_damage(error):
            with contextlib.suppress(OSError):
                self._set_aside(str(error))
        raise StoreError(f"cannot write {self.path}: {_reason(error)}") from error

    def _set_aside(self, problem: str) -> None:
        """Keep a damaged file for inspection. Raises OSError."""
        self.close()
        aside = self.aside
        for end in ("", *_BESIDE):
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{self.path}{end}", f"{aside}{end}")  # noqa: PTH105  # names are made of names
        self.damaged = f"{self.path} was damaged ({problem}); it is now {aside.name}, and the history starts empty"

    def _shrink(self, goal: int) -> None:
        database = self.database
        for sql in shrinking(database):
            database.execute(sql)
            if self.octets() <= goal:
                return


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All that is done within, or nothing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _identity(path: Path) -> tuple[int, int]:
    """Return the identity of a file independent of its name, zeros for a missing one; raises OSError."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return 0, 0
    return found.st_dev, found.st_ino


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Return whether the contents of the file are damaged, as opposed to its card, its folder or a lock."""
    if isinstance(error, sqlite3.OperationalError):
        return False
    return "malformed" in str(error) or "not a database" in str(error)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    code = getattr(error, "sqlite_errorname", "")
    full = " (the card is full)" if code == "SQLITE_FULL" or getattr(error, "errno", 0) == errno.ENOSPC else ""
    return f"{error}{full}"

"""The tables, as migrations: a file of an earlier version is updated step by step.

Times are seconds since the epoch. Each row also contains the session that stamped it. So when the clock is set, only
that session's times move, and times from before the clock was known can be recognised.
"""

from __future__ import annotations

import sqlite3

from whimbrel.errors import WhimbrelError

APPLICATION = 0x57484D42
"""``WHMB``: distinguishes a history from other SQLite files (PRAGMA application_id)."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY, began REAL NOT NULL, ended REAL NOT NULL, clock INTEGER NOT NULL,
        version TEXT NOT NULL, radio TEXT NOT NULL, place TEXT NOT NULL,
        frames INTEGER NOT NULL, kernel_lost INTEGER NOT NULL, bus_lost INTEGER NOT NULL, not_kept INTEGER NOT NULL
    );
    CREATE TABLE access_points (
        bssid BLOB PRIMARY KEY, ssid BLOB NOT NULL,
        first REAL NOT NULL, first_session INTEGER NOT NULL, last REAL NOT NULL, last_session INTEGER NOT NULL,
        loudest INTEGER, announced TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX access_points_of_ssid ON access_points (ssid);
    CREATE INDEX access_points_of_session ON access_points (first_session);
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY, bssid BLOB NOT NULL, ssid BLOB NOT NULL,
        at REAL NOT NULL, session INTEGER NOT NULL, change TEXT NOT NULL
    );
    CREATE INDEX changes_of_bssid ON changes (bssid);
    CREATE TABLE stations (
        station BLOB PRIMARY KEY, vendor TEXT NOT NULL,
        first REAL NOT NULL, first_session INTEGER NOT NULL, last REAL NOT NULL, last_session INTEGER NOT NULL,
        bssid BLOB, why TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE channels (
        session INTEGER NOT NULL, hour INTEGER NOT NULL, freq INTEGER NOT NULL,
        frames INTEGER NOT NULL, octets INTEGER NOT NULL, airtime_us INTEGER NOT NULL, retries INTEGER NOT NULL,
        PRIMARY KEY (session, hour, freq)
    ) WITHOUT ROWID;
    CREATE TABLE crowds (
        session INTEGER NOT NULL, hour INTEGER NOT NULL,
        access_points INTEGER NOT NULL, stations INTEGER NOT NULL, random INTEGER NOT NULL,
        PRIMARY KEY (session, hour)
    ) WITHOUT ROWID;
    CREATE TABLE alerts (
        id INTEGER PRIMARY KEY, session INTEGER NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
        rank INTEGER NOT NULL, open INTEGER NOT NULL, seen INTEGER NOT NULL,
        ssid BLOB NOT NULL, bssid BLOB, sender BLOB, receiver BLOB, body TEXT NOT NULL
    );
    CREATE TABLE evidence (
        alert INTEGER NOT NULL, number INTEGER NOT NULL, frame TEXT NOT NULL, octets BLOB NOT NULL,
        PRIMARY KEY (alert, number)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE incidents (
        id INTEGER PRIMARY KEY, session INTEGER NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
        rank INTEGER NOT NULL, open INTEGER NOT NULL, ssid BLOB NOT NULL, bssid BLOB, body TEXT NOT NULL
    );
    """,
    """
    CREATE TABLE sightings (
        id INTEGER PRIMARY KEY, bssid BLOB NOT NULL UNIQUE, ssid BLOB NOT NULL,
        first REAL NOT NULL, first_session INTEGER NOT NULL, last REAL NOT NULL, last_session INTEGER NOT NULL,
        loudest REAL NOT NULL, loudest_session INTEGER NOT NULL, sighting TEXT NOT NULL
    );
    CREATE INDEX sightings_of_last ON sightings (last);
    """,
    # A number by which a file is told from others.
    """
    CREATE TABLE file (mark INTEGER NOT NULL);
    INSERT INTO file VALUES (random());
    """,
)
"""Each updates a file from the version of its index to the next one. Released ones are never changed."""


class TooNew(WhimbrelError):
    """The file is of a later version than this program knows."""


def is_other(database: sqlite3.Connection, mark: int | None) -> bool:
    """Return whether a file has a history, and not the one of that mark; one of an early version has no mark.

    Raises sqlite3.Error.
    """
    if not database.execute("PRAGMA user_version").fetchone()[0]:
        return False
    has_mark = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'file'").fetchone()[0]
    return not has_mark or bool(database.execute("SELECT max(mark) FROM file").fetchone()[0] != mark)


def migrate(database: sqlite3.Connection) -> int:
    """Bring a file to the newest version, all of it or nothing; return the version that it had.

    Raises `TooNew` and sqlite3.Error.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (application,) = database.execute("PRAGMA application_id").fetchone()
    if version > len(MIGRATIONS) or (version and application != APPLICATION):
        raise TooNew(f"version {version} of application {application:#x}, expected {len(MIGRATIONS)} at most")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number};"
        database.executescript(f"BEGIN IMMEDIATE; {script} {marks} COMMIT;")
    return int(version)

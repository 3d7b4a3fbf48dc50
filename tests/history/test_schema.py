from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from whimbrel.history import schema


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def tables(database: sqlite3.Connection) -> set[str]:
    return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_file_is_brought_to_the_newest_version_once(tmp_path: Path) -> None:
    database = opened(tmp_path / "file")
    assert schema.migrate(database) == 0
    assert {"sessions", "access_points", "changes", "alerts", "evidence"} <= tables(database)
    assert schema.migrate(database) == len(schema.MIGRATIONS)
    database.close()


def test_each_step_keeps_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = opened(tmp_path / "file")
    schema.migrate(database)
    database.execute("INSERT INTO sessions VALUES (7, 1, 2, 1, 'v', '', '', 0, 0, 0, 0)")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "ALTER TABLE sessions ADD COLUMN mood TEXT;"))
    assert schema.migrate(database) == len(schema.MIGRATIONS) - 1
    assert database.execute("SELECT id, mood FROM sessions").fetchall() == [(7, None)]
    database.close()


def test_a_file_of_each_earlier_version_becomes_one_of_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_of_them = schema.MIGRATIONS
    database = opened(tmp_path / "new")
    schema.migrate(database)
    wanted = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    database.close()
    for version in range(1, len(all_of_them)):
        database = opened(tmp_path / str(version))
        monkeypatch.setattr(schema, "MIGRATIONS", all_of_them[:version])
        schema.migrate(database)
        database.execute("INSERT INTO alerts VALUES (1, 1, 2.0, 3.0, 1, 1, -1, x'', x'', x'', x'', '{}')")
        monkeypatch.setattr(schema, "MIGRATIONS", all_of_them)
        assert schema.migrate(database) == version
        assert database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == wanted
        assert database.execute("SELECT count(*) FROM alerts").fetchone() == (1,)
        database.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = opened(tmp_path / "file")
    schema.migrate(database)
    known = schema.MIGRATIONS
    monkeypatch.setattr(schema, "MIGRATIONS", (*known, "CREATE TABLE half (a); CREATE TABLE half (a);"))
    with pytest.raises(sqlite3.Error):
        schema.migrate(database)
    database.rollback()
    assert "half" not in tables(database)
    assert database.execute("PRAGMA user_version").fetchone() == (len(known),)
    database.close()


def test_a_later_version_and_a_file_of_another_program_are_refused(tmp_path: Path) -> None:
    database = opened(tmp_path / "file")
    schema.migrate(database)
    database.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    with pytest.raises(schema.TooNew):
        schema.migrate(database)
    database.execute("PRAGMA user_version = 1")
    database.execute("PRAGMA application_id = 1")
    with pytest.raises(schema.TooNew, match="application 0x1"):
        schema.migrate(database)
    database.close()

"""Keeping the file small: rows that are too old go, and if it is still too large, the least important ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from whimbrel.events.alerts import Severity
from whimbrel.history.entries import HOUR

if TYPE_CHECKING:
    import sqlite3

_SHARE = 20
"""A twentieth of a table is deleted at a time."""
_ORDINARY = 14
"""Rounds in which only ordinary rows are deleted: they leave half of each table."""
LEAP = 30 * 86400.0
"""Seconds from one session to the next from which on the clock is doubted."""
_PROOF = 2 * 86400.0
"""Seconds of listening that make a doubtful clock a believed one."""

_SETTLED = f"NOT open AND (seen >= rank OR rank <= {Severity.NOTICE.rank})"
"""Alerts that are over, and that a person has acknowledged or need not see."""

OLDER = (
    ("evidence", "alert IN (SELECT id FROM alerts WHERE last < ?)"),
    ("alerts", "last < ?"),
    ("incidents", "last < ?"),
    ("changes", "at < ?"),
    ("access_points", "last < ?"),
    ("stations", "last < ?"),
    ("sightings", "last < ?"),
    ("channels", f"hour * {HOUR} < ?"),
    ("crowds", f"hour * {HOUR} < ?"),
    ("sessions", "ended < ?"),
)
"""All tables, with the condition for rows from before a time; evidence is deleted before its alerts."""

_OLDEST = (
    ("channels", "session, hour, freq", "", "session, hour"),
    ("crowds", "session, hour", "", "session, hour"),
    ("evidence", "alert, number", f"WHERE alert IN (SELECT id FROM alerts WHERE {_SETTLED})", "alert"),
    ("changes", "id", "", "id"),
    ("alerts", "id", f"WHERE {_SETTLED}", "id"),
    ("incidents", "id", f"WHERE id NOT IN (SELECT id FROM alerts WHERE NOT ({_SETTLED})) AND NOT open", "id"),
    ("access_points", "bssid", "", "last_session, last"),
    ("stations", "station", "", "last_session, last"),
    ("sightings", "bssid", "", "last_session, last"),
)
"""Table, key, condition and order of the ordinary rows: by session, since a clock may have been wrong."""
_UNSETTLED = (
    ("evidence", "alert, number", "", "(SELECT rank FROM alerts WHERE id = alert), alert"),
    ("alerts", "id", "", "rank, id"),
    ("incidents", "id", "", "rank, id"),
)
"""The same for those that a person has not seen, or that go on: the least severe first."""
_SESSIONS = "SELECT began, ended FROM sessions WHERE clock ORDER BY id"


def is_doubtful(database: sqlite3.Connection, now: float) -> bool:
    """Return whether the clock may be wrong: `now` is long after the time that earlier sessions make believable.

    One wrong answer of a time server would otherwise erase years of history. Raises sqlite3.Error.
    """
    *earlier, (began, _) = database.execute(_SESSIONS).fetchall() or [(now, now)]
    believed, proof = None, 0.0
    for start, end in earlier:
        if believed is not None and start - believed > LEAP:
            proof += end - start
            if proof < _PROOF:
                continue
        believed, proof = end, 0.0
    return believed is not None and now - believed > LEAP and proof + now - began < _PROOF


def shrinking(database: sqlite3.Connection) -> Iterator[str]:
    """Yield statements, each of which deletes a few rows, the least important and oldest ones first; ends once nothing
    is left. The caller executes each, and stops once the file is small enough. Raises sqlite3.Error.
    """
    for round_ in count():
        before = database.total_changes
        for table, key, where, order in (*_OLDEST, *(_UNSETTLED if round_ >= _ORDINARY else ())):
            (rows,) = database.execute(f"SELECT count(*) FROM {table} {where}").fetchone()
            if rows:
                some = f"SELECT {key} FROM {table} {where} ORDER BY {order} LIMIT {rows // _SHARE + 1}"
                yield f"DELETE FROM {table} WHERE ({key}) IN ({some})"
        if round_ >= _ORDINARY and database.total_changes == before:
            return

"""Queries of a history: rows of its tables as typed records, by a separate connection that writes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

from whimbrel.events.air import Change
from whimbrel.events.alerts import Alert, AlertState, Severity
from whimbrel.events.base import KNOWN_FROM
from whimbrel.events.decode import DecodeError, decode
from whimbrel.events.incidents import IncidentOpened
from whimbrel.history import room
from whimbrel.history.entries import ESTIMATE, HOUR
from whimbrel.rows import Announced, SightingRow
from whimbrel.verbs.alerts import FrameRow
from whimbrel.verbs.history import (
    AccessPointPast,
    AlertPast,
    ChangePast,
    CrowdRow,
    DatedMoment,
    HourRow,
    IncidentPast,
    SessionRow,
    StationPast,
)

MOST = 500
"""The default number of rows in an answer."""
_PATIENCE = 5.0
_SESSION = (
    "id, began, ended, clock, version, radio, place, frames, kernel_lost, bus_lost, not_kept, "
    f"clock = {ESTIMATE} AS estimate"
)


class Scope(NamedTuple):
    """The conditions of a query; rows must meet all of them."""

    since: float | None = None
    """Seconds since the epoch."""
    new: bool = False
    """Only entries first heard since then."""
    ssid: bytes | None = None
    device: bytes | None = None
    limit: int = MOST
    step: int = 1
    """Hours summed up in one row of channels and crowds."""


class Reader:
    """A history's file, open to read. Raises sqlite3.Error from everything; rows that make no sense are left out."""

    def __init__(self, path: Path) -> None:
        # A card that cannot be written has no room for the index of a log, which only a file with a writer needs.
        has_log = os.path.exists(f"{path}-wal")  # noqa: PTH110  # a name made of a name
        has_room = room.is_there(path)
        if has_log and not has_room:
            raise sqlite3.OperationalError("the card is full: there is no room for the index of the log")
        left = has_log or (has_room and os.access(path.parent, os.W_OK))
        how = "" if left else "&immutable=1"
        self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{how}", uri=True, timeout=_PATIENCE)
        self._database.execute("PRAGMA query_only = ON")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def sessions(self, scope: Scope = Scope()) -> list[SessionRow]:  # noqa: B008  # it is immutable
        """Return times of listening, the newest first."""
        rows = self._rows(
            f"SELECT {_SESSION} FROM sessions WHERE ended >= ? ORDER BY id DESC LIMIT ?",  # a constant
            (scope.since or 0.0, scope.limit),
        )
        return [_session(row) for row in rows]

    def access_points(self, scope: Scope = Scope()) -> list[AccessPointPast]:  # noqa: B008
        """Return access points, the last heard first."""
        rows = self._rows(
            "SELECT a.bssid, first, f.clock, last, l.clock, loudest, announced,"
            " (SELECT count(*) FROM changes c WHERE c.bssid = a.bssid)"
            " FROM access_points a LEFT JOIN sessions f ON f.id = first_session"
            " LEFT JOIN sessions l ON l.id = last_session"
            " WHERE (:new AND first >= :since OR NOT :new AND last >= :since)"
            " AND (:ssid IS NULL OR ssid = :ssid) AND (:device IS NULL OR a.bssid = :device)"
            " ORDER BY last DESC LIMIT :limit",
            _named(scope),
        )
        return list(_made(rows, _access_point))

    def changes(self, scope: Scope = Scope()) -> list[ChangePast]:  # noqa: B008
        """Return changes of access points, the newest first."""
        rows = self._rows(
            "SELECT bssid, ssid, at, s.clock, change FROM changes c LEFT JOIN sessions s ON s.id = c.session"
            " WHERE at >= :since AND (:device IS NULL OR bssid = :device) AND (:ssid IS NULL OR ssid = :ssid"
            " OR bssid IN (SELECT bssid FROM access_points WHERE ssid = :ssid)) ORDER BY c.id DESC LIMIT :limit",
            _named(scope),
        )
        return list(_made(rows, _change))

    def stations(self, scope: Scope = Scope()) -> list[StationPast]:  # noqa: B008
        """Return stations, the last heard first."""
        rows = self._rows(
            "SELECT station, vendor, first, f.clock, last, l.clock, bssid, why FROM stations"
            " LEFT JOIN sessions f ON f.id = first_session LEFT JOIN sessions l ON l.id = last_session"
            " WHERE (:new AND first >= :since OR NOT :new AND last >= :since)"
            " AND (:device IS NULL OR station = :device OR bssid = :device) AND (:ssid IS NULL OR bssid IN"
            " (SELECT bssid FROM access_points WHERE ssid = :ssid)) ORDER BY last DESC LIMIT :limit",
            _named(scope),
        )
        return [
            StationPast(
                station=row[0],
                vendor=row[1],
                first=_moment(*row[2:4]),
                last=_moment(*row[4:6]),
                bssid=row[6],
                why=row[7],
            )
            for row in rows
        ]

    def alerts(self, scope: Scope = Scope(), number: int | None = None) -> list[AlertPast]:  # noqa: B008
        """Return alerts, the newest first; of one `number` only that one."""
        rows = self._rows(
            "SELECT a.first, a.last, rank, open, seen, s.clock, (SELECT count(*) FROM evidence e WHERE e.alert = a.id),"
            " body FROM alerts a LEFT JOIN sessions s ON s.id = a.session"
            " WHERE (:new AND first >= :since OR NOT :new AND last >= :since) AND (:number IS NULL OR a.id = :number)"
            " AND (:ssid IS NULL OR ssid = :ssid) AND (:device IS NULL OR :device IN (bssid, sender, receiver))"
            " ORDER BY a.id DESC LIMIT :limit",
            _named(scope) | {"number": number},
        )
        return list(_made(rows, _alert))

    def incidents(self, scope: Scope = Scope()) -> list[IncidentPast]:  # noqa: B008
        """Return incidents, the newest first."""
        rows = self._rows(
            "SELECT i.first, i.last, open, s.clock, body FROM incidents i LEFT JOIN sessions s ON s.id = i.session"
            " WHERE (:new AND first >= :since OR NOT :new AND last >= :since) AND (:ssid IS NULL OR ssid = :ssid)"
            " AND (:device IS NULL OR bssid = :device) ORDER BY i.id DESC LIMIT :limit",
            _named(scope),
        )
        return list(_made(rows, _incident))

    def evidence(self, number: int) -> list[FrameRow]:
        """Return the frames that are kept of an alert, the oldest first."""
        rows = self._rows("SELECT frame, octets FROM evidence WHERE alert = ? ORDER BY number", (number,))
        return list(_made(rows, lambda row: decode(FrameRow, json.loads(row[0]) | {"octets": row[1].hex()})))

    def channels(self, scope: Scope = Scope()) -> list[HourRow]:  # noqa: B008
        """Return the channels' traffic by time and frequency."""
        rows = self._rows(
            "SELECT hour - hour % :step AS begun, max(s.clock), freq, sum(c.frames), sum(octets), sum(airtime_us),"
            " sum(retries) FROM channels c LEFT JOIN sessions s ON s.id = c.session"
            f" WHERE (hour + 1) * {HOUR} > :since GROUP BY begun, freq ORDER BY begun DESC, freq LIMIT :limit",
            _named(scope),
        )
        return [HourRow(**_of_hour(HourRow.fields, row)) for row in reversed(rows)]

    def crowds(self, scope: Scope = Scope()) -> list[CrowdRow]:  # noqa: B008
        """Return how much was around, by time."""
        rows = self._rows(
            "SELECT hour - hour % :step AS begun, max(s.clock), max(c.access_points), max(stations), max(random)"
            " FROM crowds c LEFT JOIN sessions s ON s.id = c.session"
            f" WHERE (hour + 1) * {HOUR} > :since GROUP BY begun ORDER BY begun DESC LIMIT :limit",
            _named(scope),
        )
        return [CrowdRow(**_of_hour(CrowdRow.fields, row)) for row in reversed(rows)]

    def sightings(self, limit: int = MOST, after: int = 0) -> list[SightingRow]:
        """Return where access points were heard, the last heard first, behind the first `after`; all for -1."""
        rows = self._rows(
            "SELECT first, last, loudest, sighting FROM sightings ORDER BY last DESC, bssid LIMIT ? OFFSET ?",
            (limit, after),
        )
        return list(_made(rows, _sighting))

    def states(self, most: int) -> list[AlertState]:
        """Return the newest alerts, the oldest of them first."""
        found = self.alerts(Scope(limit=most))
        return [AlertState(Alert.of(past), past.open, past.acknowledged) for past in reversed(found)]

    def count(self, sql: str, *values: Any) -> int:
        """Return the one number that a query gives."""
        ((number,),) = self._rows(sql, values)
        return int(number or 0)

    def octets(self) -> int:
        """Return the size of the file's contents."""
        return self.count("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")

    def _rows(self, sql: str, values: Any) -> list[tuple[Any, ...]]:
        return self._database.execute(sql, values).fetchall()


def _session(row: tuple[Any, ...]) -> SessionRow:
    values = dict(zip(SessionRow.fields, row, strict=True))
    return SessionRow(**values | {"clock": bool(row[3]), "estimate": bool(row[-1])})


def _named(scope: Scope) -> dict[str, Any]:
    return scope._asdict() | {"since": scope.since or 0.0}


def _moment(at: float, clock: int | None) -> DatedMoment:
    return DatedMoment(time=at, clock=_is_known(at, clock), estimate=clock == ESTIMATE)


def _is_known(at: float, clock: int | None) -> bool:
    """Return whether the clock was set at a time; `clock` is the session's own value, None if forgotten."""
    return at >= KNOWN_FROM if clock is None else bool(clock)


def _of_hour(names: tuple[str, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    hour, clock, *counts = row
    began = float(hour * HOUR)
    return dict(zip(names, (began, _is_known(began, clock), *counts), strict=True))


def _made(rows: list[tuple[Any, ...]], make: Any) -> Iterator[Any]:
    """Yield a record of each row; one that makes no sense, as from a damaged page, is left out."""
    for row in rows:
        with contextlib.suppress(DecodeError, ValueError, TypeError, RecursionError):
            yield make(row)


def _access_point(row: tuple[Any, ...]) -> AccessPointPast:
    return AccessPointPast(
        bssid=row[0],
        first=_moment(*row[1:3]),
        last=_moment(*row[3:5]),
        loudest=row[5],
        announced=decode(Announced, json.loads(row[6])),
        changes=row[7],
    )


def _change(row: tuple[Any, ...]) -> ChangePast:
    return ChangePast(bssid=row[0], ssid=row[1], at=_moment(*row[2:4]), change=decode(Change, json.loads(row[4])))


def _sighting(row: tuple[Any, ...]) -> SightingRow:
    first, last, loudest, body = row
    sighting = decode(SightingRow, json.loads(body))
    return sighting.replace(first=first, last=last, strongest=sighting.strongest.replace(time=loudest))


def _incident(row: tuple[Any, ...]) -> IncidentPast:
    first, last, still, clock, body = row
    incident = decode(IncidentOpened, json.loads(body)).replace(first=first, last=last)
    known = _is_known(first, clock)
    return IncidentPast(**incident.as_dict(), open=bool(still), clock=known, estimate=clock == ESTIMATE)


def _alert(row: tuple[Any, ...]) -> AlertPast:
    first, last, rank, still, seen, clock, kept, body = row
    alert = decode(Alert, json.loads(body)).replace(first=first, last=last, severity=list(Severity)[rank])
    return AlertPast(
        **alert.as_dict(),
        open=bool(still),
        acknowledged=seen >= rank,
        clock=_is_known(first, clock),
        kept=kept,
        estimate=clock == ESTIMATE,
    )

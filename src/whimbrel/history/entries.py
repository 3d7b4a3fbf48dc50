"""The entries of a history: a value for each kind of row, which replaces the one of the same slot."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

URGENT, NEEDED, NICE = 0, 1, 2
"""The priority of entries if not all can be kept: alerts, then devices, then counts and evidence."""


ESTIMATE = 2
"""The column `clock` of a session whose time is an estimate; 1 where it is known, 0 where the clock was not set."""


class Entry(NamedTuple):
    """One row, or a change of many."""

    slot: Hashable
    """A later entry of the same slot replaces this one, as long as that is not written."""
    sql: str
    values: tuple[Any, ...]
    matters: int = NEEDED
    after: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    """Statements that belong to it, in order."""


_SESSION = """
    INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    began = excluded.began, ended = excluded.ended, clock = excluded.clock, radio = excluded.radio,
    frames = excluded.frames, kernel_lost = excluded.kernel_lost, bus_lost = excluded.bus_lost,
    not_kept = excluded.not_kept
"""
_ACCESS_POINT = """
    INSERT INTO access_points VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bssid) DO UPDATE SET
    ssid = excluded.ssid, last = excluded.last, last_session = excluded.last_session,
    loudest = max(ifnull(loudest, excluded.loudest), ifnull(excluded.loudest, loudest)), announced = excluded.announced
"""
_CHANGE = "INSERT INTO changes (bssid, ssid, at, session, change) VALUES (?, ?, ?, ?, ?)"
_STATION = """
    INSERT INTO stations VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (station) DO UPDATE SET
    last = excluded.last, last_session = excluded.last_session, bssid = ifnull(excluded.bssid, bssid)
"""
_CHANNEL = """
    INSERT INTO channels VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session, hour, freq) DO UPDATE SET
    frames = excluded.frames, octets = excluded.octets, airtime_us = excluded.airtime_us, retries = excluded.retries
"""
_CROWD = """
    INSERT INTO crowds VALUES (?, ?, ?, ?, ?) ON CONFLICT (session, hour) DO UPDATE SET
    access_points = excluded.access_points, stations = excluded.stations, random = excluded.random
"""
_ALERT = """
    INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    first = excluded.first, last = excluded.last, rank = excluded.rank, open = excluded.open,
    seen = max(seen, excluded.seen), ssid = excluded.ssid, bssid = excluded.bssid, sender = excluded.sender,
    receiver = excluded.receiver, body = excluded.body
"""
_INCIDENT = """
    INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    first = excluded.first, last = excluded.last, rank = excluded.rank, open = excluded.open, ssid = excluded.ssid,
    bssid = excluded.bssid, body = excluded.body
"""
# A time that is the one of the file was stamped in the session that the file has, any other one in this session.
_SIGHTING = """
    INSERT INTO sightings
    (bssid, ssid, first, first_session, last, last_session, loudest, loudest_session, sighting)
    VALUES (?1, ?2, ?4, ?3, ?5, ?3, ?6, ?3, ?7)
    ON CONFLICT (bssid) DO UPDATE SET ssid = excluded.ssid,
    first_session = CASE WHEN first = excluded.first THEN first_session ELSE excluded.first_session END,
    last_session = CASE WHEN last = excluded.last THEN last_session ELSE excluded.last_session END,
    loudest_session = CASE WHEN loudest = excluded.loudest THEN loudest_session ELSE excluded.loudest_session END,
    first = excluded.first, last = excluded.last, loudest = excluded.loudest, sighting = excluded.sighting
"""
_FRAME = "INSERT OR REPLACE INTO evidence VALUES (?, ?, ?, ?)"
_STAMPS = (
    ("sessions", "began", "id"),
    ("sessions", "ended", "id"),
    ("access_points", "first", "first_session"),
    ("access_points", "last", "last_session"),
    ("changes", "at", "session"),
    ("stations", "first", "first_session"),
    ("stations", "last", "last_session"),
    ("alerts", "first", "session"),
    ("alerts", "last", "session"),
    ("incidents", "first", "session"),
    ("incidents", "last", "session"),
    ("sightings", "first", "first_session"),
    ("sightings", "last", "last_session"),
    ("sightings", "loudest", "loudest_session"),
)
"""Table, time, and the session in which that was stamped."""
HOUR = 3600


def session(row: tuple[Any, ...]) -> Entry:
    """Return the entry of a session; `row` has the fields of `whimbrel.verbs.history.SessionRow` in order, the last one
    in the column `clock`."""
    return Entry(("session", row[0]), _SESSION, row, URGENT)


def access_point(bssid: bytes, *row: Any) -> Entry:
    """Return the entry of an access point: name, first and its session, last and its session, dBm, announcement."""
    return Entry(("access point", bssid), _ACCESS_POINT, (bssid, *row))


def change(number: int, *row: Any) -> Entry:
    """Return the entry of a change, the `number`-th of this process: BSSID, name, time, session, JSON."""
    return Entry(("change", number), _CHANGE, row)


def station(address: bytes, *row: Any) -> Entry:
    """Return the entry of a station: vendor, first and its session, last and its session, BSSID, why."""
    return Entry(("station", address), _STATION, (address, *row))


def channel(session_id: int, hour: int, freq: int, *row: int) -> Entry:
    """Return the entry of a channel in an hour: frames, octets, airtime, retries."""
    return Entry(("channel", session_id, hour, freq), _CHANNEL, (session_id, hour, freq, *row), NICE)


def crowd(session_id: int, hour: int, *row: int) -> Entry:
    """Return the entry of an hour: access points, stations, those with random addresses."""
    return Entry(("crowd", session_id, hour), _CROWD, (session_id, hour, *row), NICE)


def alert(number: int, *row: Any) -> Entry:
    """Return the entry of an alert: session, first, last, rank, open, rank seen, name, addresses, JSON."""
    return Entry(("alert", number), _ALERT, (number, *row), URGENT)


def incident(number: int, *row: Any) -> Entry:
    """Return the entry of an incident: session, first, last, rank, open, name, BSSID, JSON."""
    return Entry(("incident", number), _INCIDENT, (number, *row), URGENT)


def sighting(bssid: bytes, *row: Any) -> Entry:
    """Return the entry of an access point's place: name, session, times first, last and loudest, JSON."""
    return Entry(("sighting", bssid), _SIGHTING, (bssid, *row))


def frame(alert_id: int, number: int, described: str, octets: bytes) -> Entry:
    """Return the entry of a frame of an alert's evidence."""
    return Entry(("frame", alert_id, number), _FRAME, (alert_id, number, described, octets), NICE)


def step(number: int, session_id: int, delta: float) -> Entry:
    """Return the entry of the `number`-th step of the clock, by `delta` seconds: the session's times move."""
    moves: list[tuple[str, tuple[float, ...]]]
    moves = [(f"UPDATE {table} SET {at} = {at} + ? WHERE {of} = ?", (delta, session_id)) for table, at, of in _STAMPS]
    # All hours of a session move alike, so that no two become one; negative first, since rows are moved one by one.
    hours = round(delta / HOUR)
    for table in ("channels", "crowds"):
        moves.append((f"UPDATE {table} SET hour = -1 - (hour + ?) WHERE session = ?", (hours, session_id)))
        moves.append((f"UPDATE {table} SET hour = -1 - hour WHERE session = ?", (session_id,)))
    (first, values), *rest = moves
    return Entry(("step", number), first, values, URGENT, tuple(rest))

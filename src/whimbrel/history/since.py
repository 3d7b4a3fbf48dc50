"""The changes since the device last listened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.events.history import NetworkSeen, SinceLastTime
from whimbrel.history.collecting import Collector
from whimbrel.history.queries import Reader, Scope
from whimbrel.history.store import StoreError
from whimbrel.verbs.history import SessionRow

if TYPE_CHECKING:
    from whimbrel.events.device import AirSnapshot
    from whimbrel.history.entries import Entry

_SHOWN = 12
"""Access points of each kind that are named."""
_UNTIL_THE_END = 1800.0
"""Seconds before the end of a session within which an access point was heard that was there to its end: longer than
`whimbrel.history.collecting.STALE`."""
_LISTENED = 600.0
"""Seconds of listening after which one that was not heard is gone: every channel was visited many times."""


class LastTime(NamedTuple):
    """The session before this one."""

    session: SessionRow
    found: int
    alerts: int
    unseen: int
    there: tuple[NetworkSeen, ...]
    """The access points that were heard until its end."""


def last_time(reader: Reader, before: int) -> LastTime | None:
    """Return the newest session with frames before the session `before`; None if there is none."""
    session = next((row for row in reader.sessions() if row.id < before and row.frames), None)
    if session is None:
        return None
    there = reader.access_points(Scope(since=session.ended - _UNTIL_THE_END, limit=256))
    return LastTime(
        session,
        reader.count("SELECT count(*) FROM access_points WHERE first_session = ?", session.id),
        reader.count("SELECT count(*) FROM alerts WHERE session = ? AND rank > 0", session.id),
        reader.count("SELECT count(*) FROM alerts WHERE seen < rank AND rank > 0"),
        tuple(NetworkSeen(row.bssid, row.announced.ssid) for row in there if row.last.clock == session.clock),
    )


def since(last: LastTime | None, collector: Collector, listened: float, *, first: bool) -> SinceLastTime:
    """Return the changes since last time; `listened` is the length of this session in seconds.

    For the thread that writes, which alone changes what the collector holds. Raises `StoreError`.
    """
    if last is None:
        return SinceLastTime(first=first, known=False)
    session = last.session
    fresh = [_seen(collector, address) for address in reversed(collector.new)]
    gone = [there for there in last.there if not collector.was_heard(there.bssid)] if listened >= _LISTENED else []
    changed = [_seen(collector, address) for address in collector.changed]
    return SinceLastTime(
        first=first,
        known=True,
        clock=session.clock,
        estimate=session.estimate,
        began=session.began,
        ended=session.ended,
        place=session.place,
        found=last.found,
        alerts=last.alerts,
        unseen=last.unseen,
        new=_few(fresh),
        new_count=collector.new_count,
        gone=_few(gone),
        gone_count=len(gone),
        changed=_few(changed),
        changed_count=collector.changed_count,
    )


def take_air(
    collector: Collector, air: AirSnapshot, wall: float, last: LastTime | None, listened: float
) -> tuple[list[Entry], frozenset[bytes], SinceLastTime | None]:
    """Return what `Collector.take` returns, the addresses it then knows, and the changes, None if the file fails.

    In one job of the writing thread, because the collector changes in that thread. Raises `StoreError` before anything
    is taken in.
    """
    found = collector.take(air, wall)
    told = None
    with contextlib.suppress(StoreError):
        told = since(last, collector, listened, first=False)
    return found, frozenset(collector.known), told


def _seen(collector: Collector, address: bytes) -> NetworkSeen:
    return NetworkSeen(address, collector.known[address].announced.ssid)


def _few(seen: Iterable[NetworkSeen]) -> tuple[NetworkSeen, ...]:
    return tuple(seen)[:_SHOWN]

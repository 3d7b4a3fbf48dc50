"""The summary of earlier days for detections: bounded, and only lasting facts with a known clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from whimbrel.detections.weakness.properties import weaknesses
from whimbrel.events.history import NetworkPast, PastKnown, WeaknessPast
from whimbrel.history.queries import Reader, Scope
from whimbrel.rows import Announced
from whimbrel.verbs.history import AccessPointPast, ChangePast

ESTABLISHED = 600.0
"""The least seconds for which a property must have been announced: an imitation of some minutes does not count."""
_ACCESS_POINTS = 64
"""Access points of one guarded network, and of all others that have changed."""
_CHANGES = 2000
_NETWORKS = 256


class Period(NamedTuple):
    """An access point's announcement from one time to another."""

    announced: Announced
    began: float
    ended: float


def past_of(reader: Reader, guarded: Iterable[bytes]) -> PastKnown:
    """Return the facts about the guarded networks, by SSID, and about weaknesses that had gone."""
    networks: list[NetworkPast] = []
    for name in guarded:
        for row in reader.access_points(Scope(ssid=name, limit=_ACCESS_POINTS)):
            changes = reader.changes(Scope(device=row.bssid, limit=_CHANGES))
            networks += _protections(row, periods(row, changes))
    gone: list[WeaknessPast] = []
    recent = dict.fromkeys(change.bssid for change in reader.changes(Scope(limit=_CHANGES)))
    for bssid in list(recent)[:_ACCESS_POINTS]:
        for row in reader.access_points(Scope(device=bssid)):
            gone += _gone(row.bssid, periods(row, reader.changes(Scope(device=bssid, limit=_CHANGES))))
    return PastKnown(networks=tuple(networks[:_NETWORKS]), weaknesses=tuple(gone))


def periods(row: AccessPointPast, changes: Iterable[ChangePast]) -> list[Period]:
    """Return an access point's announcements, the oldest first; `changes` are its changes, the newest first.

    Those before a time with an unknown clock are left out.
    """
    found: list[Period] = []
    said, ended = row.announced, row.last
    for change in changes:
        if not (change.at.clock and ended.clock):
            break
        if change.at.time != ended.time:
            found.append(Period(said, change.at.time, ended.time))
        ended = change.at
        said = said.replace(**{change.change.field: change.change.old})
    if row.first.clock and ended.clock:
        found.append(Period(said, row.first.time, ended.time))
    return [period for period in reversed(found) if period.ended - period.began >= ESTABLISHED]


def _protections(row: AccessPointPast, known: Iterable[Period]) -> Iterator[NetworkPast]:
    """Yield each protection that an access point had, with the last time that it did."""
    latest = {period.announced.protection: period.ended for period in known}
    for security, last in latest.items():
        yield NetworkPast(row.announced.ssid, row.bssid, security, last)


def _gone(bssid: bytes, known: Iterable[Period]) -> Iterator[WeaknessPast]:
    """Yield each weakness that had gone, until it came back or to the end of the facts."""
    had: set[str] = set()
    since: dict[str, float] = {}
    for period in known:
        now = weaknesses(period.announced.protection, wps=period.announced.wps)
        for weakness in had - now:
            since.setdefault(weakness, period.began)
        for weakness in now & since.keys():
            del since[weakness]
        had |= now
    for weakness, at in since.items():
        yield WeaknessPast(bssid, weakness, at)

"""The ledger of published alerts: each is published once, even after missed or repeated events. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated, number_of
from whimbrel.events.base import Body
from whimbrel.events.incidents import IncidentChanged, IncidentClosed, IncidentOpened

MISSED = "missed"
"""The reason of an `AlertClosed` with a missed end."""
_BOUND = 1024
"""Limit of remembered alerts, and of incidents; more than the daemon remembers, and than its history answers at a
time."""


class LedgerMemory(NamedTuple):
    """The state that outlasts the process."""

    number: int
    """The highest number of a published alert; 0 for none."""
    alerts: frozenset[str] = frozenset()
    """Ids of the alerts without a published end."""
    incidents: frozenset[str] = frozenset()
    """Ids of the incidents without a published end."""


class Row(NamedTuple):
    """An alert or incident as the daemon remembers it."""

    body: Any
    """An `Alert` or `IncidentOpened`, or a record with its fields."""
    open: bool
    """Whether it is open."""


class _Known(NamedTuple):
    """What is kept of an alert or incident that was handed out."""

    first: float
    """With `ssid`, by which one is told from another with the same number."""
    ssid: bytes
    body: Any
    """The last one while it is open, None afterwards: a body is 3 KB, and nothing is compared with one that has
    ended."""

    @property
    def open(self) -> bool:
        """Whether it is open."""
        return self.body is not None


class _Found(NamedTuple):
    begun: list[tuple[int, int, Body]]
    """With the numbers by which they are ordered."""
    went_on: list[Body]
    ended: list[Body]


class Ledger:
    """Decides which events are new. `memory` is from an earlier process, None for none."""

    def __init__(self, memory: LedgerMemory | None = None) -> None:
        self._memory = memory
        self._fresh = memory is None
        self._gap = False  # alerts above `number` may be missing
        self.number = memory.number if memory else 0
        """The highest number of an alert that was handed out."""
        self._alerts: dict[str, _Known] = {}
        self._incidents: dict[str, _Known] = {}

    def memory(self) -> LedgerMemory:
        """Return the memory for the next process."""
        # Until `catch_up`, what the process before has told goes on as far as is known.
        before = self._memory or LedgerMemory(0)
        return LedgerMemory(
            self.number,
            frozenset(id_ for id_, row in self._alerts.items() if row.open) | (before.alerts - self._alerts.keys()),
            frozenset(id_ for id_, row in self._incidents.items() if row.open)
            | (before.incidents - self._incidents.keys()),
        )

    def note_gap(self) -> None:
        """Note that events may have been missed: until `catch_up`, alerts that come in leave room for those before."""
        self._gap = True

    def is_news(self, body: Any) -> bool:
        """Return whether a body of `whimbrel.events.incidents.COURSE` was not handed out yet; it is from now on."""
        known = self._incidents if isinstance(body, (IncidentOpened, IncidentChanged, IncidentClosed)) else self._alerts
        old = known.get(body.id)
        if isinstance(body, (AlertClosed, IncidentClosed)):
            if old is not None and not old.open:
                return False
            self._enter(known, body, is_open=False)
            return True
        if isinstance(body, (Alert, IncidentOpened)):
            if old is not None:
                return False
        elif old is not None and (not old.open or not _is_further(body, old.body)):
            return False
        self._enter(known, body, is_open=_has_end(body))
        return True

    def catch_up(self, alerts: Sequence[Row], incidents: Sequence[Row], number: int) -> list[Body]:
        """Return the new ones among all alerts remembered by the daemon, in their order; they count as published.

        `number` is the highest number that the daemon has given. A lower one than is known here means that its numbers
        have begun again. Without a memory, what has ended is no news.
        """
        fresh, self._fresh = self._fresh, False
        if number < self.number:
            self.number = 0
            self._memory = None
            _keep_same(self._alerts, alerts)
            _keep_same(self._incidents, incidents)
        found = _Found([], [], [])
        memory = self._memory or LedgerMemory(0)
        for row in sorted(incidents, key=_order):
            self._take(row, _INCIDENT, self._incidents, memory.incidents, found, fresh=fresh)
        closed_incidents = found.ended.copy()
        found.ended.clear()
        for row in sorted(alerts, key=_order):
            self._take(row, _ALERT, self._alerts, memory.alerts, found, fresh=fresh)
        ended = [*found.ended, *self._forgotten({row.body.id for row in alerts}), *closed_incidents]
        self._memory = None
        self._gap = False
        self.number = max(self.number, number, *map(number_of, self._alerts))
        begun = [body for _, _, body in sorted(found.begun, key=lambda item: item[:2])]
        return [*begun, *found.went_on, *ended]

    def lacks(self, alerts: Iterable[Row]) -> tuple[int, int] | None:
        """Return the numbers of the newest alert known and the oldest of `alerts`, if others may lie between."""
        oldest = min((_number(row.body) for row in alerts), default=0)
        return (self.number, oldest) if 0 < self.number < oldest - 1 else None

    def _take(
        self,
        row: Row,
        kind: _Kind,
        known: dict[str, _Known],
        open_before: frozenset[str],
        found: _Found,
        *,
        fresh: bool,
    ) -> None:
        """Compare an alert or incident with what is known of it, and add what is new."""
        body = row.body
        old = known.get(body.id)
        was_open = old.open if old is not None else body.id in open_before
        if old is None and _number(body) > self.number:
            was_open = row.open or not fresh
            if was_open:
                found.begun.append((_number(body), kind.place, kind.begins(body)))
        elif old is not None and row.open and old.open and _is_further(body, old.body):
            found.went_on.append(kind.goes_on(body, old.body))
        if was_open and not row.open and _has_end(body):
            found.ended.append(kind.ends(body))
        self._enter(known, body, is_open=row.open, count=False)

    def _forgotten(self, remembered: set[str]) -> list[Body]:
        """Return the ends of the alerts that were open and that the daemon does not remember any more."""
        gone = [row.body for id_, row in self._alerts.items() if row.open and id_ not in remembered]
        for body in gone:
            self._enter(self._alerts, body, is_open=False)
        return [AlertClosed.of(body, reason="evicted") for body in sorted(gone, key=_number)]

    def _enter(self, known: dict[str, _Known], body: Any, *, is_open: bool, count: bool = True) -> None:
        known.pop(body.id, None)
        known[body.id] = _Known(body.first, body.ssid, body if is_open else None)
        if count and known is self._alerts and not self._gap:
            self.number = max(self.number, _number(body))
        if len(known) > _BOUND:
            closed = next((id_ for id_, row in known.items() if not row.open), None)
            del known[next(iter(known)) if closed is None else closed]


def _keep_same(known: dict[str, _Known], rows: Iterable[Row]) -> None:
    """Forget entries of `known` whose number now belongs to another alert."""
    there = {row.body.id: (row.body.first, row.body.ssid) for row in rows}
    for id_, old in list(known.items()):
        if there.get(id_) != (old.first, old.ssid):
            del known[id_]


def _has_end(body: Any) -> bool:
    """Return whether the end of it is an event of its own: of an alert without a duration there is none."""
    lasting: bool = getattr(body, "lasting", True)
    return lasting


def _is_further(new: Any, old: Any) -> bool:
    """Return whether `new` adds something to `old`: worse, later, more, or of another cause."""
    return any(getattr(new, name, None) != getattr(old, name, None) for name in ("severity", "cause", "alerts")) or (
        new.last > old.last or getattr(new, "count", 0) > getattr(old, "count", 0)
    )


def _news(new: Any, old: Any) -> str:
    if new.severity.rank > old.severity.rank:
        return "worse"
    if new.cause != old.cause:
        return "cause"
    return "alert" if new.alerts != old.alerts else "goes on"


def _number(body: Any) -> int:
    return number_of(body.id)


def _order(row: Row) -> int:
    return _number(row.body)


class _Kind(NamedTuple):
    """The events about alerts, or about incidents."""

    place: int
    """Of a beginning among those of one number: an incident comes before its first alert."""
    begins: Callable[[Any], Body]
    goes_on: Callable[[Any, Any], Body]
    ends: Callable[[Any], Body]


_INCIDENT = _Kind(
    0, IncidentOpened.of, lambda new, old: IncidentChanged.of(new, news=_news(new, old)), IncidentClosed.of
)
_ALERT = _Kind(1, Alert.of, lambda new, _: AlertUpdated.of(new), lambda new: AlertClosed.of(new, reason=MISSED))

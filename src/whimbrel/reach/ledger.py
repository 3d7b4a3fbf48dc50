"""The ledger of published alerts: each is published once, even after missed or repeated events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated
from whimbrel.events.base import Body
from whimbrel.events.incidents import IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.record import Record

KINDS: tuple[type[Body], ...] = (Alert, AlertUpdated, AlertClosed, IncidentOpened, IncidentChanged, IncidentClosed)
"""The kinds of event that the ledger decides on."""
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


class Ledger:
    """Decides which events are new. `memory` is from an earlier process, None for none."""

    def __init__(self, memory: LedgerMemory | None = None) -> None:
        self._memory = memory
        self._fresh = memory is None
        self._gap = False  # alerts above `number` may be missing
        self.number = memory.number if memory else 0
        """The highest number of an alert that was handed out."""
        self._alerts: dict[str, Row] = {}
        self._incidents: dict[str, Row] = {}

    def memory(self) -> LedgerMemory:
        """Return the memory for the next process."""
        if self._memory is not None and not self._alerts:
            return self._memory
        return LedgerMemory(
            self.number,
            frozenset(id_ for id_, row in self._alerts.items() if row.open),
            frozenset(id_ for id_, row in self._incidents.items() if row.open),
        )

    def note_gap(self) -> None:
        """Note that events may have been missed: until `catch_up`, alerts that come in leave room for those before."""
        self._gap = True

    def is_news(self, body: Any) -> bool:
        """Return whether a body of `KINDS` was not handed out yet; it is from now on."""
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
        self._enter(known, body, is_open=True)
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
        begun: list[tuple[int, int, Body]] = []
        went_on: list[Body] = []
        ended: list[Body] = []
        for row in sorted(incidents, key=_order):
            self._take_incident(row, begun, went_on, ended, fresh=fresh)
        closed_incidents, ended = ended, []
        for row in sorted(alerts, key=_order):
            self._take_alert(row, begun, went_on, ended, fresh=fresh)
        ended += self._forgotten({row.body.id for row in alerts})
        self._memory = None
        self._gap = False
        self.number = max(self.number, number, *map(_number_of_id, self._alerts))
        return [*(body for _, _, body in sorted(begun, key=lambda item: item[:2])), *went_on, *ended, *closed_incidents]

    def lacks(self, alerts: Iterable[Row]) -> tuple[int, int] | None:
        """Return the numbers of the newest alert known and the oldest of `alerts`, if others may lie between."""
        oldest = min((_number(row.body) for row in alerts), default=0)
        return (self.number, oldest) if 0 < self.number < oldest - 1 else None

    def _take_alert(
        self, row: Row, begun: list[tuple[int, int, Body]], went_on: list[Body], ended: list[Body], *, fresh: bool
    ) -> None:
        alert, old = row.body, self._alerts.get(row.body.id)
        was_open = old.open if old is not None else self._memory is not None and alert.id in self._memory.alerts
        if old is None and _number(alert) > self.number:
            is_news = row.open or not fresh
            if is_news:
                begun.append((_number(alert), 1, _body(Alert, alert)))
            was_open = is_news
        elif old is not None and row.open and old.open and _is_further(alert, old.body):
            went_on.append(_body(AlertUpdated, alert))
        if was_open and not row.open:
            ended.append(_body(AlertClosed, alert, reason=MISSED))
        self._enter(self._alerts, alert, is_open=row.open, count=False)

    def _take_incident(
        self, row: Row, begun: list[tuple[int, int, Body]], went_on: list[Body], ended: list[Body], *, fresh: bool
    ) -> None:
        incident, old = row.body, self._incidents.get(row.body.id)
        was_open = old.open if old is not None else self._memory is not None and incident.id in self._memory.incidents
        if old is None and _number(incident) > self.number:
            is_news = row.open or not fresh
            if is_news:
                begun.append((_number(incident), 0, _body(IncidentOpened, incident)))
            was_open = is_news
        elif old is not None and row.open and old.open and _is_further(incident, old.body):
            went_on.append(_body(IncidentChanged, incident, news=_news(incident, old.body)))
        if was_open and not row.open:
            ended.append(_body(IncidentClosed, incident))
        self._enter(self._incidents, incident, is_open=row.open)

    def _forgotten(self, remembered: set[str]) -> list[Body]:
        """Return the ends of the alerts that were open and that the daemon does not remember any more."""
        gone = [row.body for id_, row in self._alerts.items() if row.open and id_ not in remembered]
        for body in gone:
            self._enter(self._alerts, body, is_open=False)
        return [_body(AlertClosed, body, reason="evicted") for body in sorted(gone, key=_number)]

    def _enter(self, known: dict[str, Row], body: Any, *, is_open: bool, count: bool = True) -> None:
        known.pop(body.id, None)
        known[body.id] = Row(body, is_open)
        if count and known is self._alerts and not self._gap:
            self.number = max(self.number, _number(body))
        if len(known) > _BOUND:
            closed = next((id_ for id_, row in known.items() if not row.open), None)
            del known[next(iter(known)) if closed is None else closed]


def _keep_same(known: dict[str, Row], rows: Iterable[Row]) -> None:
    """Forget entries of `known` whose number now belongs to another alert."""
    there = {row.body.id: row.body for row in rows}
    for id_, row in list(known.items()):
        if id_ not in there or any(getattr(there[id_], name) != getattr(row.body, name) for name in ("first", "ssid")):
            del known[id_]


def _body(kind: type[Body], source: Record, **more: Any) -> Body:
    """Return a body of `kind` with the fields that `source` has of it."""
    return kind(**{name: getattr(source, name) for name in kind.fields if name in source.fields} | more)


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
    return _number_of_id(body.id)


def _number_of_id(id_: str) -> int:
    return int(id_) if id_.isdigit() else 0


def _order(row: Row) -> int:
    return _number(row.body)

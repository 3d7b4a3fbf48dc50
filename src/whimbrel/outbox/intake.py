"""The intake: every alert and incident that a module must pass on, once each, despite missed events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from whimbrel.bus import Closed, Lagged
from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated, ReportAlerts, number_of
from whimbrel.events.base import Event
from whimbrel.events.incidents import COURSE, AlertsStanding, IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.module import Context
from whimbrel.outbox.store import Outbox, OutboxEntry

_CAPACITY = 8192
"""Limit of events that wait for the disk; further ones are lost, and all remembered alerts are requested."""
_NUMBER = "number"
_FLOOR = "floor"

Entries = Callable[[Event], Iterable[OutboxEntry]]
"""Converts an event of `COURSE` to entries to pass on, each with a key from `key_of`."""


def key_of(body: Any, *more: object) -> str:
    """Return a permanent unique key of this event about an alert or incident."""
    # A number may come again where a daemon has lost its own; then the time is another one.
    about = "incident" if isinstance(body, (IncidentOpened, IncidentChanged, IncidentClosed)) else "alert"
    news = ""
    if isinstance(body, (AlertUpdated, IncidentChanged)):
        count = body.count if isinstance(body, AlertUpdated) else len(body.alerts)
        news = f"{body.severity.value}/{count}/{body.last:.3f}"
    elif isinstance(body, (AlertClosed, IncidentClosed)):
        news = "closed"
    return "/".join(map(str, (about, body.id, f"{body.first:.3f}", news, *more)))


class AlertIntake:
    """Puts entries for alerts into an outbox, of all that is published once it is made.

    `entries` decides which, by events as the watcher publishes them.
    """

    def __init__(self, ctx: Context[Any], outbox: Outbox, entries: Entries) -> None:
        self._ctx = ctx
        self._outbox = outbox
        self._entries = entries
        self._sure: int | None = None  # every alert up to this number was put in; None before the first
        self._floor = 0  # alerts up to this number are from before the first start, and nobody was told of them
        self._gap = True  # something after that may be missing
        self._events = ctx.subscribe(*COURSE, AlertsStanding, capacity=_CAPACITY)

    async def run(self) -> AsyncIterator[int]:
        """Add events until the subscription is closed; yield the number of new entries each time."""
        self._sure = await self._outbox.number(_NUMBER)
        self._floor = await self._outbox.number(_FLOOR) or 0
        # Not the newest that was published: what was raised since then, and before this start, is not in it.
        self._ctx.publish(ReportAlerts())
        async for first in self._events:
            yield await self._take([first, *self._waiting()])

    def _waiting(self) -> list[Event | Lagged]:
        try:
            return self._events.read_waiting()
        except Closed:
            return []

    async def _take(self, items: list[Event | Lagged]) -> int:
        entries: list[OutboxEntry] = []
        for item in items:
            if isinstance(item, Lagged):
                self._gap = True
                self._ctx.publish(ReportAlerts())
            elif isinstance(item.body, AlertsStanding):
                for event in self._missed(item):
                    entries += self._entries(event)
            else:
                entries += self._entries(item)
                if isinstance(item.body, Alert):
                    self._note(number_of(item.body.id))
        numbers = {} if self._sure is None else {_NUMBER: self._sure, _FLOOR: self._floor}
        return await self._outbox.put(entries, numbers=numbers)

    def _note(self, number: int) -> None:
        if self._sure is None:
            self._sure = self._floor = number - 1
        if not self._gap:
            self._sure = max(self._sure, number)

    def _missed(self, standing: Event) -> list[Event]:
        """Return the events that were missed, as they would have been published."""
        body = standing.body
        highest = max((number_of(state.alert.id) for state in body.alerts), default=0)
        found = []
        if self._sure is None:
            self._floor = highest
        elif self._gap:
            sure = self._sure
            if body.alerts and highest < sure:  # numbers that begin anew cannot be compared; the keys can
                sure = self._floor = 0
            # Incidents before their alerts; an incident has the number of its first one.
            rows = [(number_of(state.incident.id), 0, state.incident, state.open) for state in body.incidents]
            rows += [(number_of(state.alert.id), 1, state.alert, state.open) for state in body.alerts]
            for number, _, each, is_open in sorted(rows, key=lambda row: row[:2]):
                if number > sure:
                    found.append(standing._replace(time=each.first, body=each))
                # Without a duration there is no event of an end.
                if number > self._floor and not is_open and getattr(each, "lasting", True):
                    found.append(standing._replace(time=each.last, body=_ended(each)))
        self._gap = False
        self._sure = highest if body.alerts else self._sure or 0
        return found


def _ended(body: Any) -> Any:
    if isinstance(body, Alert):
        return AlertClosed.of(body, reason="missed")
    return IncidentClosed.of(body)

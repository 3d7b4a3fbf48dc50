"""The watcher's side of a history that keeps the alerts: it loads them, and answers about them wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.bus import Lagged
from whimbrel.detections import alert_memory
from whimbrel.detections.alert_keys import Unreadable
from whimbrel.detections.past import Past
from whimbrel.events.history import AlertKeeping, HistoryWritten, PastKnown
from whimbrel.events.incidents import AlertsStanding

if TYPE_CHECKING:
    from whimbrel.bus import Subscription
    from whimbrel.detections.base import Detection
    from whimbrel.detections.engine import Detections
    from whimbrel.detections.standing import StandingAlert
    from whimbrel.events.alerts import AlertState
    from whimbrel.module import Context
    from whimbrel.watching.acknowledgements import Acknowledgements
    from whimbrel.watching.alert_store import AlertStore

_OPENING = 20.0
"""Seconds for which a history may check its file before alerts are raised without it."""
_SAFE = 2.0
"""The most seconds for which an answer waits for the card."""
_OPEN, _SOON = "open", "opening"


class AlertKeeper:
    """Receives a history's events about alerts. `find` returns the detection of a rule, None if there is none."""

    def __init__(
        self,
        ctx: Context[Any],
        detections: Detections,
        seen: Acknowledgements,
        store: AlertStore,
        find: Callable[[str], Detection[Any] | None],
    ) -> None:
        self._ctx = ctx
        self._detections = detections
        self._seen = seen
        self._store = store
        self._find = find
        self._events: Subscription | None = None
        self._open = False
        self._upto = 0
        self._changed = asyncio.Condition()

    async def open(self) -> None:
        """Load the alerts of a history, if there is one or one is opening."""
        await self._hear_of_it()
        if self._open:
            # An alert is on the card a moment after its event, so the alerts of a lost last moment have used numbers.
            await self._store.reserve(1)

    async def _hear_of_it(self) -> None:
        self._events = events = self._ctx.subscribe(AlertKeeping, HistoryWritten, PastKnown)
        if (past := self._ctx.latest(PastKnown)) is not None:
            self._take_past(past.body)
        now = self._ctx.latest(AlertKeeping)
        if now is None:
            return
        if now.body.state != _SOON:
            await self._take(now.body)
            return
        try:
            async with asyncio.timeout(_OPENING):
                while True:
                    event = await events.read()
                    await self._hear(event)
                    if not isinstance(event, Lagged) and isinstance(event.body, AlertKeeping):
                        return
        except TimeoutError:
            return  # it is loaded when it arrives

    async def run(self) -> None:
        """Process its events, until cancelled."""
        assert self._events is not None
        async for event in self._events:
            await self._hear(event)

    async def safe(self, seq: int) -> bool:
        """Wait until the event `seq` is on the card, if a history keeps alerts; return False if that takes too long."""
        if not self._open:
            return True
        try:
            async with asyncio.timeout(_SAFE), self._changed:
                await self._changed.wait_for(lambda: self._upto >= seq or not self._open)
        except TimeoutError:
            return False  # the history reports its problem
        return True

    async def hand_over(self, body: object) -> None:
        """Publish the state for the history once the watcher is asked to end, and wait until it is on the card."""
        # The module's own subscriptions are closed by then.
        events = self._ctx.bus.subscribe(AlertKeeping, HistoryWritten, reader=self._ctx.name)
        seq = self._ctx.publish(body).seq
        try:
            async with asyncio.timeout(_SAFE):
                async for event in events:
                    known = None if isinstance(event, Lagged) else event.body
                    if isinstance(known, AlertKeeping) or (isinstance(known, HistoryWritten) and known.upto >= seq):
                        return
        except TimeoutError:
            return
        finally:
            events.close()

    @property
    def keeps(self) -> bool:
        """Whether a history keeps the alerts."""
        return self._open

    async def _hear(self, event: Any) -> None:
        if isinstance(event, Lagged):
            return
        body = event.body
        if isinstance(body, AlertKeeping):
            await self._take(body)
        elif isinstance(body, PastKnown):
            self._take_past(body)
        else:
            self._upto = body.upto
            standing = self._ctx.latest(AlertsStanding)
            if self._open and standing is not None and standing.seq <= body.upto:
                # All that the file holds is in the history too.
                self._store.retire()
        async with self._changed:
            self._changed.notify_all()

    async def _take(self, body: AlertKeeping) -> None:
        self._open = body.state == _OPEN
        if not self._open:
            self._store.resume()
            return
        fresh = []
        for number, state in enumerate(body.alerts, 1):
            standing = self._standing(state)
            if standing is not None:
                fresh.append(standing)
                if state.acknowledged:
                    self._seen.ranks.setdefault(standing.id, standing.severity.rank)
            if number % 8 == 0:
                await asyncio.sleep(0)
        self._detections.alerts.recall(fresh)

    def _standing(self, state: AlertState) -> StandingAlert | None:
        try:
            return next(alert_memory.restored([alert_memory.row_of(state)], self._find), None)
        except Unreadable:
            return None

    def _take_past(self, body: PastKnown) -> None:
        self._detections.air.past = Past(body.networks, body.weaknesses)

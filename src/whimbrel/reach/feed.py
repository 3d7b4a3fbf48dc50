"""The feed: the daemon's events on the bus of the second process, with their times and sources."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from whimbrel.bus import Sender
from whimbrel.client import Client, ClientError, Lost, connect
from whimbrel.events.alerts import REMEMBERED, Alert, AlertState, ReportAlerts, number_of
from whimbrel.events.base import Body, Event
from whimbrel.events.incidents import COURSE, AlertsStanding, IncidentOpened, IncidentState
from whimbrel.events.reach import AlertsMissed, DaemonReached, DaemonUnreachable
from whimbrel.events.system import EventsLost, ModulesState, ModuleStatus
from whimbrel.module import Context, DaemonAway, Module, Side, Stage, VerbError
from whimbrel.reach import interest, memory_file
from whimbrel.reach.ledger import Ledger, LedgerMemory, Row
from whimbrel.reach.remote import looking
from whimbrel.settings import frozen
from whimbrel.tasks import first_to_end
from whimbrel.verbs.alerts import ALERTS, Alerts
from whimbrel.verbs.daemon import STATUS
from whimbrel.verbs.history import HISTORY

_HOLD = 5.0
"""The most seconds that an alert waits for earlier ones, which are being fetched."""
_SAVE = 5.0
"""Seconds after which published alerts count as stored by their listeners, and are not published again."""
_OVERLAP = 0.3
"""Seconds for which a connection is still read after the next one has begun, for events on their way."""
_SOURCES = 256
"""Names of sources that have a sender of their own."""
_DAEMON = "daemon"


class _Stream(NamedTuple):
    """A connection that follows."""

    client: Client
    kinds: frozenset[type[Body]]
    """The followed kinds."""
    known: frozenset[type[Body]]
    """The kinds that the previous connection followed too."""


@frozen
class FeedSettings:
    """The parameters of a feed."""

    socket: Path
    """The daemon's control socket."""
    look: Path
    """The one beside it for those who only look: that is all that a feed needs."""
    memory: Path
    """The file of the ledger's memory."""
    retry: float
    """Seconds between two attempts to connect to the daemon."""
    deaf: frozenset[str]
    """Listeners whose interest is not fetched."""
    tell_modules: Callable[[tuple[ModuleStatus, ...]], None]
    """Takes the states of the daemon's modules."""


class Feed(Module[FeedSettings]):
    """Publishes the daemon's events here, alerts exactly once. Waits for an absent daemon, and reports that."""

    stage: ClassVar[Stage] = Stage.SOURCE
    side: ClassVar[Side] = Side.REACH

    def __init__(self, ctx: Context[FeedSettings]) -> None:
        super().__init__(ctx)
        self._ledger = Ledger()
        self._senders: dict[str, Sender] = {}
        self._changed = asyncio.Event()  # a subscription began or ended
        self._changed_large = asyncio.Event()
        self._behind = asyncio.Event()  # alerts may have been missed
        self._level = asyncio.Event()  # the opposite
        self._reached = asyncio.Event()
        self._seq = 0  # of the newest small event of this daemon
        self._gone_since: float | None = None  # monotonic; None before the first connection to the daemon
        self._told_gone = False
        self._saved = self._ledger.memory()

    async def run(self) -> None:
        """Follow the daemon until cancelled."""
        await self._remember()
        self.ctx.bus.on_interest = self._note_interest
        requests = self.ctx.subscribe(ReportAlerts)
        self.ctx.ready()
        try:
            await first_to_end(
                (self._follow(), self._follow_large(), self._answer_requests(requests), self._keep_memory())
            )
        finally:
            self.ctx.bus.on_interest = lambda: None
            for sender in self._senders.values():
                sender.retire()

    async def _remember(self) -> None:
        path = self.settings.memory
        try:
            self._ledger = Ledger(await asyncio.to_thread(memory_file.read, path))
        except OSError as error:
            self.ctx.warn(
                "memory", f"alerts may be published twice after a start: cannot read {path}: {error.strerror}"
            )
        except ValueError as error:
            self.ctx.warn(
                "memory", f"{path} is damaged ({error}) and starts empty: open alerts are published once more"
            )
        self._saved = self._ledger.memory()

    async def _keep_memory(self) -> None:
        """Save the memory some time after each change: by then, the listeners have stored the alerts."""
        while True:
            memory = self._ledger.memory()
            await asyncio.sleep(_SAVE)
            if memory != self._saved:
                await self._save(memory)

    async def _save(self, memory: LedgerMemory) -> None:
        path = self.settings.memory
        try:
            await asyncio.to_thread(memory_file.write, path, memory)
        except OSError as error:
            self.ctx.warn(
                "memory", f"alerts may be published twice after a start: cannot write {path}: {error.strerror}"
            )
        else:
            self._saved = memory
            self.ctx.clear("memory")

    def _note_interest(self) -> None:
        self._changed.set()
        self._changed_large.set()

    async def _follow(self) -> None:
        """Publish small events, and those about alerts, for ever."""
        while True:
            try:
                await self._follow_until_gone()
                reason = "it has ended"
            except ClientError as error:
                reason = str(error)
            self._tell_gone(reason)
            await asyncio.sleep(self.settings.retry)

    async def _follow_until_gone(self) -> None:
        """Follow, on one connection after the other as more is wanted. Raises `ClientError`."""
        self._seq = 0
        stream = await self._open(interest.small_kinds(self.ctx.bus, self.settings.deaf), frozenset())
        try:
            await self._tell_reached()
            while True:
                self._level.clear()
                self._behind.set()
                self._ledger.note_gap()
                more = asyncio.create_task(self._wait_for_more(stream.kinds))
                work = [asyncio.create_task(each) for each in (self._publish_all(stream), self._catch_up_when_behind())]
                try:
                    await asyncio.wait([more, *work], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in (more, *work):
                        task.cancel()
                    await asyncio.gather(more, *work, return_exceptions=True)
                if not more.cancelled() and more.exception() is None:
                    before, stream = stream, more.result()
                    await before.client.close()
                for task in work:
                    if not task.cancelled():
                        task.result()
                if more.cancelled():
                    return
                more.result()
        finally:
            await stream.client.close()

    async def _open(self, kinds: frozenset[type[Body]], known: frozenset[type[Body]]) -> _Stream:
        """Follow `kinds` on a new connection; those in `known` are followed on another one already."""
        client = await connect(looking(self.settings.look, self.settings.socket))
        try:
            await client.follow(*kinds, latest=(kinds - known).intersection(interest.STANDING))
        except BaseException:
            await client.close()
            raise
        return _Stream(client, kinds, known)

    async def _wait_for_more(self, kinds: frozenset[type[Body]]) -> _Stream:
        """Return a further connection once more kinds than `kinds` are needed, while the first is still read.

        Kinds that are no longer needed are dropped with the next connection to the daemon.
        """
        while True:
            self._changed.clear()
            wanted = interest.small_kinds(self.ctx.bus, self.settings.deaf)
            if not wanted <= kinds:
                break
            await self._changed.wait()
        stream = await self._open(wanted | kinds, kinds)
        try:
            await asyncio.sleep(_OVERLAP)
        except BaseException:
            await stream.client.close()
            raise
        return stream

    async def _publish_all(self, stream: _Stream) -> None:
        async for item in stream.client.followed():
            if not isinstance(item, Lost):
                if item.seq <= self._seq and type(item.body) in stream.known:
                    continue  # the connection before this one has brought it
                self._seq = max(self._seq, item.seq)
            if isinstance(item, Lost):
                self.ctx.publish(EventsLost(reader=self.ctx.name, lost=int(item)))
                self._level.clear()
                self._behind.set()
                self._ledger.note_gap()
            elif isinstance(item.body, COURSE):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_HOLD):
                        await self._level.wait()
                if self._ledger.is_news(item.body):
                    self._publish(item)
            else:
                self._publish(item)

    async def _catch_up_when_behind(self) -> None:
        while True:
            await self._behind.wait()
            self._behind.clear()
            try:
                answer = await self.ctx.ask(ALERTS)
                older = await self._older(answer)
            except VerbError:  # the watcher is not on, or not ready yet
                self._behind.set()
            if self._behind.is_set():  # or more was missed meanwhile, perhaps after the answer
                await asyncio.sleep(self.settings.retry)
                continue
            self._catch_up(answer, older)
            self._level.set()

    async def _older(self, answer: Alerts) -> list[Row]:
        """Return alerts that were raised meanwhile and that only the history remembers, if there is one."""
        gap = self._ledger.lacks([Row(row, row.state == "open") for row in answer.alerts])
        if gap is None or answer.number < self._ledger.number:
            return []
        known, oldest = gap
        try:
            past = await self.ctx.ask(HISTORY, what="alerts")
        except DaemonAway:
            raise
        except VerbError:  # there is no history
            past = None
        found = [row for row in past.alerts if known < number_of(row.id) < oldest] if past else []
        whole = past is not None and (not past.left_out or any(number_of(row.id) <= known for row in past.alerts))
        if not whole and len(answer.alerts) >= REMEMBERED:
            first = min((number_of(row.id) for row in found), default=oldest)
            self.ctx.publish(AlertsMissed(before=str(first), after=str(known)))
        return [Row(row, row.open) for row in found]

    def _catch_up(self, answer: Alerts, older: list[Row]) -> None:
        alerts = older + [Row(row, row.state == "open") for row in answer.alerts]
        incidents = [Row(row, row.state == "open") for row in answer.incidents]
        for body in self._ledger.catch_up(alerts, incidents, answer.number):
            self._sender("watcher").publish(body, getattr(body, "last", None))
        self._sender("watcher").publish(_standing(answer))

    async def _answer_requests(self, requests: Any) -> None:
        async for _ in requests:
            while True:
                try:
                    answer = await self.ctx.ask(ALERTS)
                except VerbError:  # the daemon is away, or its watcher is not ready
                    await asyncio.sleep(self.settings.retry)
                else:
                    self._sender("watcher").publish(_standing(answer))
                    break

    async def _follow_large(self) -> None:
        """Publish large events on a separate connection with a short queue, while there is a listener."""
        while True:
            self._changed_large.clear()
            kinds = interest.large_kinds(self.ctx.bus)
            if not kinds:
                await self._changed_large.wait()
                continue
            await self._reached.wait()
            with contextlib.suppress(ClientError):
                async with connect(looking(self.settings.look, self.settings.socket)) as client:
                    await client.follow(*kinds, latest=kinds.intersection(interest.STANDING))
                    await first_to_end((self._publish_large(client), self._wait_for_others(kinds)))
                    continue
            await asyncio.sleep(self.settings.retry)

    async def _wait_for_others(self, kinds: frozenset[type[Body]]) -> None:
        while interest.large_kinds(self.ctx.bus) == kinds:
            self._changed_large.clear()
            await self._changed_large.wait()

    async def _publish_large(self, client: Client) -> None:
        async for item in client.followed():
            if isinstance(item, Lost):
                self.ctx.publish(EventsLost(reader=self.ctx.name, lost=int(item)))
            elif isinstance(item.body, ModulesState):
                self.settings.tell_modules(item.body.modules)
            else:
                self._publish(item)
        await asyncio.sleep(self.settings.retry)  # it has ended

    def _publish(self, event: Event) -> None:
        self._sender(event.source).publish(event.body, event.time)

    def _sender(self, source: str) -> Sender:
        if source not in self._senders:
            if len(self._senders) >= _SOURCES:
                source = _DAEMON
            self._senders.setdefault(source, self.ctx.bus.sender(source))
        return self._senders[source]

    async def _tell_reached(self) -> None:
        if self._reached.is_set():
            return
        try:
            version = (await self.ctx.ask(STATUS)).version
        except VerbError:
            version = "unknown"
        away = None if self._gone_since is None else time.monotonic() - self._gone_since
        self._reached.set()
        self._told_gone = False
        self.ctx.clear("daemon")
        self.ctx.publish(DaemonReached(version=version, away=away))

    def _tell_gone(self, reason: str) -> None:
        if self._reached.is_set():
            self._gone_since = time.monotonic()
        self._reached.clear()
        self.ctx.warn("daemon", f"waits for the daemon: {reason}")
        if not self._told_gone:
            self._told_gone = True
            self.ctx.publish(DaemonUnreachable(reason=reason))


def _standing(answer: Alerts) -> AlertsStanding:
    """Return the rows of an answer as the event that the watcher would publish, the oldest first."""
    alerts = [
        AlertState(Alert.of(row), open=row.state == "open", acknowledged=row.acknowledged)
        for row in reversed(answer.alerts)
    ]
    incidents = [IncidentState(IncidentOpened.of(row), open=row.state == "open") for row in reversed(answer.incidents)]
    return AlertsStanding(alerts=tuple(alerts), incidents=tuple(incidents))

"""Notify: sends messages about incidents to people; messages that cannot be sent wait on disk."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import time
from collections.abc import Coroutine, Iterator
from typing import Any, ClassVar

from whimbrel.events.base import Event
from whimbrel.events.decode import decode_event
from whimbrel.events.encode import dump, encode_event
from whimbrel.events.reach import MessageSent
from whimbrel.module import Context, Module, NotReady, Side, Stage
from whimbrel.outbox.intake import AlertIntake, key_of
from whimbrel.outbox.store import Outbox, OutboxEntry, StoredEntry
from whimbrel.outbox.use import in_use, warn_of_troubles
from whimbrel.secret import is_named, reveal
from whimbrel.tasks import first_to_end
from whimbrel.telling import words
from whimbrel.telling.policy import AT_ONCE, DIGEST, QUIET, TellingPolicy
from whimbrel.telling.settings import NotifySettings
from whimbrel.telling.ways import CommandWay, NotSent, NotTaken, TellingWay, way_of
from whimbrel.watching import state_file

_NEWS = "news"
"""The lane of news that is not a message yet."""
_LONGEST_PAUSE = 600.0
_TOGETHER = 500
"""News of one topic that become one message."""
_LAST_PATIENCE = 3.0
"""Seconds that a stop waits for a message that is on its way."""
_QUIET = 86400.0
"""The most seconds that quiet hours put a message off."""
_CHECK = 60.0
"""The most seconds between two readings of the clock, which may be set."""


class Notify(Module[NotifySettings]):
    """Turns news into messages when they are due, and sends each to every address."""

    Settings = NotifySettings
    stage: ClassVar[Stage] = Stage.SINK
    side: ClassVar[Side] = Side.REACH

    def __init__(self, ctx: Context[NotifySettings]) -> None:
        super().__init__(ctx)
        self._policy = TellingPolicy(self.settings, _minute_of_day)
        file = self.settings.file or state_file.default_path("notify.db")
        farthest = max(self.settings.pause, self.settings.digest) + _QUIET
        self._outbox = Outbox(file, self.settings.queue, farthest)
        self._device = self.settings.name or socket.gethostname()
        self._ways: list[TellingWay] = []
        self._news = asyncio.Event()
        self._messages = asyncio.Event()
        self._composing = asyncio.Lock()
        """Held while messages are made: two at once would make each of them twice."""

    async def run(self) -> None:
        """Send until asked to stop. Raises `NotReady` for a missing address or a damaged file."""
        self._ways = self._find_ways()
        async with in_use(self._outbox, self.ctx):
            gone = await self._outbox.keep_lanes([_NEWS, *(way.lane for way in self._ways)])
            if gone:
                self.ctx.warn("gone", f"{gone} messages to addresses that the settings name no longer are dropped")
            intake = AlertIntake(self.ctx, self._outbox, self._entries)
            self.ctx.ready()
            await first_to_end((self._take_in(intake), self._compose(), *(self._send(way) for way in self._ways)))

    @classmethod
    def check(cls, settings: NotifySettings) -> Iterator[tuple[str, str]]:
        """Yield a missing address, and a program that is not there."""
        if not settings.to and not settings.command:
            yield "to", "there is no receiver: name an address, such as ntfys://ntfy.sh/MY-TOPIC, or a command"
        for index, url in enumerate(settings.to):
            if not is_named(url):
                try:
                    way_of(url, settings.patience)
                except ValueError as error:
                    yield f"to[{index}]", str(error)
        if settings.command and shutil.which(settings.command[0]) is None:
            yield "command", f"there is no program {settings.command[0]}"

    def _find_ways(self) -> list[TellingWay]:
        ways: list[TellingWay] = []
        for index, setting in enumerate(self.settings.to):
            for url in reveal(setting).split():
                try:
                    ways.append(way_of(url, self.settings.patience))
                except ValueError as error:
                    raise NotReady(f"modules.{self.ctx.name}.to[{index}]: {error}") from None
        if self.settings.command:
            ways.append(CommandWay(self.settings.command, self.settings.patience))
        if not ways:
            raise NotReady(f"there is no receiver: name an address in modules.{self.ctx.name}.to, or a command")
        return list({way.lane: way for way in ways}.values())  # an address that is named twice is one

    async def _take_in(self, intake: AlertIntake) -> None:
        async for new in intake.run():
            if new:
                self._news.set()
            warn_of_troubles(self._outbox, self.ctx)
        # Asked to stop: due news become messages, which wait on disk for the next start.
        await self._compose_due(time.time())

    def _entries(self, event: Event) -> Iterator[OutboxEntry]:
        decision = self._policy.decide(event.body, time.time())
        if decision is not None:
            data = json.dumps(encode_event(event), separators=(",", ":"))
            key = key_of(event.body)
            yield OutboxEntry(data, event.body.severity.rank, _NEWS, decision.topic, decision.due, key)

    async def _compose(self) -> None:
        while True:
            self._news.clear()
            await self._compose_due(time.time())
            due = await self._outbox.next_due(_NEWS)
            pause = _CHECK if due is None else min(max(due - time.time(), 0.0), _CHECK)
            try:
                async with asyncio.timeout(pause):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _compose_due(self, now: float) -> None:
        """Make messages from due news: one for each topic, and one for each item without a topic."""
        async with self._composing:
            await self._compose_all(now)

    async def _compose_all(self, now: float) -> None:
        while stored := await self._outbox.peek(_NEWS, now=now, limit=_TOGETHER):
            topics: dict[str, list[StoredEntry]] = {}
            for entry in stored:
                topics.setdefault(entry.topic or f"alone {entry.id}", []).append(entry)
            for entries in topics.values():
                message = self._message(entries)
                data = json.dumps(_stored(message) | {"time": now}, separators=(",", ":"))
                rank = message.severity.rank
                new = [OutboxEntry(data, rank, way.lane) for way in self._ways]
                await self._outbox.put(new, remove=[entry.id for entry in entries])
            self._messages.set()
            self._messages = asyncio.Event()

    def _message(self, entries: list[StoredEntry]) -> words.TellingMessage:
        topic = entries[0].topic
        if len(entries) == 1 and topic not in {DIGEST, QUIET}:
            return words.message(_body_of(entries[0]), self._device, entries[0].data)
        title = {DIGEST: "digest", QUIET: "in quiet hours", AT_ONCE: "news"}.get(topic, f"more of {topic}")
        # One after the other: all at once would be 7 MB, most of which a process never gives back.
        pieces = (words.line(_body_of(entry)) for entry in entries)
        return words.summary(pieces, self._device, title, [entry.data for entry in entries])

    async def _send(self, way: TellingWay) -> None:
        """Send the messages of one way, in their order, each until it got through or is refused."""
        pause = float(self.settings.retry)
        while True:
            waiting = self._messages
            found = await self._outbox.peek(way.lane, now=time.time(), limit=1)
            if not found:
                await waiting.wait()
                continue
            try:
                await self._finished(self._send_one(way, found[0]))
            except NotSent as error:
                self.ctx.warn(way.lane, f"{self._outbox.waiting} wait, tried again: {error}")
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = float(self.settings.retry)
            self.ctx.clear(way.lane)

    async def _send_one(self, way: TellingWay, entry: StoredEntry) -> None:
        message = _message_of(json.loads(entry.data))
        try:
            await way.send(message)
        except NotTaken as error:
            self.ctx.warn(f"refused {way.lane}", f"a message is given up: {error}")
        await self._outbox.put((), remove=[entry.id])
        self.ctx.publish(MessageSent(by=way.name, title=message.title, waiting=self._outbox.waiting))

    @staticmethod
    async def _finished(work: Coroutine[Any, Any, None]) -> None:
        """Run `work`; if this is cancelled, let it end, so the result of every sending is known."""
        task = asyncio.create_task(work)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=_LAST_PATIENCE)
            task.cancel()
            raise


def _body_of(entry: StoredEntry) -> Any:
    return decode_event(json.loads(entry.data)).body


def _stored(message: words.TellingMessage) -> dict[str, Any]:
    """Return a message as it waits on disk; `_message_of` reads it."""
    return message.as_dict() | {"severity": message.severity.value}


def _message_of(value: dict[str, Any]) -> words.TellingMessage:
    from whimbrel.events.alerts import Severity

    return words.TellingMessage(
        title=value["title"],
        text=value["text"],
        severity=Severity(value["severity"]),
        id=value["id"],
        kind=value["kind"],
        # Earlier versions stored values.
        news=tuple(news if isinstance(news, str) else dump(news) for news in value["news"]),
    )


def _minute_of_day(seconds: float) -> int:
    local = time.localtime(seconds)
    return local.tm_hour * 60 + local.tm_min

"""Publishes what waits in an outbox to a broker, in order: each entry stays on disk until the broker has kept it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque

from whimbrel.broker.link import WINDOW, BrokerLink, LinkLost
from whimbrel.broker.settings import MqttSettings
from whimbrel.broker.topics import BrokerMessage
from whimbrel.module import Context
from whimbrel.outbox.store import Outbox, StoredEntry

_REFUSED = 30.0
"""Seconds until an entry that the broker's access rules forbid is published again: somebody may mend the rules."""
_SUSPICIOUS = 3
"""Connections in a row that the broker closes while nothing but a message of the same topic is under way, until the
topic counts as forbidden: EMQX closes them without an answer (`authorization.deny_action = disconnect`)."""
_CLOSES = "the broker closes the connection at this message: look at its access rules"
_WARNING = "refused-alerts"


class EntryPublisher:
    """Publishes the entries of the lane `lane`, each the JSON of a topic and a payload."""

    def __init__(self, outbox: Outbox, lane: str, ctx: Context[MqttSettings]) -> None:
        self._outbox = outbox
        self._lane = lane
        self._ctx = ctx
        # No longer than a broker may be slow: what it had confirmed before that is settled when it is given up.
        self._longest_hold = min(float(ctx.settings.settle), float(ctx.settings.patience))
        self._hold = self._longest_hold
        """Seconds between the broker's confirmation of an entry and its end on disk."""
        self._settled = False
        """Whether something has left the disk on this connection."""
        self._last = 0  # id of the last entry that was looked at on this connection
        self._anew = False  # whether there may be earlier entries than the last
        self._window = WINDOW
        """Entries that are under way at once."""
        self._suspect = ("", 0)  # topic of the message that was under way alone when a connection was closed; how often
        self._barred: set[str] = set()  # topics at which the broker closes the connection
        self._refused: dict[int, str] = {}  # ids and topics of entries that the broker's access rules forbid
        self._try_refused = 0.0  # when one of them is published again, on the monotonic clock
        self._new = asyncio.Event()

    def note_new(self) -> None:
        """Publish what has been put in."""
        self._new.set()

    def look_anew(self) -> None:
        """Publish also entries that may have come before those that were published."""
        self._anew = True
        self._new.set()

    async def publish(self, link: BrokerLink, told: asyncio.Event) -> None:
        """Publish on one connection until it breaks; set `told` once all that waited is out. Raises `LinkLost`.

        An entry leaves the disk once the broker has it and the connection has stood for a while: Mosquitto confirms
        first and stores then, and loses what it has not stored when it is killed.
        """
        settling: deque[tuple[float, int]] = deque()  # when they leave the disk, and their ids
        try:
            await self._publish_all(link, settling, told)
        finally:  # what had its time goes also where the connection breaks
            settled = await self._remove_settled(settling)
            await self._outbox.need_all()  # what is left may have been lost with the connection
            if not settled and settling and not self._settled:
                self._hold /= 2  # else connections that are all shorter would bring the same for ever

    async def _publish_all(self, link: BrokerLink, settling: deque[tuple[float, int]], told: asyncio.Event) -> None:
        self._settled = False
        self._last = 0
        while True:
            self._new.clear()
            if await self._publish_next(link, settling) or await self._remove_settled(settling):
                continue
            told.set()
            if settling:
                await self._wait_until(settling[0][0])
            elif not self._refused:
                await self._new.wait()
            elif time.monotonic() < self._try_refused:
                await self._wait_until(self._try_refused)
            else:
                await self._publish_refused(link, settling)

    async def _publish_next(self, link: BrokerLink, settling: deque[tuple[float, int]]) -> bool:
        """Publish what follows; return whether there was any."""
        if self._anew:
            self._anew = False
            self._last = 0
        skipped = self._refused.keys() | {id_ for _, id_ in settling}
        ahead = await self._outbox.peek(self._lane, now=time.time(), limit=WINDOW, after=self._last)
        found = [entry for entry in ahead if entry.id not in skipped and not self._holds_back(entry)][: self._window]
        if found:
            await self._publish_entries(link, found, settling)
            self._last = found[-1].id
        elif ahead:
            self._last = ahead[-1].id
        return bool(ahead)

    def _holds_back(self, entry: StoredEntry) -> bool:
        """Count an entry as refused, and return True, if its topic is barred."""
        topic = _message(entry).topic
        if topic in self._barred:
            self._refused[entry.id] = topic
            return True
        return False

    async def _publish_refused(self, link: BrokerLink, settling: deque[tuple[float, int]]) -> None:
        """Publish the first refused entry of the topic that was not tried for longest; if it is taken, what follows is
        tried too."""
        topic = next(iter(self._refused.values()))
        same = [id_ for id_, each in self._refused.items() if each == topic]
        first = min(same)
        found = await self._outbox.peek(self._lane, now=time.time(), limit=1, after=first - 1)
        if not found or found[0].id != first:  # it has made room
            self._let_in({first})
            return
        self._try_refused = time.monotonic() + _REFUSED
        for id_ in same:  # behind the other topics, for the next trial
            self._refused[id_] = self._refused.pop(id_)
        await self._publish_entries(link, found, settling)
        if first not in self._refused:
            self._barred.clear()
            self._refused.clear()
            self._last = 0

    async def _publish_entries(
        self, link: BrokerLink, entries: list[StoredEntry], settling: deque[tuple[float, int]]
    ) -> None:
        """Publish entries. Those that the broker refuses stay on disk, and hold up no others."""
        refused: dict[int, str] = {}
        messages = [_message(entry) for entry in entries]
        try:
            await link.publish_all(messages, refused)
        except LinkLost:
            if link.closed_at:
                self._suspect_one_of(link.closed_at, messages, refused)
            raise
        finally:
            self._keep_out(entries, messages, refused)
        taken = [entry.id for place, entry in enumerate(entries) if place not in refused]
        self._let_in(set(taken))
        if self._suspect[0] in {message.topic for place, message in enumerate(messages) if place not in refused}:
            self._suspect = "", 0
        settling.extend((time.monotonic() + self._hold, id_) for id_ in taken)
        await self._outbox.spare(taken)

    def _suspect_one_of(self, closed_at: list[str], messages: list[BrokerMessage], refused: dict[int, str]) -> None:
        """Find the topic for which the broker has closed the connection: its answer may be lost with it, or there is
        none. From now on each entry is under way alone, until one has left the disk."""
        self._window = 1
        self._barred |= {messages[place].topic for place in refused}
        topic = messages[0].topic
        if refused or len(messages) > 1 or closed_at != [topic]:
            return
        times = self._suspect[1] + 1 if self._suspect[0] == topic else 1
        self._suspect = topic, times
        if times >= _SUSPICIOUS:
            self._barred.add(topic)
            refused[0] = _CLOSES

    def _keep_out(self, entries: list[StoredEntry], messages: list[BrokerMessage], refused: dict[int, str]) -> None:
        if refused and not self._refused:
            self._try_refused = time.monotonic() + _REFUSED
        for place, reason in refused.items():
            self._refused[entries[place].id] = messages[place].topic
            self._ctx.warn(_WARNING, f"{messages[place].topic}: {reason}")

    def _let_in(self, ids: set[int]) -> None:
        for id_ in ids & self._refused.keys():
            del self._refused[id_]
        if not self._refused:
            self._ctx.clear(_WARNING)

    async def _wait_until(self, moment: float) -> None:
        """Wait for something new to publish, but not beyond `moment` of the monotonic clock."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(moment - time.monotonic()):
                await self._new.wait()

    async def _remove_settled(self, settling: deque[tuple[float, int]]) -> bool:
        """Take off the disk what has stood long enough; return whether there was any."""
        now, settled = time.monotonic(), []
        while settling and settling[0][0] <= now:
            settled.append(settling.popleft()[1])
        if settled:
            await self._outbox.put((), remove=settled)
            self._settled, self._hold = True, self._longest_hold
            self._window = min(2 * self._window, WINDOW)
        return bool(settled)


def _message(entry: StoredEntry) -> BrokerMessage:
    return BrokerMessage(*json.loads(entry.data))

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
"""Connections in a row that the broker closes while the same entry is under way alone, until that entry counts as
refused: EMQX closes them without an answer (`authorization.deny_action = disconnect`)."""
_WARNING = "refused-alerts"


class EntryPublisher:
    """Publishes the entries of the lane `lane`, each the JSON of a topic and a payload."""

    def __init__(self, outbox: Outbox, lane: str, ctx: Context[MqttSettings], settings: MqttSettings) -> None:
        self._outbox = outbox
        self._lane = lane
        self._ctx = ctx
        # No longer than a broker may be slow: what it had confirmed before that is settled when it is given up.
        self._longest_hold = min(float(settings.settle), float(settings.patience))
        self._hold = self._longest_hold
        """Seconds between the broker's confirmation of an entry and its end on disk."""
        self._settled = False
        """Whether something has left the disk on this connection."""
        self._last = 0  # id of the last entry that was looked at on this connection
        self._anew = False  # whether there may be earlier entries than the last
        self._window = WINDOW
        """Entries that are under way at once."""
        self._suspect = (0, 0)  # id of the entry that was under way alone when a connection was closed; how often
        self._refused: set[int] = set()  # ids of entries that the broker's access rules forbid
        self._try_refused = 0.0  # when one of them is published again, on the monotonic clock
        self._new = asyncio.Event()

    def note_new(self) -> None:
        """Publish what has been put in."""
        self._new.set()

    def look_anew(self) -> None:
        """Publish also entries that may have come before those that were published."""
        self._anew = True
        self._new.set()

    async def publish(self, link: BrokerLink) -> None:
        """Publish on one connection until it breaks. Raises `LinkLost`.

        An entry leaves the disk once the broker has it and the connection has stood for a while: Mosquitto confirms
        first and stores then, and loses what it has not stored when it is killed.
        """
        settling: deque[tuple[float, int]] = deque()  # when they leave the disk, and their ids
        try:
            await self._publish_all(link, settling)
        finally:  # what had its time goes also where the connection breaks
            settled = await self._remove_settled(settling)
            await self._outbox.need_all()  # what is left may have been lost with the connection
            if not settled and settling and not self._settled:
                self._hold /= 2  # else connections that are all shorter would bring the same for ever

    async def _publish_all(self, link: BrokerLink, settling: deque[tuple[float, int]]) -> None:
        self._settled = False
        self._last = 0
        while True:
            self._new.clear()
            if await self._publish_next(link, settling) or await self._remove_settled(settling):
                continue
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
        skipped = self._refused.union(id_ for _, id_ in settling)
        ahead = await self._outbox.peek(self._lane, now=time.time(), limit=WINDOW, after=self._last)
        found = [entry for entry in ahead if entry.id not in skipped][: self._window]
        if found:
            await self._publish_entries(link, found, settling)
            self._last = found[-1].id
        elif ahead:
            self._last = ahead[-1].id
        return bool(ahead)

    async def _publish_refused(self, link: BrokerLink, settling: deque[tuple[float, int]]) -> None:
        """Publish the first that was refused; the others too if it is taken."""
        first = min(self._refused)
        found = await self._outbox.peek(self._lane, now=time.time(), limit=1, after=first - 1)
        if not found or found[0].id != first:  # it has made room
            self._let_in({first})
            return
        self._try_refused = time.monotonic() + _REFUSED
        await self._publish_entries(link, found, settling)
        if first not in self._refused:
            self._refused.clear()
            self._last = 0

    async def _publish_entries(
        self, link: BrokerLink, entries: list[StoredEntry], settling: deque[tuple[float, int]]
    ) -> None:
        """Publish entries. Those that the broker refuses stay on disk, and hold up no others."""
        refused: dict[int, str] = {}
        messages = [BrokerMessage(*json.loads(entry.data)) for entry in entries]
        try:
            await link.publish_all(messages, refused)
        except LinkLost:
            if link.closed_by_broker:
                self._suspect_one_of(entries, messages, refused)
            raise
        finally:
            self._keep_out(entries, messages, refused)
        taken = [entry.id for place, entry in enumerate(entries) if place not in refused]
        self._let_in(set(taken))
        settling.extend((time.monotonic() + self._hold, id_) for id_ in taken)
        await self._outbox.spare(taken)

    def _suspect_one_of(
        self, entries: list[StoredEntry], messages: list[BrokerMessage], refused: dict[int, str]
    ) -> None:
        """Find the entry for which the broker has closed the connection: its answer may be lost with it, or there is
        none. From now on each is under way alone, until one has left the disk."""
        self._window = 1
        if len(entries) > 1 or refused:
            return
        id_ = entries[0].id
        times = self._suspect[1] + 1 if self._suspect[0] == id_ else 1
        self._suspect = id_, times
        if times >= _SUSPICIOUS:
            refused[0] = "the broker closes the connection at this message: look at its access rules"

    def _keep_out(self, entries: list[StoredEntry], messages: list[BrokerMessage], refused: dict[int, str]) -> None:
        if refused and not self._refused:
            self._try_refused = time.monotonic() + _REFUSED
        for place, reason in refused.items():
            self._refused.add(entries[place].id)
            self._ctx.warn(_WARNING, f"{messages[place].topic}: {reason}")

    def _let_in(self, ids: set[int]) -> None:
        if self._suspect[0] in ids:
            self._suspect = 0, 0
        self._refused -= ids
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

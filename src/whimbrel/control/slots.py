"""The slots for clients of one socket, and their reassignment.

An idle client keeps its slot only while no other client needs it. Streams leave two slots for requests, so they
cannot lock out clients that look for the reason.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable

FOR_QUESTIONS = 2
"""Slots that no stream may take, if there are more."""


class ClientSlot:
    """A client's slot."""

    __slots__ = ("descriptor", "idle_since", "streams", "task")

    def __init__(self, task: asyncio.Task[None], descriptor: int, now: float) -> None:
        self.task = task
        self.descriptor = descriptor
        self.streams = False
        """Whether it follows events."""
        self.idle_since: float | None = now
        """Monotonic time since which it is idle; None while it is answered."""


class ClientSlots:
    """At most `limit` clients; `clock` returns monotonic seconds."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._taken: list[ClientSlot] = []

    def __len__(self) -> int:
        return len(self._taken)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """The tasks of all clients."""
        return [slot.task for slot in self._taken]

    def enter(self, task: asyncio.Task[None], descriptor: int) -> ClientSlot | None:
        """Give a client a slot: a free one, or that of the client that has been idle longest; None if all are busy."""
        if len(self._taken) >= self._limit:
            idle = [slot for slot in self._taken if slot.idle_since is not None]
            if not idle:
                return None
            longest = min(idle, key=lambda slot: slot.idle_since or 0.0)
            longest.task.cancel()
            self.leave(longest)
        slot = ClientSlot(task, descriptor, self._clock())
        self._taken.append(slot)
        return slot

    def leave(self, slot: ClientSlot) -> None:
        """Free a slot. Idempotent."""
        if slot in self._taken:
            self._taken.remove(slot)

    def hung_up(self) -> list[ClientSlot]:
        """Return the clients that are being answered and have closed both sides; after closing one side, a client still
        listens."""
        poller = select.poll()
        busy = {slot.descriptor: slot for slot in self._taken if slot.idle_since is None and not slot.streams}
        for descriptor in busy:
            poller.register(descriptor, 0)
        return [busy[descriptor] for descriptor, mask in poller.poll(0) if mask & (select.POLLHUP | select.POLLERR)]

    def begin(self, slot: ClientSlot) -> None:
        """Note that a client is being answered."""
        slot.idle_since = None

    def rest(self, slot: ClientSlot) -> None:
        """Note that a client has its answer."""
        slot.idle_since = self._clock()

    def stream(self, slot: ClientSlot) -> bool:
        """Let a client follow events; return False if too many do."""
        streaming = sum(each.streams for each in self._taken)
        if streaming >= max(self._limit - FOR_QUESTIONS, 1):
            return False
        slot.streams = True
        slot.idle_since = None
        return True

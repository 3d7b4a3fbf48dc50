"""The places for clients of one socket, and their reassignment.

An idle client keeps its place only while no other client needs it. Streams leave two places for requests, so they
cannot lock out clients that look for the reason.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable

FOR_QUESTIONS = 2
"""Places that no stream may take, if there are more."""


class Place:
    """A client's place."""

    __slots__ = ("descriptor", "idle_since", "streams", "task")

    def __init__(self, task: asyncio.Task[None], descriptor: int, now: float) -> None:
        self.task = task
        self.descriptor = descriptor
        self.streams = False
        """Whether it follows events."""
        self.idle_since: float | None = now
        """Monotonic time since which it is idle; None while it is answered."""


class Places:
    """At most `limit` clients; `clock` returns monotonic seconds."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._taken: list[Place] = []

    def __len__(self) -> int:
        return len(self._taken)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """The tasks of all clients."""
        return [place.task for place in self._taken]

    def enter(self, task: asyncio.Task[None], descriptor: int) -> Place | None:
        """Give a client a place: a free one, or that of the client that has been idle longest; None if all are busy."""
        if len(self._taken) >= self._limit:
            idle = [place for place in self._taken if place.idle_since is not None]
            if not idle:
                return None
            longest = min(idle, key=lambda place: place.idle_since or 0.0)
            longest.task.cancel()
            self.leave(longest)
        place = Place(task, descriptor, self._clock())
        self._taken.append(place)
        return place

    def leave(self, place: Place) -> None:
        """Free a place. Idempotent."""
        if place in self._taken:
            self._taken.remove(place)

    def hung_up(self) -> list[Place]:
        """Return the clients that are being answered and have closed both sides; after closing one side, a client still
        listens."""
        poller = select.poll()
        busy = {place.descriptor: place for place in self._taken if place.idle_since is None and not place.streams}
        for descriptor in busy:
            poller.register(descriptor, 0)
        return [busy[descriptor] for descriptor, mask in poller.poll(0) if mask & (select.POLLHUP | select.POLLERR)]

    def begin(self, place: Place) -> None:
        """Note that a client is being answered."""
        place.idle_since = None

    def rest(self, place: Place) -> None:
        """Note that a client has its answer."""
        place.idle_since = self._clock()

    def stream(self, place: Place) -> bool:
        """Let a client follow events; return False if too many do."""
        streaming = sum(each.streams for each in self._taken)
        if streaming >= max(self._limit - FOR_QUESTIONS, 1):
            return False
        place.streams = True
        place.idle_since = None
        return True

"""One listener's place in the stream of events, and the ring of recent ones that listeners with one interest share."""

from __future__ import annotations

import asyncio
import enum
import sys
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from whimbrel.errors import WhimbrelError
from whimbrel.events.base import Event


class Policy(enum.Enum):
    """What happens to a listener that has as many events waiting as its capacity allows."""

    DROP_OLDEST = "drop-oldest"
    """Its oldest events go; the next thing it reads is `Lagged`, in their place."""
    LATEST = "latest"
    """It only ever sees the newest event; what it missed is counted and not mentioned."""
    FAIL = "fail"
    """Its next read raises `Overrun`, and the subscription is over."""


class Lagged(NamedTuple):
    """Read in place of events that this listener was too slow for."""

    lost: int


class Closed(WhimbrelError, EOFError):
    """The end of a subscription: everything that was sent before the close has been read."""


class Overrun(WhimbrelError):
    """A listener with `Policy.FAIL` fell behind by more than its capacity and was ended."""


class SubscriptionStats(NamedTuple):
    """What became of the events that one subscription was offered: sent = delivered + lost + waiting."""

    reader: str
    kinds: tuple[str, ...]
    policy: Policy
    capacity: int
    sent: int
    delivered: int
    lost: int
    waiting: int
    peak: int


class Ring:
    """The recent events that match one interest, with a running index; what every reader has read goes."""

    __slots__ = ("asleep", "base", "caught_up", "exclude", "items", "keep", "kinds", "readers", "trim_at")

    def __init__(self, kinds: tuple[type, ...], exclude: str | None = None) -> None:
        self.kinds = kinds
        self.exclude = exclude  # the source whose events stay out
        self.items: list[Event] = []
        self.base = 0  # running index of items[0]
        self.readers: list[Subscription] = []
        self.asleep: list[asyncio.Future[None]] = []
        self.caught_up = 0  # readers that have read everything since the last event
        self.keep = 0
        self.trim_at = 0

    @property
    def end(self) -> int:
        """The index that the next event will have."""
        return self.base + len(self.items)

    def copy(self, exclude: str | None) -> Ring:
        """Return a ring without readers that holds the same events under the same indexes."""
        ring = Ring(self.kinds, exclude)
        ring.base = self.base
        ring.items = self.items.copy()
        return ring

    def set_readers(self, readers: list[Subscription]) -> None:
        """Serve exactly these readers, and keep as much as the one with the largest capacity may still read."""
        self.readers = readers
        self.caught_up = 0
        self.keep = max((reader.capacity for reader in readers), default=0)
        # Trimming at twice what must be kept makes its cost per event constant.
        self.trim_at = 2 * self.keep + 64

    def trim(self) -> None:
        """Let go of what no reader may read any more."""
        surplus = len(self.items) - self.keep
        del self.items[:surplus]
        self.base += surplus

    def reached_end(self) -> None:
        """Note that one more reader has read everything; let the events go after the last."""
        self.caught_up += 1
        if self.caught_up == len(self.readers):
            self.base += len(self.items)
            self.items.clear()

    def wake(self) -> None:
        """Wake every reader that waits."""
        asleep, self.asleep = self.asleep, []
        for waiter in asleep:
            if not waiter.done():
                waiter.set_result(None)


class Subscription:
    """One listener's place in the stream of the events it asked for. Made by `Bus.subscribe`; read by one task.

    Iterate over it, or use `read` for one and `read_all` for everything that waits. It ends (iteration stops, reads
    raise `Closed`) once it or the bus was closed and what was sent before has been read.
    """

    def __init__(
        self,
        reader: str,
        ring: Ring,
        *,
        capacity: int,
        policy: Policy,
        own: bool,
        detach: Callable[[Subscription], None],
    ) -> None:
        self.reader = reader
        self.capacity = capacity
        self.policy = policy
        self.own = own
        self.closed = False
        self._detach = detach
        self._ring = ring
        self._next = self._first = ring.end
        self._bound = 1 if policy is Policy.LATEST else capacity
        self._waiter: asyncio.Future[None] | None = None
        self._delivered = 0
        self._lost = 0
        self._peak = 0

    def __repr__(self) -> str:
        """Show who reads what."""
        kinds = ", ".join(kind.__name__ for kind in self._ring.kinds)
        return f"<Subscription of {self.reader} to {kinds}>"

    async def read(self) -> Event | Lagged:
        """Return the next event, or `Lagged` in place of lost ones; waits for one. Raises `Closed` or `Overrun`."""
        while not (taken := self._take(1)):
            await self._wait()
        return taken[0]

    async def read_all(self) -> list[Event | Lagged]:
        """Return everything that waits, at least one; waits for it. Raises `Closed` or `Overrun`."""
        while not (taken := self._take(sys.maxsize)):
            await self._wait()
        return taken

    def read_waiting(self) -> list[Event | Lagged]:
        """Return everything that waits, perhaps nothing; never waits. Raises `Closed` or `Overrun`."""
        return self._take(sys.maxsize)

    def __aiter__(self) -> AsyncIterator[Event | Lagged]:
        """Iterate until the subscription ends."""
        return self

    async def __anext__(self) -> Event | Lagged:
        """Return the next event as `read` does; a closed subscription ends the iteration."""
        try:
            return await self.read()
        except Closed:
            raise StopAsyncIteration from None

    def close(self) -> None:
        """Take no more events; what waits can still be read. Idempotent."""
        if not self.closed:
            self.closed = True
            self._detach(self)
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)

    @property
    def waiting(self) -> int:
        """How many events it can still read."""
        return min(self._ring.end - self._next, self._bound)

    @property
    def stats(self) -> SubscriptionStats:
        """What was sent to this listener and what became of it."""
        behind = self._ring.end - self._next
        waiting = self.waiting
        return SubscriptionStats(
            reader=self.reader,
            kinds=tuple(kind.__name__ for kind in self._ring.kinds),
            policy=self.policy,
            capacity=self.capacity,
            sent=self._ring.end - self._first,
            delivered=self._delivered,
            lost=self._lost + behind - waiting,
            waiting=waiting,
            peak=max(self._peak, waiting),
        )

    def _take(self, limit: int) -> list[Event | Lagged]:
        """Take what waits, at most `limit` events or a `Lagged` alone. Raises `Closed` or `Overrun`."""
        ring = self._ring
        items = ring.items
        first = self._next - ring.base
        behind = len(items) - first
        if not behind:
            if self.closed:
                raise Closed
            return []
        if behind > self._bound:
            if lagged := self._skip(behind):
                return lagged
            first = len(items) - self._bound
        elif behind > self._peak:
            self._peak = behind
        taken = items[first : first + limit]
        self._delivered += len(taken)
        self._next += len(taken)
        if first + limit >= len(items):
            ring.reached_end()
        return taken  # type: ignore[return-value]  # list is invariant; nobody else holds this one

    def _skip(self, behind: int) -> list[Event | Lagged]:
        """Give up what exceeds the bound, as the policy says; return what the listener is to read of it."""
        self._peak = self._bound
        if self.policy is Policy.FAIL:
            self._lost += behind
            self._next += behind
            self.close()
            raise Overrun(f"{self.reader} fell more than {self.capacity} events behind and was ended")
        lost = behind - self._bound
        self._lost += lost
        self._next += lost
        return [Lagged(lost)] if self.policy is Policy.DROP_OLDEST else []

    def _wait(self) -> asyncio.Future[None]:
        """Return what is done once there may be something to read; the reading task awaits it at once."""
        if self._waiter is not None and not self._waiter.done():
            raise RuntimeError(f"{self!r} is already being read by another task")
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        ring = self._ring
        if len(ring.asleep) >= len(ring.readers):
            # Reads that were given up, as those with a time limit are, must not pile up while nothing is sent.
            ring.asleep = [other for other in ring.asleep if not other.done()]
        ring.asleep.append(waiter)
        return waiter

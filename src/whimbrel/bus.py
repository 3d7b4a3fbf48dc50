"""The broadcast bus: every module may publish, every module may listen, nobody knows anybody.

Listeners with the same interest share one ring of events and each keeps its own place in it, as readers of
``tokio::sync::broadcast`` do, so publishing costs the same for one listener and for sixteen. A listener's bound, policy
and counts are its own: one that is too slow loses only its own events, is told how many, and slows nobody.

Everything here belongs to the event loop's thread; other threads come in through `whimbrel.door`.
"""

from __future__ import annotations

import asyncio
import enum
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import NamedTuple

from whimbrel.events.base import Event
from whimbrel.ring import Ring

DEFAULT_CAPACITY = 1024
_new_event = tuple.__new__


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


class Closed(Exception):
    """The end of a subscription: everything that was sent before the close has been read."""


class Overrun(Exception):
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


class Sender:
    """One module's way onto the bus. Made by `Bus.sender`."""

    __slots__ = ("_bus", "_routes", "name")

    def __init__(self, bus: Bus, name: str) -> None:
        self.name = name
        self._bus = bus
        self._routes: dict[type, tuple[Ring, ...] | None] = {}

    def publish(self, body: object, at: float | None = None) -> Event:
        """Send `body` to everyone who asked for its class; never waits, never raises because of a listener.

        `at` is when it happened, in seconds since the epoch; without it, now. After `Bus.close` the event is stamped
        and goes nowhere.
        """
        bus = self._bus
        kind = body.__class__
        route = self._routes.get(kind)
        if route is None:
            route = bus._resolve(self, kind)
        bus.seq = seq = bus.seq + 1
        event: Event = _new_event(Event, (seq, bus.clock() if at is None else at, self.name, body))
        bus._latest[kind] = event
        for ring in route:
            items = ring.items
            items.append(event)
            ring.caught_up = 0
            if len(items) > ring.trim_at:
                ring.trim()
            if ring.asleep:
                ring.wake()
        return event

    def retire(self) -> None:
        """Give this way onto the bus up; nothing is published through it again. Idempotent."""
        if self in self._bus._senders:
            self._bus._senders.remove(self)


class Subscription:
    """One listener's place in the stream of the events it asked for. Made by `Bus.subscribe`; read by one task.

    Iterate over it, or use `read` for one and `read_all` for everything that waits. It ends (iteration stops, reads
    raise `Closed`) once it or the bus was closed and what was sent before has been read.
    """

    def __init__(self, bus: Bus, reader: str, ring: Ring, *, capacity: int, policy: Policy, own: bool) -> None:
        self.reader = reader
        self.capacity = capacity
        self.policy = policy
        self.own = own
        self.closed = False
        self._bus = bus
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
            self._bus._detach(self)
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)

    @property
    def stats(self) -> SubscriptionStats:
        """What was sent to this listener and what became of it."""
        behind = self._ring.end - self._next
        waiting = min(behind, self._bound)
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


class Bus:
    """The events of one daemon. `clock` gives seconds since the epoch; `capacity` is for who names none."""

    def __init__(self, *, clock: Callable[[], float] = time.time, capacity: int = DEFAULT_CAPACITY) -> None:
        self.clock = clock
        self.capacity = capacity
        self.seq = 0
        self.closed = False
        self._latest: dict[type, Event] = {}
        self._senders: list[Sender] = []
        self._rings: list[Ring] = []

    def sender(self, name: str) -> Sender:
        """Return a way to publish as `name`."""
        sender = Sender(self, name)
        self._senders.append(sender)
        return sender

    def subscribe(
        self,
        *kinds: type,
        reader: str,
        capacity: int | None = None,
        policy: Policy = Policy.DROP_OLDEST,
        own: bool = False,
    ) -> Subscription:
        """Listen to bodies of `kinds` and their subclasses, to all where none is named, from now on.

        `reader` names the module that listens; what it publishes itself is left out unless `own`. Raises ValueError
        for a capacity below 1.
        """
        bound = self.capacity if capacity is None else capacity
        if bound < 1:
            raise ValueError(f"capacity of a subscription of {reader}: {bound}, expected at least 1")
        exclude = None if own or not self._publishes(reader, kinds) else reader
        ring = self._ring(kinds or (object,), exclude)
        sub = Subscription(self, reader, ring, capacity=bound, policy=policy, own=own)
        ring.set_readers([*ring.readers, sub])
        if self.closed:
            sub.close()
        return sub

    def latest(self, kind: type) -> Event | None:
        """Return the newest event whose body is of exactly this class, for who came late; None before the first."""
        return self._latest.get(kind)

    def subscriptions(self) -> list[Subscription]:
        """Return every open subscription; its `stats` tell what became of the events."""
        return [sub for ring in self._rings for sub in ring.readers]

    def wanted(self, kind: type) -> bool:
        """Tell whether anybody listens to bodies of class `kind`."""
        return any(issubclass(kind, ring.kinds) for ring in self._rings)

    def is_taken(self, kind: type) -> bool:
        """Tell whether anybody asked for `kind` by its name: a command that is only written down is done by nobody."""
        return any(kind in ring.kinds for ring in self._rings)

    def backlog(self, kind: type) -> int:
        """Return how many events wait for the slowest of those who listen to `kind`."""
        return max(
            (sub.stats.waiting for ring in self._rings if issubclass(kind, ring.kinds) for sub in ring.readers),
            default=0,
        )

    def close(self) -> None:
        """Send nothing from now on; every listener can read what waits for it and then meets the end. Idempotent."""
        self.closed = True
        for ring in self._rings.copy():
            for sub in ring.readers.copy():
                sub.close()

    def _publishes(self, name: str, kinds: Iterable[type]) -> bool:
        """Tell whether `name` has ever published anything of `kinds`."""
        wanted = tuple(kinds) or (object,)
        return any(
            issubclass(kind, wanted) for sender in self._senders if sender.name == name for kind in sender._routes
        )

    def _ring(self, kinds: tuple[type, ...], exclude: str | None) -> Ring:
        for ring in self._rings:
            if ring.kinds == kinds and ring.exclude == exclude:
                return ring
        return self._add(Ring(kinds, exclude))

    def _add(self, ring: Ring) -> Ring:
        self._rings.append(ring)
        self._forget_routes()
        return ring

    def _forget_routes(self) -> None:
        # Kept as keys: they tell what a sender publishes.
        for sender in self._senders:
            sender._routes = dict.fromkeys(sender._routes)

    def _resolve(self, sender: Sender, kind: type) -> tuple[Ring, ...]:
        """Find the rings for what `sender` publishes of `kind`; first takes its own listeners out of shared rings."""
        for ring in self._rings.copy():
            if ring.exclude is None and issubclass(kind, ring.kinds):
                own = [sub for sub in ring.readers if sub.reader == sender.name and not sub.own]
                for sub in own:
                    self._split(sub, ring, sender.name)
        route = tuple(r for r in self._rings if issubclass(kind, r.kinds) and r.exclude != sender.name)
        sender._routes[kind] = route
        return route

    def _split(self, sub: Subscription, ring: Ring, exclude: str) -> None:
        """Move `sub` to a ring of its own that leaves out what `exclude` sends."""
        self._leave(sub)
        sub._ring = self._add(ring.copy(exclude))
        sub._ring.set_readers([sub])
        if sub._waiter is not None:
            sub._ring.asleep.append(sub._waiter)

    def _detach(self, sub: Subscription) -> None:
        """Leave a closing subscription with the events it can still read and nothing more."""
        ring = sub._ring
        self._leave(sub)
        sub._ring = ring.copy(ring.exclude)
        sub._ring.set_readers([sub])

    def _leave(self, sub: Subscription) -> None:
        ring = sub._ring
        ring.set_readers([other for other in ring.readers if other is not sub])
        if not ring.readers:
            self._rings.remove(ring)
            self._forget_routes()

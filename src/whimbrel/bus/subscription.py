"""A listener's position in the stream of events, and the ring of recent events that equal interests share."""

from __future__ import annotations

import asyncio
import enum
import sys
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple, Protocol

from whimbrel.errors import WhimbrelError
from whimbrel.events.base import Event
from whimbrel.rows import ListenerRow

_UNWEIGHED = 4
"""Events that may wait in a ring with a bound of memory before they are weighed."""


class Policy(enum.Enum):
    """The treatment of a listener whose waiting events have reached its capacity."""

    DROP_OLDEST = "drop-oldest"
    """The oldest events are dropped; the next read returns `Lagged` in their place."""
    LATEST = "latest"
    """The listener sees only the newest event; the missed ones are counted without a `Lagged`."""
    FAIL = "fail"
    """The next read raises `Overrun`, which ends the subscription."""


class Lagged(NamedTuple):
    """Read in place of events that the listener lost because it was too slow."""

    lost: int


class Closed(WhimbrelError, EOFError):
    """The subscription has ended: everything sent before the close has been read."""


class Overrun(WhimbrelError):
    """A listener with `Policy.FAIL` fell behind by more than its capacity, and its subscription was ended."""


Listener = Callable[[tuple[Event | Lagged, ...]], object]
"""A function that is called with what was sent."""


class Waiter(Protocol):
    """What is told that a ring has events: a future that a task awaits, or the caller of functions."""

    def done(self) -> bool:
        """Return whether it waits no more."""

    def set_result(self, result: None, /) -> object:
        """Note that there are events."""


class Ring:
    """The recent events that match one interest, with a running index; events read by all readers are removed."""

    __slots__ = (
        "asleep", "base", "calls", "caught_up", "exclude", "items", "keep", "kinds", "octets", "readers", "trim_at",
        "weights",
    )  # fmt: skip

    def __init__(self, kinds: tuple[type, ...], exclude: str | None = None) -> None:
        self.kinds = kinds
        self.exclude = exclude  # the source whose events are left out
        self.items: list[Event] = []
        self.base = 0  # running index of items[0]
        self.readers: list[Subscription] = []
        self.asleep: list[Waiter] = []
        self.calls: Calls | None = None  # of the readers that are functions
        self.caught_up = 0  # readers that have read everything since the last event
        self.keep = 0
        self.octets: int | None = None  # of memory that the events may take; None: only their number is bounded
        self.weights: list[int] = []  # of the first items
        self.trim_at = 0

    @property
    def end(self) -> int:
        """The index of the next event."""
        return self.base + len(self.items)

    def copy(self, exclude: str | None) -> Ring:
        """Return a ring without readers that holds the same events with the same indexes."""
        ring = Ring(self.kinds, exclude)
        ring.base = self.base
        ring.items = self.items.copy()
        ring.weights = self.weights.copy()
        return ring

    def set_readers(self, readers: list[Subscription]) -> None:
        """Serve exactly these readers, and keep as many events as the largest capacity, or memory, among them."""
        self.readers = readers
        self.caught_up = 0
        self.keep = max((reader.capacity for reader in readers), default=0)
        # Trimming some at a time makes the cost per event constant. Not at twice the length: what nobody can read any
        # more is still memory.
        self.trim_at = self.keep + self.keep // 8 + 64
        bounds = [reader.octets for reader in readers]
        self.octets = None if None in bounds else max(filter(None, bounds), default=None)
        if self.octets is not None:
            self.trim_at = min(self.trim_at, _UNWEIGHED)

    def trim(self) -> None:
        """Remove the events that no reader may read any more, or for which there is no memory."""
        items = self.items
        surplus = max(len(items) - self.keep, 0)
        if self.octets is not None:
            weights = self.weights
            weights += [event.body.memory() for event in items[len(weights) :]]
            too_much = sum(weights[surplus:]) - self.octets
            while too_much > 0 and surplus < len(items) - 1:  # the newest one is always kept
                too_much -= weights[surplus]
                surplus += 1
        del self.weights[:surplus]
        del items[:surplus]
        self.base += surplus

    def reached_end(self) -> None:
        """Count one more reader that has read everything; after the last one, remove the events."""
        self.caught_up += 1
        if self.caught_up == len(self.readers):
            self.base += len(self.items)
            self.items.clear()
            self.weights.clear()

    def call(self) -> None:
        """Have the functions among the readers called with what is sent."""
        if self.calls is None:
            self.calls = Calls(self)
            self.asleep.append(self.calls)

    def wake(self) -> None:
        """Wake every waiting reader."""
        asleep, self.asleep = self.asleep, []
        for waiter in asleep:
            if not waiter.done():
                waiter.set_result(None)


class Calls:
    """Calls the functions among the readers of one ring, all in one callback of the loop."""

    __slots__ = ("_loop", "_ring")

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._loop = asyncio.get_running_loop()

    def done(self) -> bool:
        """Return False: it waits as long as its ring lasts."""
        return False

    def set_result(self, _: None, /) -> None:
        """Note that there are events; the ring forgets this one until it has called."""
        self._loop.call_soon(self._call)

    def _call(self) -> None:
        ring = self._ring
        ring.asleep.append(self)  # first: what a listener sends is told in another iteration
        shared: tuple[Event | Lagged, ...] = ()
        at = -1
        for sub in [reader for reader in ring.readers if reader._listener is not None]:
            begin = sub._next
            taken = sub._take_whole(shared if begin == at else None)
            if begin != at and taken and isinstance(taken[0], Event):
                shared, at = taken, begin
            if taken and sub._listener is not None:
                try:
                    sub._listener(taken)
                except Exception as error:  # noqa: BLE001  # one listener must not end the others
                    message = f"a listener of {sub.reader} failed"
                    self._loop.call_exception_handler({"message": message, "exception": error})


class Subscription:
    """One listener's position in the stream of its events. Made by `Bus.subscribe`; read by one task.

    Iterate over it, or call `read` for one event and `read_all` for all waiting events. It ends (iteration stops, reads
    raise `Closed`) once it or the bus was closed and everything sent before has been read.
    """

    def __init__(
        self,
        reader: str,
        ring: Ring,
        *,
        capacity: int,
        octets: int | None = None,
        policy: Policy,
        own: bool,
        paces: bool,
        detach: Callable[[Subscription], None],
    ) -> None:
        self.reader = reader
        self.paces = paces
        self.capacity = capacity
        self.octets = octets
        self.policy = policy
        self.own = own
        self.closed = False
        self._detach = detach
        self._ring = ring
        self._next = self._first = ring.end
        self._bound = 1 if policy is Policy.LATEST else capacity
        self._waiter: asyncio.Future[None] | None = None
        self._listener: Listener | None = None
        self._delivered = 0
        self._lost = 0
        self._peak = 0

    def __repr__(self) -> str:
        kinds = ", ".join(kind.__name__ for kind in self._ring.kinds)
        return f"<Subscription of {self.reader} to {kinds}>"

    async def read(self) -> Event | Lagged:
        """Wait for the next event and return it, or `Lagged` in place of lost ones. Raises `Closed` or `Overrun`."""
        while not (taken := self._take(1)):
            await self._wait()
        return taken[0]

    async def read_all(self) -> list[Event | Lagged]:
        """Wait for at least one event, and return all waiting ones. Raises `Closed` or `Overrun`."""
        while not (taken := self._take(sys.maxsize)):
            await self._wait()
        return taken

    def read_waiting(self) -> list[Event | Lagged]:
        """Return all waiting events, possibly none, without waiting. Raises `Closed` or `Overrun`."""
        return self._take(sys.maxsize)

    def __aiter__(self) -> AsyncIterator[Event | Lagged]:
        """Iterate until the subscription ends."""
        return self

    async def __anext__(self) -> Event | Lagged:
        """Return the next event like `read`; a closed subscription ends the iteration."""
        try:
            return await self.read()
        except Closed:
            raise StopAsyncIteration from None

    def close(self) -> None:
        """Accept no more events; waiting events can still be read. Idempotent."""
        if not self.closed:
            self.closed = True
            self._detach(self)
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)

    @property
    def waiting(self) -> int:
        """The number of events that can still be read."""
        ring = self._ring
        return min(ring.end - self._next, self._bound, len(ring.items))

    @property
    def position(self) -> int:
        """The running index of the next event that it reads; it grows as the listener makes progress."""
        return self._next

    @property
    def stats(self) -> ListenerRow:
        """Counts of the events sent to this listener, delivered and lost."""
        behind = self._ring.end - self._next
        waiting = self.waiting
        return ListenerRow(
            reader=self.reader,
            kinds=tuple(kind.__name__ for kind in self._ring.kinds),
            policy=self.policy.value,
            capacity=self.capacity,
            sent=self._ring.end - self._first,
            delivered=self._delivered,
            lost=self._lost + behind - waiting,
            waiting=waiting,
            peak=max(self._peak, waiting),
        )

    def _take(self, limit: int) -> list[Event | Lagged]:
        """Take at most `limit` waiting events, or a single `Lagged`. Raises `Closed` or `Overrun`."""
        ring = self._ring
        items = ring.items
        first = self._next - ring.base
        behind = len(items) - first
        if not behind:
            if self.closed:
                raise Closed
            return []
        bound = min(self._bound, len(items))
        if behind > bound:
            if lagged := self._skip(behind, bound):
                return lagged
            first = len(items) - bound
        elif behind > self._peak:
            self._peak = behind
        taken = items[first : first + limit]
        self._delivered += len(taken)
        self._next += len(taken)
        if first + limit >= len(items):
            ring.reached_end()
        return taken  # type: ignore[return-value]  # list is invariant; nobody else holds this one

    def _take_whole(self, shared: tuple[Event | Lagged, ...] | None) -> tuple[Event | Lagged, ...]:
        """Take all waiting events, none after the end; `shared`: what another one has just taken from the same place,
        None if there is no such one."""
        ring = self._ring
        behind = ring.base + len(ring.items) - self._next
        if shared is not None and behind == len(shared) <= self._bound:
            if behind > self._peak:
                self._peak = behind
            self._delivered += behind
            self._next += behind
            if behind:
                ring.reached_end()
            return shared
        if not behind:
            return ()
        taken = self._take(sys.maxsize)
        if isinstance(taken[0], Lagged):
            taken += self._take(sys.maxsize)
        return tuple(taken)

    def _skip(self, behind: int, bound: int) -> list[Event | Lagged]:
        """Drop the events beyond the `bound` by the policy; return what the listener reads in their place."""
        self._peak = max(self._peak, bound)
        if self.policy is Policy.FAIL:
            self._lost += behind
            self._next += behind
            self.close()
            raise Overrun(f"{self.reader} fell more than {self.capacity} events behind and was ended")
        lost = behind - bound
        self._lost += lost
        self._next += lost
        return [Lagged(lost)] if self.policy is Policy.DROP_OLDEST else []

    def _wait(self) -> asyncio.Future[None]:
        """Return a future that is done once there may be something to read; the reading task awaits it at once."""
        if self._waiter is not None and not self._waiter.done():
            raise RuntimeError(f"{self!r} is already being read by another task")
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        ring = self._ring
        if len(ring.asleep) >= len(ring.readers):
            # Cancelled reads, for example those with a timeout, must not accumulate while nothing is sent.
            ring.asleep = [other for other in ring.asleep if not other.done()]
        ring.asleep.append(waiter)
        return waiter

"""The broadcast bus: every module may publish and listen, and no module knows another.

Listeners with the same interest share one ring of events, and each keeps its own position in it, like the readers of
``tokio::sync::broadcast``; so publishing costs the same for one listener and for sixteen. Each listener has its own
capacity, policy and counts: a slow listener loses only its own events, learns how many, and delays no other.

A listener is a task that reads its `Subscription`, or a function that is called with what was sent (`Bus.call`), which
costs a ring one callback of the loop for all of its functions.

Everything here belongs to the event loop's thread; other threads use `whimbrel.bus.door`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable

from whimbrel.bus.subscription import Listener, Policy, Ring, Subscription
from whimbrel.events.base import Event

DEFAULT_CAPACITY = 1024
_new_event = tuple.__new__


class Sender:
    """Publishes the events of one module. Made by `Bus.sender`."""

    __slots__ = ("_bus", "_latest", "_routes", "name")

    def __init__(self, bus: Bus, name: str) -> None:
        self.name = name
        self._bus = bus
        self._latest = bus._newest.setdefault(name, {})
        self._routes: dict[type, tuple[Ring, ...] | None] = {}

    def publish(self, body: object, at: float | None = None) -> Event:
        """Send `body` to every subscriber to its class. It never waits, and never raises because of a listener.

        `at` is the time of the event in seconds since the epoch, by default now. After `Bus.close` the event is stamped
        but not delivered.
        """
        bus = self._bus
        kind = body.__class__
        route = self._routes.get(kind)
        if route is None:
            route = bus._resolve(self, kind)
        bus.seq = seq = bus.seq + 1
        event: Event = _new_event(Event, (seq, bus.clock() if at is None else at, self.name, body))
        self._latest[kind] = event
        for ring in route:
            items = ring.items
            items.append(event)
            ring.caught_up = 0
            if len(items) > ring.trim_at:
                ring.trim()
            if ring.asleep:
                ring.wake()
        return event

    def publish_all(self, bodies: Iterable[object], at: float | None = None) -> int:
        """Send `bodies` in their order, like `publish` for each, and return how many there were.

        All have the same time. A ring takes those of one class that follow each other at once. `bodies` is run through
        before the first is sent: if that raises, none is; what it publishes itself comes first.
        """
        bodies = tuple(bodies)
        bus, name, routes = self._bus, self.name, self._routes
        time = bus.clock() if at is None else at
        seq = bus.seq
        bus.seq += len(bodies)
        kind: type = type(None)
        run: list[Event] = []
        for body in bodies:
            if body.__class__ is not kind:
                self._send(kind, run, routes)
                kind, run = body.__class__, []
            seq += 1
            run.append(_new_event(Event, (seq, time, name, body)))
        self._send(kind, run, routes)
        return len(bodies)

    def _send(self, kind: type, run: list[Event], routes: dict[type, tuple[Ring, ...] | None]) -> None:
        """Give the rings events of one class; nothing if there is none."""
        if not run:
            return
        route = routes.get(kind)
        if route is None:
            route = self._bus._resolve(self, kind)
        self._latest[kind] = run[-1]
        for ring in route:
            ring.items += run
            ring.caught_up = 0
            if len(ring.items) > ring.trim_at:
                ring.trim()
            if ring.asleep:
                ring.wake()

    def retire(self) -> None:
        """Release this sender; nothing may be published through it afterwards. Idempotent."""
        if self in self._bus._senders:
            self._bus._senders.remove(self)


class _CheckedSender(Sender):
    """Publishes what a module of another package makes, once it is known to be what its class says."""

    __slots__ = ()

    def publish(self, body: object, at: float | None = None) -> Event:
        """Do the same. Raises `whimbrel.events.checking.NonsenseError`."""
        from whimbrel.events.checking import check_body

        check_body(body, at)
        return super().publish(body, at)

    def publish_all(self, bodies: Iterable[object], at: float | None = None) -> int:
        """Do the same; none is sent if one of them is refused. Raises `whimbrel.events.checking.NonsenseError`."""
        from whimbrel.events.checking import check_body

        whole = tuple(bodies)
        for body in whole:
            check_body(body, at)
        return super().publish_all(whole, at)


class Bus:
    """The bus of one daemon. `clock` returns seconds since the epoch; `capacity` is the default of a subscription."""

    def __init__(self, *, clock: Callable[[], float] = time.time, capacity: int = DEFAULT_CAPACITY) -> None:
        self.clock = clock
        self.capacity = capacity
        self.seq = 0
        self.closed = False
        self.on_interest: Callable[[], None] = _nothing
        """Called whenever a subscription begins or ends, for a source that fetches only events with listeners."""
        self._newest: dict[str, dict[type, Event]] = {}  # by the name of the sender
        self._senders: list[Sender] = []
        self._rings: list[Ring] = []
        self._pacing: list[Subscription] = []

    def sender(self, name: str, *, checked: bool = False) -> Sender:
        """Return a sender that publishes as `name`; `checked`: bodies that no listener could use are refused."""
        sender = _CheckedSender(self, name) if checked else Sender(self, name)
        self._senders.append(sender)
        return sender

    def subscribe(
        self,
        *kinds: type,
        reader: str,
        capacity: int | None = None,
        octets: int | None = None,
        policy: Policy = Policy.DROP_OLDEST,
        own: bool = False,
        paces: bool = False,
    ) -> Subscription:
        """Subscribe to bodies of `kinds` and their subclasses, or to all if none is given, from now on.

        `octets` bounds the memory of what waits (`Body.memory`), beside its number; listeners that share a ring have
        the largest bound among them. `reader` is the name of the listening module; its own events are left out unless
        `own`. `paces`: a source that can wait does so while this listener is behind (`pacing`). Raises ValueError for a
        capacity below 1.
        """
        bound = self.capacity if capacity is None else capacity
        if bound < 1:
            raise ValueError(f"capacity of a subscription of {reader}: {bound}, expected at least 1")
        exclude = None if own or not self._publishes(reader, kinds) else reader
        ring = self._ring(kinds or (object,), exclude)
        sub = Subscription(
            reader, ring, capacity=bound, octets=octets, policy=policy, own=own, paces=paces, detach=self._detach
        )
        ring.set_readers([*ring.readers, sub])
        if paces:
            self._pacing.append(sub)
        if self.closed:
            sub.close()
        self.on_interest()
        return sub

    def call(
        self,
        listener: Listener,
        *kinds: type,
        reader: str,
        capacity: int | None = None,
        own: bool = False,
    ) -> Subscription:
        """Have a function called with what is sent of `kinds`, as in `subscribe`, by the running loop in its next
        iteration: a tuple of events, perhaps with a `Lagged` in place of lost ones. Equal listeners share the tuple.

        An exception goes to the loop's handler, and the listener remains. After the end of the returned subscription
        the function is called once more at most, with what was sent before.
        """
        sub = self.subscribe(*kinds, reader=reader, capacity=capacity, own=own)
        sub._listener = listener
        sub._ring.call()
        return sub

    def latest(self, kind: type) -> Event | None:
        """Return the newest event whose body is of exactly this class, for late subscribers; None before the first."""
        return max(self.latest_of_each(kind), default=None)

    def latest_of_each(self, kind: type) -> list[Event]:
        """Return the newest event whose body is of exactly this class of each module that sent one, in their order."""
        return sorted([event for newest in list(self._newest.values()) if (event := newest.get(kind)) is not None])

    def subscriptions(self) -> list[Subscription]:
        """Return every open subscription; its `stats` count delivered and lost events."""
        return [sub for ring in self._rings for sub in ring.readers]

    def wanted(self, kind: type, apart_from: Container[str] = ()) -> bool:
        """Return whether there is a listener to bodies of class `kind`, other than those of these names."""
        return any(
            issubclass(kind, ring.kinds) and any(sub.reader not in apart_from for sub in ring.readers)
            for ring in self._rings
        )

    def is_taken(self, kind: type) -> bool:
        """Return whether a listener subscribed to `kind` itself: one that logs all events executes no command."""
        return any(kind in ring.kinds for ring in self._rings)

    def backlog(self, kind: type) -> int:
        """Return the number of events waiting for the slowest listener to `kind`."""
        return max((sub.waiting for sub in self.subscriptions() if issubclass(kind, sub._ring.kinds)), default=0)

    def pacing(self, kind: type) -> list[Subscription]:
        """Return the listeners to `kind` that set the pace."""
        return [sub for sub in self._pacing if issubclass(kind, sub._ring.kinds)]

    def close(self) -> None:
        """Stop sending; every listener can read its waiting events and then reaches the end. Idempotent."""
        self.closed = True
        for ring in self._rings.copy():
            for sub in ring.readers.copy():
                sub.close()

    def _publishes(self, name: str, kinds: Iterable[type]) -> bool:
        """Return whether `name` has ever published a body of `kinds`."""
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
        # The keys are kept: they record what a sender publishes.
        for sender in self._senders:
            sender._routes = dict.fromkeys(sender._routes)

    def _resolve(self, sender: Sender, kind: type) -> tuple[Ring, ...]:
        """Return the rings for bodies of `kind` from `sender`; first move its own listeners out of shared rings."""
        for ring in self._rings.copy():
            if ring.exclude is None and issubclass(kind, ring.kinds):
                own = [sub for sub in ring.readers if sub.reader == sender.name and not sub.own]
                for sub in own:
                    self._split(sub, ring, sender.name)
        route = tuple(r for r in self._rings if issubclass(kind, r.kinds) and r.exclude != sender.name)
        sender._routes[kind] = route
        return route

    def _split(self, sub: Subscription, ring: Ring, exclude: str) -> None:
        """Move `sub` to a ring that leaves out the events of `exclude`."""
        self._leave(sub)
        sub._ring = self._add(ring.copy(exclude))
        sub._ring.set_readers([sub])
        if sub._waiter is not None:
            sub._ring.asleep.append(sub._waiter)
        self._call_on(sub)

    @staticmethod
    def _call_on(sub: Subscription) -> None:
        """Have the listener of `sub`, if it has one, called with what waits in its new ring, and with what comes."""
        if sub._listener is None:
            return
        sub._ring.call()
        if sub.waiting:
            sub._ring.wake()

    def _detach(self, sub: Subscription) -> None:
        """Remove a closing subscription from its ring; it keeps the events that it can still read."""
        ring = sub._ring
        if sub.paces:
            self._pacing.remove(sub)
        self._leave(sub)
        sub._ring = ring.copy(ring.exclude)
        sub._ring.set_readers([sub])
        self._call_on(sub)
        self.on_interest()

    def _leave(self, sub: Subscription) -> None:
        ring = sub._ring
        ring.set_readers([other for other in ring.readers if other is not sub])
        if not ring.readers:
            self._rings.remove(ring)
            self._forget_routes()


def _nothing() -> None:
    pass

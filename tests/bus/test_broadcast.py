"""The bus: order, routing, the three policies, closing, counting."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bus.bodies import LoudPing, Ping, Pong

from whimbrel.bus import Bus, Closed, Lagged, Overrun, Policy, Subscription
from whimbrel.events.base import Body, Event
from whimbrel.events.checking import NonsenseError
from whimbrel.events.interest import kinds_where
from whimbrel.testing import PATIENCE


def numbers(read: list[Event | Lagged]) -> list[int | Lagged]:
    return [item if isinstance(item, Lagged) else item.body.n for item in read]


def test_events_carry_one_total_order_the_source_and_the_time() -> None:
    bus = Bus(clock=lambda: 17.0)
    heard = bus.subscribe(reader="ear")
    bus.sender("a").publish(Ping(n=1))
    bus.sender("b").publish(Pong(n=2), at=3.5)
    assert heard.read_waiting() == [
        Event(seq=1, time=17.0, source="a", body=Ping(n=1)),
        Event(seq=2, time=3.5, source="b", body=Pong(n=2)),
    ]


def test_routing_is_by_class_and_reaches_subclasses() -> None:
    bus = Bus()
    pings, pongs, both = (
        bus.subscribe(Ping, reader="1"),
        bus.subscribe(Pong, reader="2"),
        bus.subscribe(Ping, Pong, reader="3"),
    )
    sender = bus.sender("s")
    for n, kind in enumerate((Ping, Pong, LoudPing)):
        sender.publish(kind(n=n))
    assert numbers(pings.read_waiting()) == [0, 2]
    assert numbers(pongs.read_waiting()) == [1]
    assert numbers(both.read_waiting()) == [0, 1, 2]


def test_a_module_does_not_hear_itself_unless_it_asks() -> None:
    bus = Bus()
    deaf = bus.subscribe(Ping, reader="me")
    keen = bus.subscribe(Ping, reader="me", own=True)
    other = bus.subscribe(Ping, reader="you")
    bus.sender("you").publish(Ping(n=0))
    me = bus.sender("me")
    me.publish(Ping(n=1))
    late = bus.subscribe(Ping, reader="me")
    me.publish(Ping(n=2))
    bus.sender("you").publish(Ping(n=3))
    assert numbers(deaf.read_waiting()) == [0, 3]
    assert numbers(keen.read_waiting()) == [0, 1, 2, 3]
    assert numbers(other.read_waiting()) == [1, 2]
    assert numbers(late.read_waiting()) == [3]


async def test_a_sleeping_reader_is_woken_even_when_its_ring_was_split() -> None:
    bus = Bus()
    me = bus.sender("me")
    heard = bus.subscribe(Ping, reader="me")
    reading = asyncio.create_task(heard.read())
    await asyncio.sleep(0)
    me.publish(Ping(n=1))
    bus.sender("you").publish(Ping(n=2))
    assert numbers([await asyncio.wait_for(reading, PATIENCE)]) == [2]


def test_drop_oldest_says_lagged_in_place() -> None:
    bus = Bus()
    slow = bus.subscribe(Ping, reader="slow", capacity=3)
    sender = bus.sender("s")
    for n in range(10):
        sender.publish(Ping(n=n))
    assert slow.read_waiting() == [Lagged(7)]
    assert numbers(slow.read_waiting()) == [7, 8, 9]
    sender.publish(Ping(n=10))
    assert numbers(slow.read_waiting()) == [10]
    assert slow.stats.as_dict() | {"kinds": ()} == {
        "reader": "slow", "kinds": (), "policy": "drop-oldest", "capacity": 3,
        "sent": 11, "delivered": 4, "lost": 7, "waiting": 0, "peak": 3,
    }  # fmt: skip


def test_latest_keeps_only_the_newest() -> None:
    bus = Bus()
    screen = bus.subscribe(Ping, reader="screen", policy=Policy.LATEST)
    sender = bus.sender("s")
    for n in range(5):
        sender.publish(Ping(n=n))
    assert numbers(screen.read_waiting()) == [4]
    assert screen.read_waiting() == []
    assert screen.stats.lost == 4


async def test_fail_ends_the_listener_with_an_error() -> None:
    bus = Bus()
    strict = bus.subscribe(Ping, reader="strict", capacity=2, policy=Policy.FAIL)
    other = bus.subscribe(Ping, reader="other")
    sender = bus.sender("s")
    for n in range(3):
        sender.publish(Ping(n=n))
    with pytest.raises(Overrun, match="strict fell more than 2 events behind"):
        await strict.read()
    with pytest.raises(Closed):
        await strict.read()
    assert strict.stats.lost == 3
    assert numbers(other.read_waiting()) == [0, 1, 2]


def test_one_slow_listener_costs_the_others_nothing() -> None:
    bus = Bus()
    slow = bus.subscribe(Ping, reader="slow", capacity=1)
    quick = bus.subscribe(Ping, reader="quick", capacity=1000)
    sender = bus.sender("s")
    for n in range(1000):
        sender.publish(Ping(n=n))
    assert numbers(quick.read_waiting()) == list(range(1000))
    assert slow.read_waiting() == [Lagged(999)]


async def test_close_lets_every_reader_drain() -> None:
    bus = Bus()
    heard = bus.subscribe(Ping, reader="ear")
    sender = bus.sender("s")
    sender.publish(Ping(n=1))
    bus.close()
    sender.publish(Ping(n=2))
    assert numbers([event async for event in heard]) == [1]
    with pytest.raises(Closed):
        await heard.read_all()
    with pytest.raises(Closed):
        await bus.subscribe(Ping, reader="late").read()


async def test_close_ends_a_reader_that_waits() -> None:
    heard = Bus().subscribe(Ping, reader="ear")
    reading = asyncio.create_task(heard.read())
    await asyncio.sleep(0)
    heard.close()
    with pytest.raises(Closed):
        await asyncio.wait_for(reading, PATIENCE)


async def test_a_cancelled_read_loses_nothing() -> None:
    bus = Bus()
    heard = bus.subscribe(Ping, reader="ear")
    reading = asyncio.create_task(heard.read())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    bus.sender("s").publish(Ping(n=1))
    assert numbers([await heard.read()]) == [1]


async def test_reads_that_were_given_up_do_not_pile_up() -> None:
    bus = Bus()
    readers = [bus.subscribe(Ping, reader=str(n)) for n in range(3)]
    for _ in range(50):
        reads = [asyncio.create_task(reader.read()) for reader in readers]
        await asyncio.sleep(0)
        for read in reads:
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)
    assert len(readers[0]._ring.asleep) <= 3


async def test_two_tasks_cannot_read_one_subscription() -> None:
    heard = Bus().subscribe(Ping, reader="ear")
    reading = asyncio.create_task(heard.read())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="already being read"):
        await heard.read()
    heard.close()
    await asyncio.gather(reading, return_exceptions=True)


def test_latest_answers_who_comes_late() -> None:
    bus = Bus()
    assert bus.latest(Ping) is None
    sender = bus.sender("s")
    sender.publish(Ping(n=1))
    sender.publish(LoudPing(n=2))
    newest = bus.latest(Ping)
    assert newest is not None
    assert newest.body == Ping(n=1)


def test_a_capacity_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        Bus().subscribe(Ping, reader="ear", capacity=0)


def test_what_everyone_has_read_is_let_go() -> None:
    bus = Bus()
    readers = [bus.subscribe(Ping, reader=str(n), capacity=4) for n in range(3)]
    sender = bus.sender("s")
    for n in range(3):
        sender.publish(Ping(n=n))
    for reader in readers:
        reader.read_waiting()
    assert readers[0]._ring.items == []
    for n in range(10_000):
        sender.publish(Ping(n=n))
    assert len(readers[0]._ring.items) <= 2 * 4 + 64


class Model:
    """A model of one subscription, slow and obvious."""

    def __init__(self, kinds: tuple[type, ...], reader: str, capacity: int, policy: Policy, own: bool) -> None:
        self.kinds, self.reader, self.policy, self.own = kinds, reader, policy, own
        self.capacity = 1 if policy is Policy.LATEST else capacity
        self.queue: deque[Event] = deque()
        self.lagged = self.lost = self.delivered = self.sent = 0
        self.overrun = self.closed = False

    def offer(self, event: Event) -> None:
        if self.closed or not isinstance(event.body, self.kinds) or (event.source == self.reader and not self.own):
            return
        self.sent += 1
        self.queue.append(event)
        if len(self.queue) > self.capacity:
            if self.policy is Policy.FAIL:
                self.overrun = True
            else:
                self.queue.popleft()
                self.lagged += 1

    def read(self, limit: int) -> list[Event | Lagged] | str:
        if self.overrun:
            self.lost += len(self.queue)
            self.queue.clear()
            self.overrun, self.closed = False, True
            return "overrun"
        if self.lagged:
            self.lost += self.lagged
            lagged, self.lagged = self.lagged, 0
            if self.policy is Policy.DROP_OLDEST:
                return [Lagged(lagged)]
        if not self.queue:
            return "closed" if self.closed else []
        taken = [self.queue.popleft() for _ in range(min(limit, len(self.queue)))]
        self.delivered += len(taken)
        return list(taken)


ACTIONS = st.one_of(
    st.tuples(st.just("publish"), st.sampled_from("abc"), st.sampled_from([Ping, LoudPing, Pong])),
    st.tuples(st.just("publish all"), st.sampled_from("abc"), st.lists(st.sampled_from([Ping, LoudPing, Pong]))),
    st.tuples(st.just("read"), st.integers(0, 9), st.sampled_from([1, 2, 1000])),
    st.tuples(
        st.just("subscribe"),
        st.sampled_from([(Ping,), (Pong,), (Ping, Pong), (LoudPing,), (object,)]),
        st.tuples(st.sampled_from("abcd"), st.integers(1, 5), st.sampled_from(Policy), st.booleans()),
    ),
    st.tuples(st.just("close"), st.integers(0, 9), st.none()),
    st.tuples(st.just("retire"), st.sampled_from("abc"), st.none()),
)


@given(st.lists(ACTIONS, max_size=120))
def test_any_history_matches_the_obvious_model(actions: list[tuple[str, Any, Any]]) -> None:
    bus = Bus(clock=lambda: 0.0)
    senders = {name: bus.sender(name) for name in "abc"}
    pairs: list[tuple[Subscription, Model]] = []
    for action, first, second in actions:
        if action == "publish":
            event = senders[first].publish(second(n=bus.seq))
            for _, model in pairs:
                model.offer(event)
        elif action == "publish all":
            bodies = [kind(n=n) for n, kind in enumerate(second)]
            events = [Event(bus.seq + n, 0.0, first, body) for n, body in enumerate(bodies, 1)]
            assert senders[first].publish_all(bodies) == len(bodies)
            for event, (_, model) in itertools.product(events, pairs):
                model.offer(event)
        elif action == "subscribe":
            reader, capacity, policy, own = second
            sub = bus.subscribe(*first, reader=reader, capacity=capacity, policy=policy, own=own)
            pairs.append((sub, Model(first, reader, capacity, policy, own)))
        elif action == "retire":
            senders[first].retire()
            senders[first] = bus.sender(first)
        elif pairs:
            sub, model = pairs[first % len(pairs)]
            if action == "close":
                sub.close()
                model.closed = True
            else:
                assert outcome(sub, second) == model.read(second)
    for sub, model in pairs:
        stats = sub.stats
        assert (stats.sent, stats.delivered) == (model.sent, model.delivered)
        assert stats.sent == stats.delivered + stats.lost + stats.waiting


def outcome(sub: Subscription, limit: int) -> list[Event | Lagged] | str:
    try:
        return sub._take(limit)
    except Closed:
        return "closed"
    except Overrun:
        return "overrun"


def test_a_kind_is_taken_by_who_names_it_and_not_by_who_hears_everything() -> None:
    bus = Bus()
    bus.subscribe(reader="logger")
    bus.subscribe(kinds_where("written", lambda _kind: True), reader="logger")
    assert bus.wanted(Ping)
    assert not bus.is_taken(Ping)
    sub = bus.subscribe(Ping, reader="sniffer")
    assert bus.is_taken(Ping)
    sub.close()
    assert not bus.is_taken(Ping)


def test_a_source_is_told_when_what_is_listened_to_changes() -> None:
    bus = Bus()
    calls: list[bool] = []
    bus.on_interest = lambda: calls.append(bus.wanted(Ping, apart_from={"logger"}))
    log = bus.subscribe(Ping, reader="logger")
    assert calls == [False]
    assert bus.wanted(Ping)
    page = bus.subscribe(Ping, reader="page")
    assert calls == [False, True]
    page.close()
    assert calls == [False, True, False]
    log.close()
    assert not bus.wanted(Ping)


def test_the_backlog_is_that_of_the_slowest_or_of_those_that_set_the_pace() -> None:
    bus = Bus()
    sender = bus.sender("sniffer")
    assert bus.backlog(Body) == 0
    bus.subscribe(reader="slow")
    pacing = bus.subscribe(reader="watcher", paces=True)
    for _ in range(3):
        sender.publish(Body())
    assert bus.pacing(Ping) == [pacing]
    assert (bus.backlog(Body), pacing.waiting, pacing.position) == (3, 3, 0)
    pacing.read_waiting()
    assert (bus.backlog(Body), pacing.waiting, pacing.position) == (3, 0, 3)


class Heavy(Body):
    n: int
    octets: int = 100

    def memory(self) -> int:
        return self.octets


def test_what_waits_is_bounded_in_memory_too_and_the_loss_is_told_in_its_place() -> None:
    bus = Bus()
    sender = bus.sender("sniffer")
    slow = bus.subscribe(Heavy, reader="watcher", capacity=256, octets=5000)
    for n in range(100):
        sender.publish(Heavy(n=n))
    assert sum(event.body.octets for event in slow._ring.items) == 5000
    stats = slow.stats
    assert (stats.sent, stats.lost, stats.waiting) == (100, 50, 50)
    assert numbers(slow.read_waiting()) == [Lagged(50)]
    assert numbers(slow.read_waiting()) == list(range(50, 100))
    sender.publish(Heavy(n=100, octets=50_000))
    assert numbers(slow.read_waiting()) == [100], "one that is too large is delivered all the same"


def test_listeners_with_one_interest_have_the_memory_of_the_most_generous() -> None:
    bus = Bus()
    sender = bus.sender("sniffer")
    bus.subscribe(Heavy, reader="watcher", octets=1000)
    recorder = bus.subscribe(Heavy, reader="recorder", octets=3000)
    for n in range(100):
        sender.publish(Heavy(n=n))
    assert recorder.waiting == 30
    bus.subscribe(Heavy, reader="other")
    for n in range(100):
        sender.publish(Heavy(n=n))
    assert recorder.waiting == 130, "one that names no bound has none but its capacity"


@given(st.lists(st.one_of(st.integers(0, 2000), st.sampled_from(["read", "all"])), max_size=200))
def test_every_event_is_delivered_waits_or_is_counted_as_lost(actions: list[int | str]) -> None:
    bus = Bus()
    sender = bus.sender("sniffer")
    slow = bus.subscribe(Heavy, reader="watcher", capacity=20, octets=5000)
    quick = bus.subscribe(Heavy, reader="recorder", capacity=40, octets=5000)
    told = {slow: 0, quick: 0}
    last = {slow: -1, quick: -1}
    sent = 0
    for action in actions:
        if isinstance(action, int):
            sender.publish(Heavy(n=sent, octets=action))
            sent += 1
        else:
            sub = slow if action == "read" else quick
            for item in sub._take(1 if action == "read" else 1000):
                if isinstance(item, Lagged):
                    told[sub] += item.lost
                    last[sub] += item.lost
                else:
                    assert item.body.n == last[sub] + 1
                    last[sub] += 1
        for sub, known in told.items():
            stats = sub.stats
            assert stats.sent == sent == stats.delivered + stats.lost + stats.waiting
            assert stats.lost >= known
            assert stats.waiting <= sub.capacity


def test_events_that_nobody_can_read_any_more_are_let_go() -> None:
    bus = Bus()
    sender = bus.sender("s")
    slow = bus.subscribe(Ping, reader="slow", capacity=1000)
    for n in range(5000):
        sender.publish(Ping(n=n))
        assert len(slow._ring.items) <= 1000 + 125 + 64


def test_a_checked_sender_sends_nothing_of_what_holds_nonsense() -> None:
    bus = Bus()
    heard = bus.subscribe(Ping, reader="ear")
    sender = bus.sender("plugin", checked=True)
    with pytest.raises(NonsenseError):
        sender.publish_all([Ping(n=1), Ping(n="two")])  # type: ignore[arg-type]
    assert heard.read_waiting() == []
    assert sender.publish_all([Ping(n=1), Ping(n=2)]) == 2
    assert numbers(heard.read_waiting()) == [1, 2]


async def test_bodies_that_raise_or_publish_while_they_are_made_repeat_no_number() -> None:
    bus = Bus()
    heard = bus.subscribe(reader="ear")
    sender = bus.sender("s")

    def publishing() -> Iterator[Body]:
        yield Ping(n=2)
        sender.publish(Pong(n=1))
        yield Ping(n=3)

    def raising() -> Iterator[Body]:
        yield Ping(n=-1)
        yield Pong(n=-1)
        raise EOFError

    assert sender.publish_all(publishing()) == 2
    with pytest.raises(EOFError):
        sender.publish_all(raising())
    sender.publish(Ping(n=4))
    assert [(event.seq, event.body.n) for event in heard.read_waiting() if isinstance(event, Event)] == [
        (1, 1), (2, 2), (3, 3), (4, 4),
    ]  # fmt: skip


def test_weights_stay_those_of_their_events_while_one_listener_has_no_bound() -> None:
    bus = Bus()
    sender = bus.sender("sniffer")
    slow = bus.subscribe(Heavy, reader="watcher", capacity=20, octets=5000)
    for _ in range(10):
        sender.publish(Heavy(n=0, octets=490))
    free = bus.subscribe(Heavy, reader="other", capacity=20)
    ring = slow._ring
    while not ring.base:  # until it is trimmed
        sender.publish(Heavy(n=0, octets=100))
    free.close()
    sender.publish(Heavy(n=0, octets=100))
    assert ring.weights == [event.body.octets for event in ring.items[: len(ring.weights)]]
    assert slow.waiting == 20


def test_a_handful_of_large_events_is_bounded_too() -> None:
    bus = Bus()
    sender = bus.sender("sniffer")
    slow = bus.subscribe(Heavy, reader="watcher", capacity=256, octets=5000)
    for n in range(9):
        sender.publish(Heavy(n=n, octets=1200))
    assert numbers(slow.read_waiting()) == [Lagged(5)]
    assert numbers(slow.read_waiting()) == [5, 6, 7, 8]


def test_the_newest_of_each_sender_is_kept_and_outlasts_the_sender() -> None:
    bus = Bus()
    first, second = bus.sender("first"), bus.sender("second")
    assert bus.latest_of_each(Ping) == []
    first.publish(Ping(n=1))
    kept = first.publish(Ping(n=2))
    newest = second.publish_all([Ping(n=3), Ping(n=4)])
    assert newest == 2
    assert [(event.source, event.body) for event in bus.latest_of_each(Ping)] == [
        ("first", Ping(n=2)),
        ("second", Ping(n=4)),
    ]
    first.retire()
    again = bus.sender("first")
    assert bus.latest_of_each(Ping)[0] == kept
    again.publish(Ping(n=5))
    assert [event.body for event in bus.latest_of_each(Ping)] == [Ping(n=4), Ping(n=5)], "in the order of sending"
    assert bus.latest(Ping) == bus.latest_of_each(Ping)[-1]

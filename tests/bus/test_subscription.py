"""Listeners that are functions, beside those that read."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.bus.bodies import LoudPing, Ping, Pong

from whimbrel.bus import Bus, Closed, Lagged, Subscription
from whimbrel.events.base import Event


def numbers(heard: list[Event | Lagged]) -> list[int]:
    return [item.body.n for item in heard if isinstance(item, Event)]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.sampled_from("ab"), st.lists(st.sampled_from([Ping, LoudPing, Pong]))),
        st.tuples(st.just("listen"), st.sampled_from([(Ping,), (Ping, Pong)]), st.integers(1, 5)),
        st.tuples(st.just("turn"), st.none(), st.none()),
        st.tuples(st.just("close"), st.integers(0, 9), st.none()),
    ),
    max_size=60,
)


@given(STEPS)
def test_a_called_listener_hears_what_a_reading_one_reads(steps: list[tuple[str, Any, Any]]) -> None:
    asyncio.run(hear_both_ways(steps))


async def hear_both_ways(steps: list[tuple[str, Any, Any]]) -> None:
    bus = Bus()
    senders = {name: bus.sender(name) for name in "ab"}
    both: list[tuple[Subscription, Subscription, list[Event | Lagged], list[Event | Lagged]]] = []
    for step, first, second in [*steps, ("turn", None, None)]:
        if step == "publish":
            senders[first].publish_all(kind(n=bus.seq) for kind in second)
        elif step == "listen":
            heard: list[Event | Lagged] = []
            reader = "ab"[len(both) % 2]  # also one that publishes, whose own events are left out
            called = bus.call(heard.extend, *first, reader=reader, capacity=second)
            both.append((called, bus.subscribe(*first, reader=reader, capacity=second), heard, []))
        elif step == "close" and both:
            for sub in both[first % len(both)][:2]:
                sub.close()
        elif step == "turn":
            await asyncio.sleep(0)
            for called, reading, heard, known in both:
                while taken := waiting(reading):
                    known.extend(taken)
                assert heard == known
                assert called.stats.as_dict() == reading.stats.as_dict()


def waiting(sub: Subscription) -> list[Event | Lagged]:
    try:
        return sub.read_waiting()
    except Closed:
        return []


async def test_functions_of_one_ring_are_called_together_and_share_what_was_sent() -> None:
    bus = Bus()
    heard: list[tuple[Event | Lagged, ...]] = []
    for n in range(3):
        bus.call(heard.append, Ping, reader=str(n))
    sender = bus.sender("s")
    sender.publish(Ping(n=0))
    sender.publish_all([Ping(n=1), Ping(n=2)])
    assert heard == []
    await asyncio.sleep(0)
    assert [numbers(list(slice_)) for slice_ in heard] == [[0, 1, 2]] * 3
    assert heard[0] is heard[1] is heard[2]


async def test_a_listener_that_fails_costs_the_others_nothing_and_is_told() -> None:
    bus = Bus()
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: errors.append(context))
    heard: list[Event | Lagged] = []
    sender = bus.sender("s")

    def fail(events: tuple[Event | Lagged, ...]) -> None:
        raise ValueError(f"{len(events)} too many")

    bus.call(fail, Ping, reader="bad")
    bus.call(heard.extend, Ping, reader="good")
    for n in range(2):
        sender.publish(Ping(n=n))
        await asyncio.sleep(0)
    assert numbers(heard) == [0, 1]
    assert [str(error["exception"]) for error in errors] == ["1 too many"] * 2
    assert errors[0]["message"] == "a listener of bad failed"


async def test_what_a_listener_sends_is_heard_in_the_next_iteration() -> None:
    bus = Bus()
    answers = bus.sender("answers")
    heard: list[Event | Lagged] = []

    def answer(events: tuple[Event | Lagged, ...]) -> None:
        heard.extend(events)
        if len(heard) < 3:
            answers.publish(Ping(n=len(heard)))

    bus.call(answer, Ping, reader="ear")
    bus.sender("s").publish(Ping(n=0))
    for expected in ([0], [0, 1], [0, 1, 2], [0, 1, 2]):
        await asyncio.sleep(0)
        assert numbers(heard) == expected


async def test_after_the_end_it_is_called_with_what_was_sent_before() -> None:
    bus = Bus()
    heard: list[Event | Lagged] = []
    sub = bus.call(heard.extend, Ping, reader="ear")
    sender = bus.sender("s")
    sender.publish(Ping(n=1))
    sub.close()
    sender.publish(Ping(n=2))
    await asyncio.sleep(0)
    assert numbers(heard) == [1]


async def test_the_peak_stays_after_fewer_events_also_of_one_that_is_called_with_others() -> None:
    bus = Bus()
    sender = bus.sender("a")
    called = [bus.call(lambda _: None, Ping, reader=name) for name in "bc"]
    for number in (3, 1, 2):
        sender.publish_all(Ping(n=n) for n in range(number))
        await asyncio.sleep(0)
    assert [sub.stats.as_dict()["peak"] for sub in called] == [3, 3]

"""The thread door: order, bound, one wake for many posts."""

from __future__ import annotations

import asyncio
import threading
import unittest.mock

import pytest

from whimbrel.bus import Bus
from whimbrel.bus.door import ThreadDoor
from whimbrel.events.base import Body, Event
from whimbrel.events.system import EventsLost
from whimbrel.testing import PATIENCE


class Edge(Body):
    n: int


def heard_numbers(events: list[Event]) -> list[int]:
    return [event.body.n for event in events]


async def test_bodies_from_threads_arrive_in_order_on_the_loop() -> None:
    bus = Bus()
    heard = bus.subscribe(Edge, reader="ear", capacity=10_000)
    door = ThreadDoor(asyncio.get_running_loop(), bus.sender("keys"), capacity=10_000)
    threads = [
        threading.Thread(target=lambda first=first: [door.post(Edge(n=first + n)) for n in range(500)])
        for first in (0, 1000, 2000)
    ]
    for thread in threads:
        thread.start()
    got: list[int] = []
    while len(got) < 1500:
        got += [
            event.body.n for event in await asyncio.wait_for(heard.read_all(), PATIENCE) if isinstance(event, Event)
        ]
    for thread in threads:
        thread.join()
    for first in (0, 1000, 2000):
        assert [n for n in got if first <= n < first + 500] == list(range(first, first + 500))
    assert (len(got), door.dropped) == (1500, 0)


async def test_a_full_door_drops_and_counts_and_wakes_the_loop_once() -> None:
    bus = Bus()
    heard = bus.subscribe(Edge, reader="ear")
    losses = bus.subscribe(EventsLost, reader="ear")
    loop = asyncio.get_running_loop()
    with unittest.mock.patch.object(loop, "call_soon_threadsafe", wraps=loop.call_soon_threadsafe) as wake:
        door = ThreadDoor(loop, bus.sender("keys"), capacity=3)
        taken = [door.post(Edge(n=n)) for n in range(5)]
    assert taken == [True, True, True, False, False]
    assert (door.dropped, wake.call_count) == (2, 1)
    events = await asyncio.wait_for(heard.read_all(), PATIENCE)
    assert [event.body.n for event in events if isinstance(event, Event)] == [0, 1, 2]
    assert door.post(Edge(n=9))
    await asyncio.wait_for(heard.read_all(), PATIENCE)
    assert [event.body for event in losses.read_waiting() if isinstance(event, Event)] == [
        EventsLost(reader="keys", lost=2)
    ]


def test_a_post_after_the_loop_has_gone_is_refused() -> None:
    async def make() -> ThreadDoor:
        return ThreadDoor(asyncio.get_running_loop(), Bus().sender("keys"))

    door = asyncio.run(make())
    assert not door.post(Edge(n=1))
    assert door.dropped == 1


def test_a_loop_that_closes_just_after_the_look_at_it() -> None:
    loop = asyncio.new_event_loop()
    door = ThreadDoor(loop, Bus().sender("keys"))
    loop.close()
    with unittest.mock.patch.object(loop, "is_closed", return_value=False):
        assert not door.post(Edge(n=1))
    assert door.dropped == 1
    assert not door.post(Edge(n=2))
    assert door.dropped == 2


def test_bodies_of_other_threads_that_end_with_the_loop_are_counted_too() -> None:
    loop = asyncio.new_event_loop()
    door = ThreadDoor(loop, Bus().sender("keys"))
    wake = loop.call_soon_threadsafe

    def late(*args: object) -> object:
        others = threading.Thread(target=lambda: [door.post(Edge(n=n)) for n in range(3)])
        others.start()
        others.join()
        loop.close()
        return wake(*args)  # type: ignore[arg-type]

    with unittest.mock.patch.object(loop, "call_soon_threadsafe", late):
        assert not door.post(Edge(n=9))
    assert door.dropped == 4


async def test_a_body_that_is_no_event_costs_none_of_the_others() -> None:
    bus = Bus()
    heard = bus.subscribe(Edge, EventsLost, reader="ear")
    loop = asyncio.get_running_loop()
    told: list[BaseException] = []
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    door = ThreadDoor(loop, bus.sender("keys", checked=True), capacity=3)
    bodies = [Edge(n="no"), Edge(n=1), Edge(n=2), Edge(n=3)]  # type: ignore[arg-type]
    assert [door.post(body) for body in bodies] == [True, True, True, False]
    events = await asyncio.wait_for(heard.read_all(), PATIENCE)
    assert [event.body for event in events if isinstance(event, Event)] == [
        Edge(n=1),
        Edge(n=2),
        EventsLost(reader="keys", lost=1),
    ]
    with pytest.raises(ValueError, match=r"^keys posted what is no event: Edge\.n"):
        raise told.pop()
    assert not told

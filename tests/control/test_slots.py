"""The slots for clients of one socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from whimbrel.control.slots import ClientSlots


class Clock:
    now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
async def tasks() -> AsyncIterator[list[asyncio.Task[None]]]:
    made = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(20)]
    yield made
    for task in made:
        task.cancel()


async def test_the_one_that_is_idle_longest_makes_room(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(3, Clock())
    first, second, third = (slots.enter(task, -1) for task in tasks[:3])
    assert first
    assert second
    assert third
    slots.begin(first)
    slots.rest(first)  # the second is now idle for longest
    assert slots.enter(tasks[3], -1)
    assert tasks[1].cancelling()
    assert not tasks[0].cancelling()
    assert len(slots) == 3
    slots.leave(second)
    assert len(slots) == 3, "a slot is left once"


async def test_nobody_who_is_answered_makes_room(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(2, Clock())
    for task in tasks[:2]:
        slot = slots.enter(task, -1)
        assert slot
        slots.begin(slot)
    assert slots.enter(tasks[2], -1) is None


async def test_streams_leave_places_to_questions(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(8, Clock())
    entered = [slots.enter(task, -1) for task in tasks[:8]]
    assert [slots.stream(slot) for slot in entered if slot] == [True] * 6 + [False] * 2
    assert slots.enter(tasks[8], -1), "one that asks nothing makes room"
    alone = ClientSlots(1, Clock())
    only = alone.enter(tasks[9], -1)
    assert only
    assert alone.stream(only)


async def test_who_has_hung_up_is_found_and_who_only_says_no_more_is_not(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(4, Clock())
    ends = [socket.socketpair() for _ in range(3)]
    entered = [slots.enter(task, mine.fileno()) for task, (mine, _) in zip(tasks, ends, strict=False)]
    for slot in entered:
        assert slot
        slots.begin(slot)
    ends[0][1].close()
    ends[1][1].shutdown(socket.SHUT_WR)
    assert slots.hung_up() == [entered[0]]
    for pair in ends:
        for end in pair:
            end.close()

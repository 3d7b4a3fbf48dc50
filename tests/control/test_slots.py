"""The slots for clients of one socket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator

import pytest

from whimbrel.control.slots import SLOW, WHOLE, ClientSlot, ClientSlots, kept_users, user_of

PI, ANNE, REACH = 1000, 1001, 990


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
    first, second, third = (slots.enter(task, -1, PI) for task in tasks[:3])
    assert first
    assert second
    assert third
    first.begin()
    first.rest()  # the second is now idle for longest
    assert slots.enter(tasks[3], -1, PI)
    assert tasks[1].cancelling()
    assert not tasks[0].cancelling()
    assert len(slots) == 3
    slots.leave(second)
    assert len(slots) == 3, "a slot is left once"


async def test_nobody_who_is_answered_makes_room(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(2, Clock())
    for task in tasks[:2]:
        slot = slots.enter(task, -1, PI)
        assert slot
        slot.begin()
    assert slots.enter(tasks[2], -1, PI) is None


async def test_streams_leave_places_to_questions(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(8, Clock())
    entered = [slots.enter(task, -1, PI) for task in tasks[:8]]
    assert [slots.stream(slot) for slot in entered if slot] == [True] * 6 + [False] * 2
    assert slots.enter(tasks[8], -1, PI), "one that asks nothing makes room"
    alone = ClientSlots(1, Clock())
    only = alone.enter(tasks[9], -1, PI)
    assert only
    assert alone.stream(only)


async def test_who_has_hung_up_is_found_and_who_only_says_no_more_is_not(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(4, Clock())
    ends = [socket.socketpair() for _ in range(3)]
    entered = [slots.enter(task, mine.fileno(), PI) for task, (mine, _) in zip(tasks, ends, strict=False)]
    for slot in entered:
        assert slot
        slot.begin()
    ends[0][1].close()
    ends[1][1].shutdown(socket.SHUT_WR)
    assert slots.hung_up() == [entered[0]]
    for pair in ends:
        for end in pair:
            end.close()


class Hand:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Slow:
    """A writer whose client takes what was written after so many seconds of that clock."""

    def __init__(self, clock: Hand, seconds: float) -> None:
        self.clock = clock
        self.seconds = seconds

    async def drain(self) -> None:
        self.clock.now += self.seconds


def full(slots: ClientSlots, tasks: list[asyncio.Task[None]], uid: int = PI) -> list[ClientSlot]:
    """Fill the slots with clients that are being answered."""
    entered = []
    for task in tasks:
        slot = slots.enter(task, -1, uid)
        assert slot
        slot.begin()
        entered.append(slot)
    return entered


async def test_the_slowest_of_those_who_are_answered_makes_room(tasks: list[asyncio.Task[None]]) -> None:
    clock = Hand()
    slots = ClientSlots(3, clock)
    quick, slow, slower = full(slots, tasks[:3])
    for slot, seconds in ((quick, SLOW / 4), (slow, SLOW), (slower, SLOW)):
        for _ in range(2 if slot is slower else 1):
            await slot.taken(Slow(clock, seconds), 60.0)  # type: ignore[arg-type]
    assert slots.enter(tasks[3], -1, PI)
    assert slots.enter(tasks[4], -1, PI), "the one before has asked nothing yet"
    assert [task.cancelling() for task in tasks[:4]] == [0, 0, 1, 1]
    slow.begin()
    assert slow.waited == 0.0, "with each answer it begins anew"


async def test_a_stream_that_has_caught_up_is_not_slow(tasks: list[asyncio.Task[None]]) -> None:
    clock = Hand()
    slots = ClientSlots(3, clock)
    stream, *_ = full(slots, tasks[:3])
    assert slots.stream(stream)
    stream.begin()
    await stream.taken(Slow(clock, SLOW), 60.0)  # type: ignore[arg-type]
    stream.took()
    assert slots.enter(tasks[3], -1, PI) is None, "nobody is slow or idle"
    assert [task.cancelling() for task in tasks[:4]] == [0, 0, 0, 0]


async def test_a_whole_answer_has_a_deadline(tasks: list[asyncio.Task[None]]) -> None:
    """A client that takes a piece now and then has no more time than one that takes nothing."""
    reader = asyncio.StreamReader()

    class Never(asyncio.StreamWriter):
        def __init__(self) -> None:
            pass

        def __del__(self, *_: object) -> None:
            pass

        async def drain(self) -> None:
            await reader.read()

    clock = Hand()
    (slot,) = full(ClientSlots(1, clock), tasks[:1])
    for _ in range(WHOLE * 10):
        await slot.taken(Slow(clock, 0.9), 9.0)  # type: ignore[arg-type]
    with pytest.raises(TimeoutError):
        await slot.taken(Never(), 9.0)


async def test_who_has_most_gives_one_to_who_has_fewer(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(4, Hand())
    full(slots, tasks[:4])
    for number, others in ((4, 3), (5, 2)):
        (slot,) = full(slots, [tasks[number]], ANNE)
        assert slot
        assert sum(not task.cancelling() for task in tasks[:4]) == others
    assert slots.enter(tasks[6], -1, ANNE) is None, "each has half"
    assert slots.enter(tasks[7], -1, PI) is None


async def test_a_share_of_the_streams_too(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(8, Hand())
    assert all(slots.stream(slot) for slot in full(slots, tasks[:6]))
    (mine,) = full(slots, tasks[6:7])
    assert not slots.stream(mine)
    (theirs,) = full(slots, tasks[7:8], ANNE)
    assert slots.stream(theirs)
    assert sum(bool(task.cancelling()) for task in tasks[:6]) == 1


async def test_root_and_reach_have_their_own(tasks: list[asyncio.Task[None]]) -> None:
    slots = ClientSlots(3, Hand(), kept={0, REACH})
    crowd = full(slots, tasks[:3])
    assert slots.stream(crowd[0])
    for number, uid in ((3, 0), (4, REACH)):
        (slot,) = full(slots, [tasks[number]], uid)
        if uid:
            assert slots.stream(slot)
    assert slots.enter(tasks[5], -1, PI) is None
    assert not any(task.cancelling() for task in tasks[:5])


@pytest.mark.parametrize("gone", [False, True])
def test_the_user_at_the_other_end(gone: bool) -> None:
    mine, theirs = socket.socketpair()
    if gone:
        theirs.close()
    assert user_of(mine) == os.getuid()
    mine.close()
    theirs.close()
    assert 0 in kept_users()

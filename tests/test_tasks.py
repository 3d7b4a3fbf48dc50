"""Work that ends together: the first to end cancels the rest, and its error is the error."""

from __future__ import annotations

import asyncio

import pytest

from whimbrel.tasks import first_to_end, give_way, until
from whimbrel.testing import PATIENCE


async def test_the_first_end_cancels_the_rest_and_waits_for_them() -> None:
    log: list[str] = []

    async def brief() -> None:
        await asyncio.sleep(0)
        log.append("brief")

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            log.append("cleaned up")

    await asyncio.wait_for(first_to_end([endless(), brief()]), PATIENCE)
    assert log == ["brief", "cleaned up"]


async def test_what_ended_it_is_raised() -> None:
    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await asyncio.wait_for(first_to_end([asyncio.Event().wait(), fail()]), PATIENCE)


async def test_a_cancellation_reaches_all() -> None:
    ended: list[int] = []

    async def endless(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    running = asyncio.create_task(first_to_end([endless(1), endless(2)]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(ended) == [1, 2]


async def test_work_that_is_done_early_ends_nothing_until_the_end() -> None:
    log: list[str] = []
    end = asyncio.Event()

    async def brief() -> None:
        log.append("brief")

    async def later() -> None:
        try:
            await asyncio.sleep(0)
            log.append("later")
            end.set()
            await asyncio.Event().wait()
        finally:
            log.append("cleaned up")

    await asyncio.wait_for(until(end.wait(), [brief(), later()]), PATIENCE)
    assert log == ["brief", "later", "cleaned up"]


async def test_a_failure_ends_the_work_before_the_end() -> None:
    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await asyncio.wait_for(until(asyncio.Event().wait(), [asyncio.Event().wait(), fail()]), PATIENCE)


async def test_a_chain_of_callbacks_goes_before_a_long_work() -> None:
    links: list[int] = []
    loop = asyncio.get_running_loop()

    def link(number: int) -> None:
        links.append(number)
        if number < 8:
            loop.call_soon(link, number + 1)

    link(0)
    await give_way()
    assert links == list(range(9))


async def test_a_chain_without_an_end_does_not_stop_it() -> None:
    turns = 0

    async def spin() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    spinning = asyncio.create_task(spin())
    await give_way()
    spinning.cancel()
    assert 1 < turns < 100

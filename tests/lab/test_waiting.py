from __future__ import annotations

import asyncio
import threading

import pytest
from tests.lab.waiting import block_until, until


async def test_the_value_that_was_waited_for_is_returned() -> None:
    values = [0, "", [], 7]
    assert await until(lambda: values.pop(0)) == 7
    assert values == []


def test_beside_a_thread() -> None:
    seen: list[int] = []
    thread = threading.Timer(0.02, seen.append, (7,))
    thread.start()
    assert block_until(lambda: seen) == [7]
    thread.join()


async def test_it_says_what_it_waited_for_and_last_saw() -> None:
    queue = ["left over"]
    with pytest.raises(AssertionError, match=r"lambda: len\(queue\) > 1.*last saw False, queue=\['left over'\]"):
        await until(lambda: len(queue) > 1, seconds=0.01)
    with pytest.raises(AssertionError, match=r"in vain for two of them: last saw False"):
        block_until(lambda: len(queue) > 1, "two of them", seconds=0.01)


async def test_a_state_that_lasts_a_moment_is_seen_where_each_change_is_told() -> None:
    states = ["before", "the moment", "after"]
    changed = asyncio.Event()

    async def go_on() -> None:
        while len(states) > 1:
            del states[0]
            changed.set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    going = asyncio.create_task(go_on())
    await until(lambda: states[0] == "the moment", changed=changed)
    await going


async def test_nobody_is_waited_for_that_has_ended() -> None:
    with pytest.raises(AssertionError, match=r"last saw None; ended with 3$"):
        await until(lambda: None, ended=lambda: "ended with 3")
    with pytest.raises(AssertionError, match=r"last saw None; ended with 3$"):
        block_until(lambda: None, ended=lambda: "ended with 3")


def test_the_last_word_of_what_has_ended_counts() -> None:
    values = iter((None, "its last word", "its last word"))
    assert block_until(lambda: next(values), ended=lambda: True) == "its last word"

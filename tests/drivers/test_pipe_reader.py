from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest

from whimbrel.drivers.pipe_reader import from_thread


async def test_items_come_in_their_order_from_another_thread() -> None:
    threads = set()

    def items() -> Iterator[int]:
        for number in range(50):
            threads.add(threading.current_thread())
            yield number

    assert [item async for item in from_thread(items())] == list(range(50))
    assert threading.current_thread() not in threads


async def test_an_error_comes_behind_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    taken = from_thread(items())
    assert await anext(taken) == 1
    with pytest.raises(OSError, match="gone"):
        await anext(taken)


async def test_the_thread_is_only_so_far_ahead() -> None:
    taken = []
    halted = threading.Event()

    def items() -> Iterator[int]:
        try:
            for number in range(1000):
                taken.append(number)
                yield number
        finally:
            halted.set()

    async with contextlib.aclosing(from_thread(items())) as some:
        async for item in some:
            assert len(taken) - item <= 6
            if item == 20:
                break
    assert halted.wait(30)
    assert len(taken) < 40

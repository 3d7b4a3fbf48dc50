"""Groups of tasks that end together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

from whimbrel.precedence import people

_PASSES = 16
"""Iterations of the loop for which a long work waits at most for others."""


async def give_way() -> None:
    """Let everybody else run until nobody has anything to do, for a number of iterations at most, and until nobody has
    precedence.

    An answer or a press is a chain of several callbacks. With one iteration for each part of a long work, the chain
    would wait for that work at each of its links.
    """
    # What is ready in the running loop; asyncio has no public name for it. Without it, one iteration is given.
    ready = getattr(asyncio.get_running_loop(), "_ready", ())
    for _ in range(_PASSES):
        await asyncio.sleep(0)
        if not ready:
            break
    await people().wait()


async def until(end: Coroutine[Any, Any, object], work: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Run all of `work` until `end` is done, then cancel the rest of it; raises the exception of any of them."""
    last = asyncio.create_task(end)
    running: set[asyncio.Task[Any]] = {last, *map(asyncio.create_task, work)}
    try:
        while not last.done():
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)


async def first_to_end(work: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Run all coroutines until the first is done, then cancel the others; raises the exception of the first."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()

"""Groups of tasks that end together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


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

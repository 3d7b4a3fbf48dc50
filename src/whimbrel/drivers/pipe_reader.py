"""Batches from a stream whose writer may be slow: read on a thread, so that the loop is never held."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

T = TypeVar("T")

_AHEAD = 4
"""Items that the thread may be ahead."""


async def from_thread(items: Iterator[T]) -> AsyncGenerator[T, None]:
    """Yield `items`, each taken on a thread of its own. Raises what taking one raises.

    The thread is a daemon: one that waits for a writer must not keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    taken: asyncio.Queue[tuple[T] | Exception | None] = asyncio.Queue()
    room = threading.Semaphore(_AHEAD)
    done = threading.Event()

    def put(item: tuple[T] | Exception | None) -> None:
        try:
            loop.call_soon_threadsafe(taken.put_nowait, item)
        except RuntimeError:
            done.set()  # the loop is closed: nobody waits any more

    def work() -> None:
        try:
            for item in items:
                put((item,))
                room.acquire()
                if done.is_set():
                    return
        except Exception as error:  # noqa: BLE001  # handed to the one who waits
            put(error)
        else:
            put(None)

    threading.Thread(target=work, name="capture", daemon=True).start()
    try:
        while (item := await taken.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item[0]
            room.release()
    finally:
        done.set()
        room.release()

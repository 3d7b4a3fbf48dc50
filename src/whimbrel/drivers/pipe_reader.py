"""Reads a stream whose writer may be slow on a thread, so that it never blocks the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

T = TypeVar("T")

_AHEAD = 4
"""Limit of items that the thread reads ahead."""


async def from_thread(items: Iterator[T]) -> AsyncGenerator[T, None]:
    """Yield `items`, which are read on a separate thread. Raises the errors of the iterator.

    It is a daemon thread: if it waits for a writer, it must not keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    taken: asyncio.Queue[tuple[T] | Exception | None] = asyncio.Queue()
    room = threading.Semaphore(_AHEAD)
    done = threading.Event()

    def put(item: tuple[T] | Exception | None) -> None:
        try:
            loop.call_soon_threadsafe(taken.put_nowait, item)
        except RuntimeError:
            done.set()  # the loop is closed, so there is no reader any more

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

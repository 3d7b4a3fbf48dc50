"""One thread that talks to the kernel, so that a radio that stalls does not hold the event loop."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from whimbrel.errors import WhimbrelError

T = TypeVar("T")

_Job = tuple[Callable[[], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]


class Stuck(WhimbrelError):
    """The thread is still inside an earlier call: the kernel does not come back from it."""


class Worker:
    """Runs calls one after the other on a thread of its own.

    The thread is a daemon: one that hangs inside the kernel must not keep the process from ending.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._current: asyncio.Future[Any] | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def call(self, function: Callable[[], T], *, timeout: float) -> T:  # noqa: ASYNC109  # the thread goes on; only the wait is bounded
        """Return what `function` returns, or raise what it raises.

        Raises TimeoutError where that takes longer than `timeout` seconds, and `Stuck` where an earlier call that took
        longer is still under way after as many. A caller that is cancelled leaves the call under way.
        """
        if self._current is not None and not self._current.done():
            await asyncio.wait({self._current}, timeout=timeout)
            if not self._current.done():
                raise Stuck
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._current = future
        self._jobs.put((function, future, loop))
        await asyncio.wait({future}, timeout=timeout)
        if not future.done():
            raise TimeoutError
        return future.result()

    def stop(self) -> None:
        """End the thread after the call that is under way. Idempotent."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, future, loop = job
            result: Any = None
            error: BaseException | None = None
            try:
                result = function()
            except BaseException as raised:  # noqa: BLE001  # handed to the caller
                error = raised
            try:
                loop.call_soon_threadsafe(_deliver, future, result, error)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more


def _deliver(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
        future.exception()  # marked as seen: a caller that gave up does not come back for it

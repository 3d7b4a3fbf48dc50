"""One thread for requests to the kernel, so that a stalled radio does not block the event loop."""

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
    """The thread is still inside an earlier call, from which the kernel does not return."""


class Worker:
    """Runs calls one after the other on a separate thread.

    It is a daemon thread: if it hangs inside the kernel, it must not keep the process from ending.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._current: asyncio.Future[Any] | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def call(self, function: Callable[[], T], *, timeout: float) -> T:  # noqa: ASYNC109  # the thread goes on; only the wait is bounded
        """Return the result of `function`, or raise its exception.

        Raises TimeoutError if it takes longer than `timeout` seconds, and `Stuck` if an earlier call that timed out is
        still running after as many. Cancelling the caller does not end the call.
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
        """End the thread after the running call. Idempotent."""
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
                return  # the loop is closed, so there is no caller any more


def _deliver(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
        future.exception()  # marked as retrieved: a caller that timed out does not retrieve it

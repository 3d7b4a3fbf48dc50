"""Finds the module that blocks the event loop.

A task factory wraps every coroutine of the loop so that each of its steps is timed; a context variable holds the module
on whose behalf a task runs. Unlike asyncio's debug mode, it costs only two clock readings per step, and can stay
enabled on a device. The same wrapping keeps `sys.exit` in any task from ending the process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Generator
from contextvars import ContextVar
from typing import Any, NamedTuple, ParamSpec

from whimbrel.errors import WhimbrelError

P = ParamSpec("P")

_module: ContextVar[str] = ContextVar("whimbrel_module", default="daemon")


class Stall(NamedTuple):
    """The stalls of one module since the previous report."""

    longest: float
    """Seconds."""
    times: int


class StallMonitor:
    """Counts the steps that take longer than `limit` seconds, by module."""

    def __init__(self, limit: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self.limit = limit
        self._clock = clock
        self._stalls: dict[str, Stall] = {}

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Time every task that `loop` starts from now on."""
        loop.set_task_factory(self._new_task)

    @staticmethod
    def enter(module: str) -> None:
        """Attribute the tasks that the current task starts from now on to `module`."""
        _module.set(module)

    def timed(self, module: str, callback: Callable[P, None]) -> Callable[P, None]:
        """Wrap a callback that the loop may call outside of any task, for example for a readable descriptor."""

        def call(*args: P.args, **kwargs: P.kwargs) -> None:
            began = self._clock()
            try:
                callback(*args, **kwargs)
            finally:
                seconds = self._clock() - began
                if seconds > self.limit and asyncio.current_task() is None:  # a task's step is counted by itself
                    self.note(module, seconds)

        return call

    def note(self, module: str, seconds: float) -> None:
        """Count a step of `module` if it was too long."""
        if seconds > self.limit:
            stall = self._stalls.get(module, Stall(0.0, 0))
            self._stalls[module] = Stall(max(stall.longest, seconds), stall.times + 1)

    def take(self) -> dict[str, Stall]:
        """Return the stalls since the previous call, by module."""
        stalls, self._stalls = self._stalls, {}
        return stalls

    def _new_task(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        return asyncio.Task(_Steps(coro, _module.get(), self), loop=loop, **options)


class ExitRefused(WhimbrelError):
    """A task called for the end of the process, which is not its to decide; to its owner it is a failure."""


def _refused(error: BaseException) -> ExitRefused:
    return ExitRefused(f"it called for the end of the whole process: {type(error).__name__}({error})")


class _Steps(Coroutine[Any, Any, Any]):
    """A coroutine whose steps are timed."""

    __slots__ = ("_coro", "_module", "_monitor")

    def __init__(self, coro: Coroutine[Any, Any, Any], module: str, monitor: StallMonitor) -> None:
        self._coro = coro
        self._module = module
        self._monitor = monitor

    def __repr__(self) -> str:
        return repr(self._coro)

    def send(self, value: Any) -> Any:
        monitor = self._monitor
        began = monitor._clock()
        try:
            return self._coro.send(value)
        except (SystemExit, KeyboardInterrupt) as error:
            raise _refused(error) from error
        finally:
            monitor.note(self._module, monitor._clock() - began)

    def throw(self, *error: Any) -> Any:
        # A step like any other: the code after a timeout begins with its CancelledError.
        monitor = self._monitor
        began = monitor._clock()
        try:
            return self._coro.throw(*error)
        except (SystemExit, KeyboardInterrupt) as ending:
            raise _refused(ending) from ending
        finally:
            monitor.note(self._module, monitor._clock() - began)

    def close(self) -> None:
        self._coro.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._coro.__await__()

"""A pytest plugin that finds tests that depend on being quick: what they wait for comes about, and they look later.

``python -m pytest -p tools.late --late 0.3 --late-looks 0.2 --late-threads 0.1 …``. Whatever a test waits for by
`tests.lab.waiting`, `whimbrel.testing.Lab` or `asyncio.wait_for` returns so many seconds late, as on a busy machine.
What is waited for by looking again and again is looked at every so many seconds only. Threads begin their work, return
from it, and go from one line to the next, at random up to so many seconds late. This takes time and hardly any
processor, so it can run with many workers.
"""

from __future__ import annotations

import asyncio
import functools
import random
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any, ParamSpec, TypeVar

import pytest

from whimbrel.testing import Lab

P = ParamSpec("P")
R = TypeVar("R")

_ROOT = Path(__file__).resolve().parents[1]
_TESTS = str(_ROOT / "tests")
_OURS = (_TESTS, str(_ROOT / "src"))
_LINES = 0.03
"""Share of the lines of our code before which a thread is held."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--late``, ``--late-looks`` and ``--late-threads``."""
    group = parser.getgroup("late")
    group.addoption("--late", type=float, default=0.0, help="seconds for which a test looks late")
    group.addoption("--late-looks", type=float, default=0.0, help="seconds between two looks at a state")
    group.addoption("--late-threads", type=float, default=0.0, help="seconds for which a thread is late at most")


def pytest_configure(config: pytest.Config) -> None:
    """Make everything late, before the first test is imported."""
    if seconds := config.getoption("late"):
        look_late(seconds)
    if seconds := config.getoption("late_looks"):
        look_seldom(seconds)
    if seconds := config.getoption("late_threads"):
        hold_threads(seconds)


def look_late(seconds: float) -> None:
    """Have tests look so many seconds after that for which they have waited."""
    from tests.lab import waiting

    def late(wait: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(wait)
        async def waits(*args: P.args, **kwargs: P.kwargs) -> R:
            found = await wait(*args, **kwargs)
            await asyncio.sleep(seconds)
            return found

        return waits

    def late_if_tested(wait: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        later = late(wait)

        @functools.wraps(wait)
        def waits(*args: P.args, **kwargs: P.kwargs) -> Awaitable[R]:
            tested = sys._getframe(1).f_code.co_filename.startswith(_TESTS)
            return (later if tested else wait)(*args, **kwargs)

        return waits

    def blocks(wait: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(wait)
        def waits(*args: P.args, **kwargs: P.kwargs) -> R:
            found = wait(*args, **kwargs)
            time.sleep(seconds)
            return found

        return waits

    waiting.until = late(waiting.until)  # type: ignore[assignment]
    waiting.block_until = blocks(waiting.block_until)
    Lab.event = late(Lab.event)  # type: ignore[assignment,method-assign]
    Lab.ready = late(Lab.ready)  # type: ignore[assignment,method-assign]
    asyncio.wait_for = late_if_tested(asyncio.wait_for)  # type: ignore[assignment]


def look_seldom(seconds: float) -> None:
    """Have tests that wait for a state look at it every so many seconds only, so that they miss one that is brief."""
    from tests.lab import waiting

    block_until = waiting.block_until

    @functools.wraps(block_until)
    def waits(*args: Any, **kwargs: Any) -> Any:
        return block_until(*args, **{**kwargs, "every": max(seconds, kwargs.get("every", 0.0))})

    waiting.block_until = waits
    waiting._EVERY = seconds


def hold_threads(seconds: float) -> None:
    """Have threads, and what is given to those of a pool, begin and return late, and stop in between."""
    submit, run = ThreadPoolExecutor.submit, threading.Thread.run

    def held(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        time.sleep(random.uniform(0, seconds))
        try:
            return work(*args, **kwargs)
        finally:
            time.sleep(random.uniform(0, seconds))

    def submit_late(pool: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return submit(pool, held, work, *args, **kwargs)

    def run_late(thread: threading.Thread) -> None:
        time.sleep(random.uniform(seconds / 2, seconds))
        run(thread)

    def stop(_frame: FrameType, event: str, _argument: object) -> None:
        if event == "line" and random.random() < _LINES:
            time.sleep(random.uniform(0, seconds))

    def trace(frame: FrameType, _event: str, _argument: object) -> Callable[..., Any] | None:
        return stop if frame.f_code.co_filename.startswith(_OURS) else None

    threading.settrace(trace)
    ThreadPoolExecutor.submit = submit_late  # type: ignore[method-assign,assignment]
    threading.Thread.run = run_late  # type: ignore[method-assign,assignment]

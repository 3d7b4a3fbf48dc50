"""Runs a process to its end, which comes whatever its threads and callbacks do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from whimbrel.faults import in_words, last_words
from whimbrel.process import STOP_SIGNALS, Process


def run(process: Process) -> int:
    """Run a process to its end; return its exit status.

    If a module or a thread could not be stopped within `daemon.stop_timeout`, it does not return but ends the process
    with that status, because waiting would take forever.
    """
    try:
        loop = asyncio.new_event_loop()
    except OSError as error:
        last_words(f"whimbrel: the system has no event loop for it: {error.strerror}")
        return 1
    with _closing(loop):
        executor = ThreadPoolExecutor(thread_name_prefix="worker")
        loop.set_default_executor(executor)
        status = _run(loop, process)
        # Everything was stopped in order; a signal that comes now must not change the status.
        for number in (*STOP_SIGNALS, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        left = asyncio.all_tasks(loop)
        if left:
            loop.run_until_complete(_cancel(left))
        executor.shutdown(wait=False, cancel_futures=True)
        threads = _unfinished(process.configuration.daemon.stop_timeout)
        if threads:
            last_words(f"left behind, they do not end: {', '.join(threads)}")
        if threads or any(not task.done() for task in left):
            os._exit(status)
    return status


@contextlib.contextmanager
def _closing(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Use the loop, and close it at the end.

    `asyncio.Runner` would have a thread close the executor; one that gets no memory at its start is waited for forever.
    """
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        left = asyncio.all_tasks(loop)
        if left:
            loop.run_until_complete(_cancel(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, process: Process) -> int:
    """Run it to its end: a callback that calls for the end of the process ends neither the loop nor what runs on it."""
    work = loop.create_task(process.run())
    while True:
        try:
            return loop.run_until_complete(work)
        except (SystemExit, KeyboardInterrupt) as error:
            if work.done():
                raise
            process.faults.note("a callback", *in_words(error))


def _unfinished(patience: float) -> list[str]:
    """Wait for the threads that Python would wait for at its end, `patience` seconds in all; return who is left."""
    until = time.monotonic() + patience
    waited = [each for each in threading.enumerate() if each is not threading.current_thread() and not each.daemon]
    for thread in waited:
        thread.join(max(until - time.monotonic(), 0.0))
    return [thread.name for thread in waited if thread.is_alive()]


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=1.0)

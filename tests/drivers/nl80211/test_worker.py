from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from whimbrel.drivers.nl80211.worker import Stuck, Worker
from whimbrel.testing import PATIENCE


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test")
    yield made
    made.stop()


async def test_it_runs_calls_on_one_thread_that_is_not_the_loops(worker: Worker) -> None:
    threads = {await worker.call(threading.get_ident, timeout=PATIENCE) for _ in range(3)}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_what_a_call_raises_comes_out(worker: Worker) -> None:
    def fail() -> None:
        raise KeyError("nothing")

    with pytest.raises(KeyError, match="nothing"):
        await worker.call(fail, timeout=PATIENCE)


async def test_a_call_that_hangs_is_left_and_the_next_is_refused_until_it_returns(worker: Worker) -> None:
    let_go = threading.Event()
    with pytest.raises(TimeoutError):
        await worker.call(let_go.wait, timeout=0.02)
    with pytest.raises(Stuck):
        await worker.call(lambda: 1, timeout=0.02)
    let_go.set()
    assert await worker.call(lambda: 2, timeout=PATIENCE) == 2


async def test_a_cancelled_caller_leaves_the_call_to_end(worker: Worker) -> None:
    loop = asyncio.get_running_loop()
    entered, let_go = asyncio.Event(), threading.Event()

    def work() -> None:
        loop.call_soon_threadsafe(entered.set)
        let_go.wait(PATIENCE)

    task = asyncio.create_task(worker.call(work, timeout=PATIENCE))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    let_go.set()
    assert await worker.call(lambda: 3, timeout=PATIENCE) == 3

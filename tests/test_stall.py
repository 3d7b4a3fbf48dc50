"""Who holds the loop is named."""

from __future__ import annotations

import asyncio

import pytest
from tests.lab.clocks import Clock

from whimbrel.stall import ExitRefused, Stall, StallMonitor, _Steps
from whimbrel.testing import PATIENCE


async def test_a_long_step_is_accounted_to_the_module_that_started_the_task() -> None:
    clock = Clock()
    monitor = StallMonitor(0.03, clock)
    monitor.install(asyncio.get_running_loop())

    async def work(seconds: float) -> None:
        clock.now += seconds
        await asyncio.sleep(0)

    async def module(name: str, *steps: float) -> None:
        monitor.enter(name)
        # A child's steps belong to its module, too.
        for seconds in steps:
            await asyncio.create_task(work(seconds))

    await asyncio.create_task(module("display", 0.5, 0.1, 0.02))
    await asyncio.create_task(module("logger", 0.01))
    assert monitor.take() == {"display": Stall(0.5, 2)}
    assert monitor.take() == {}


async def test_what_follows_a_timeout_is_a_step_too() -> None:
    clock = Clock()
    monitor = StallMonitor(0.03, clock)
    monitor.install(asyncio.get_running_loop())

    async def module() -> None:
        monitor.enter("tuner")
        await asyncio.create_task(patient())

    async def patient() -> None:
        try:
            async with asyncio.timeout(0):
                await asyncio.sleep(1000)
        except TimeoutError:
            clock.now += 0.5

    await asyncio.create_task(module())
    assert monitor.take() == {"tuner": Stall(0.5, 1)}


async def test_wrapped_tasks_return_raise_and_cancel_as_others_do() -> None:
    monitor = StallMonitor(10)
    monitor.install(asyncio.get_running_loop())

    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    async def fail() -> None:
        raise ValueError("no")

    assert await asyncio.create_task(answer()) == 42
    with pytest.raises(ValueError, match="no"):
        await asyncio.create_task(fail())
    sleeping = asyncio.create_task(asyncio.sleep(1000))
    await asyncio.sleep(0)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        children = [group.create_task(answer()) for _ in range(3)]
    assert [child.result() for child in children] == [42, 42, 42]


async def test_a_timed_callback_counts_also_when_it_raises() -> None:
    clock = Clock()
    monitor = StallMonitor(0.03, clock)

    def callback(seconds: float) -> None:
        clock.now += seconds
        if seconds == 2.0:
            raise ValueError("no")

    timed = monitor.timed("sniffer", callback)
    loop = asyncio.get_running_loop()
    errors: list[object] = []
    loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))
    for seconds in (0.0625, 0.015625, 2.0):
        loop.call_soon(timed, seconds)
    timed(7.0)  # from within a task, whose own step tells it
    await asyncio.sleep(0)
    assert monitor.take() == {"sniffer": Stall(2.0, 2)}
    assert [str(error) for error in errors] == ["no"]


@pytest.mark.parametrize("ending", [SystemExit(3), KeyboardInterrupt()])
@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_task_does_not_end_the_process(ending: BaseException, cancelled: bool) -> None:
    clock = Clock()
    monitor = StallMonitor(0.03, clock)
    monitor.install(asyncio.get_running_loop())

    async def leave() -> None:
        monitor.enter("lapwing")
        try:
            await asyncio.sleep(1000 if cancelled else 0)
        finally:
            clock.now += 0.5
            raise ending

    task = asyncio.create_task(leave())
    await asyncio.sleep(0)
    if cancelled:
        task.cancel()
    with pytest.raises(ExitRefused, match=type(ending).__name__) as refused:
        await task
    assert refused.value.__cause__ is ending
    assert list(monitor.take().values()) == [Stall(0.5, 1)], "its last step counts, too"


async def test_steps_are_the_coroutine_to_everybody_else() -> None:
    monitor = StallMonitor(10)
    ended: list[str] = []

    async def patient() -> int:
        try:
            await asyncio.sleep(0)
        finally:
            ended.append("patient")
        return 42

    assert await _Steps(patient(), "display", monitor) == 42
    fresh = _Steps(patient(), "display", monitor)
    assert "patient" in repr(fresh)
    fresh.close()
    begun = _Steps(patient(), "display", monitor)
    begun.send(None)
    begun.close()
    assert ended == ["patient", "patient"]

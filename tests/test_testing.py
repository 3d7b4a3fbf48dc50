"""The laboratory for one module: what it waits for, and that a failure of the module is never hidden."""

from __future__ import annotations

from typing import Any

import pytest

from whimbrel.events.base import Body
from whimbrel.module import Module
from whimbrel.testing import run_module


class Result(Body):
    n: int


class Breaking(Module[Any]):
    async def run(self) -> None:
        self.ctx.ready()
        self.ctx.publish(Result(n=1))
        raise ValueError("it broke")


class Steady(Module[Any]):
    async def run(self) -> None:
        self.ctx.ready()
        await self.ctx.stopping.wait()
        self.ctx.publish(Result(n=2))


async def test_a_failure_that_nothing_waited_for_is_raised_at_the_end() -> None:
    with pytest.raises(ValueError, match="it broke"):
        async with run_module(Breaking) as lab:
            assert await lab.event(Result) == Result(n=1)


async def test_a_failure_is_raised_once() -> None:
    async with run_module(Breaking) as lab:
        await lab.event(Result)
        with pytest.raises(ValueError, match="it broke"):
            await lab.event(Result)


async def test_finish_returns_what_came_last() -> None:
    async with run_module(Steady) as lab:
        await lab.ready()
        assert [event.body for event in await lab.finish()] == [Result(n=2)]

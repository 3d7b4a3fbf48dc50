"""An open, running keypad, and its reports."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from tests.lab.waiting import until

from whimbrel.drivers.ports import Keypad


class Listener:
    """Takes edges from any thread."""

    def __init__(self) -> None:
        self.edges: list[tuple[str, bool, float]] = []
        self.task: asyncio.Task[None]

    def __call__(self, key: str, down: bool, at: float) -> None:
        self.edges.append((key, down, at))

    @property
    def changes(self) -> list[tuple[str, bool]]:
        return [(key, down) for key, down, _ in self.edges]

    async def wait_for(self, *changes: tuple[str, bool]) -> None:
        """Wait until so many edges were reported, and check that they are these."""
        await self.wait_until(lambda: len(self.edges) >= len(changes))
        assert self.changes == list(changes)

    async def wait_until(self, state: Callable[[], object]) -> None:
        """Wait for a state; fails once the keypad has ended."""
        await until(state, ended=lambda: self.task.done() and f"the keypad has ended: {self.task}")


@contextlib.asynccontextmanager
async def listening(keypad: Keypad) -> AsyncIterator[Listener]:
    listener = Listener()
    await keypad.open()
    listener.task = asyncio.create_task(keypad.run(listener))
    try:
        await asyncio.sleep(0)
        yield listener
    finally:
        listener.task.cancel()
        await asyncio.wait([listener.task])
        await keypad.close()

"""Run one module on a bus without a daemon: for this project's tests, and for those of third-party modules.

async with run_module(Watcher, WatcherSettings()) as lab:
    lab.publish(FrameBatch(frames=frames))
    found = await lab.event(AccessPointFound)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from whimbrel.bus import Bus, Lagged
from whimbrel.events.base import Event
from whimbrel.module import Context, Handover, Module

B = TypeVar("B")

PATIENCE = 60.0
"""Timeout in seconds of everything that a test waits for; long, for slow machines."""


class Lab:
    """One running module and the bus around it."""

    def __init__(self, ctx: Context[Any], module: Module[Any]) -> None:
        self.ctx = ctx
        self.module = module
        self.bus = ctx.bus
        self.events: list[Event] = []
        """The events of the module that were skipped while waiting for others."""
        self.warned: dict[str, str] = {}
        """The last text of each warning that was set, including those that the module has cleared since."""
        ctx.on_change = self._note_warnings
        self._sender = self.bus.sender("test")
        self._heard = self.bus.subscribe(reader="test", capacity=1_000_000)
        self._task = asyncio.create_task(module.run(), name=f"module {ctx.name}")
        self._told = False  # whether the end of the module was reported to the test

    def publish(self, body: object, at: float | None = None) -> Event:
        """Send `body` to the module, like another module would."""
        return self._sender.publish(body, at)

    async def ready(self) -> None:
        """Wait until the module is ready. Raises the module's exception, or TimeoutError."""
        await self._race(self.ctx.is_ready.wait())

    async def event(self, kind: type[B], where: Callable[[B], bool] = lambda _: True) -> B:
        """Return the next body of `kind` (and subclasses) that the module publishes and `where` accepts.

        Raises the module's exception, or TimeoutError.
        """
        while True:
            event = await self._race(self._heard.read())
            assert not isinstance(event, Lagged)
            self.events.append(event)
            if isinstance(event.body, kind) and where(event.body):
                return event.body

    async def finish(self) -> list[Event]:
        """Ask the module to end, wait for it, and return all events that it published.

        Raises the module's exception, or TimeoutError.
        """
        self.ctx.stop()
        self._told = True
        await asyncio.wait_for(self._task, PATIENCE)
        self.events += [event for event in self._heard.read_waiting() if isinstance(event, Event)]
        return self.events

    async def _race(self, awaitable: Any) -> Any:
        """Wait for `awaitable`, but not longer than the module lives."""
        wanted = asyncio.ensure_future(awaitable)
        await asyncio.wait({wanted, self._task}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if wanted.done():
            return wanted.result()
        wanted.cancel()
        if self._task.done():
            self._told = True
            self._task.result()
            raise AssertionError(f"the module {self.ctx.name} ended while something was awaited from it")
        raise TimeoutError(f"waited {PATIENCE:g} s in vain")

    def _note_warnings(self) -> None:
        self.warned |= self.ctx.warnings

    def _tell_end(self) -> None:
        """Raise the module's exception, unless that was done already."""
        if self._task.done() and not self._told:
            self._task.result()


@asynccontextmanager
async def run_module(
    module: type[Module[Any]], settings: Any = None, *, name: str = "module", handover: Handover | None = None
) -> AsyncIterator[Lab]:
    """Run `module` (with its default settings, if none are given) for the duration of the block.

    `handover` holds the state of an earlier run, and receives that of this one.

    At the end of the block the module's exception is raised, unless the block raised one.
    """
    ctx = Context(name, module.Settings() if settings is None else settings, Bus(), handover=handover)
    lab = Lab(ctx, module(ctx))
    try:
        yield lab
        lab._tell_end()
    finally:
        ctx.stop()
        lab._task.cancel()
        await asyncio.wait([lab._task], timeout=PATIENCE)
        ctx.release()

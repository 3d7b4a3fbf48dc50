"""An outbox in use by a module: opened and closed with it, its damage and its losses among the module's warnings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from whimbrel.module import Context, NotReady
from whimbrel.outbox.store import Outbox

_LOOK = 30.0
"""Seconds between two looks at a disk that takes nothing."""


@asynccontextmanager
async def in_use(outbox: Outbox, ctx: Context[Any]) -> AsyncIterator[None]:
    """Open the outbox for the block; warn if its file could not be used. Raises `NotReady` for a damaged one."""
    await outbox.open()
    try:
        if outbox.aside is not None:
            ctx.warn(
                "file",
                f"{outbox.path} was {outbox.aside_because} and is {outbox.aside.name} now; the queue starts empty",
            )
        warn_of_troubles(outbox, ctx)
        watching = asyncio.create_task(_watch_disk(outbox, ctx))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])
    finally:
        await outbox.close()


async def _watch_disk(outbox: Outbox, ctx: Context[Any]) -> None:
    """Return to the disk as soon as it takes entries, also where nothing is to be sent."""
    while True:
        await asyncio.sleep(_LOOK)
        with contextlib.suppress(NotReady):  # the module's own next use of the file tells
            await outbox.try_disk()
            warn_of_troubles(outbox, ctx)


def warn_of_troubles(outbox: Outbox, ctx: Context[Any]) -> None:
    """Warn if entries were lost so far, and while they are in memory alone."""
    if outbox.lost:
        ctx.warn("lost", f"{outbox.lost} were lost so far: more waited than modules.{ctx.name}.queue")
    if outbox.problem:
        ctx.warn(
            "disk",
            f"what waits is in memory alone and does not outlast a restart: {outbox.path}: {outbox.problem}; look"
            " whether its disk is full or read-only",
        )
    else:
        ctx.clear("disk")

"""An outbox in use by a module: opened and closed with it, its damage and its losses among the module's warnings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from whimbrel.module import Context
from whimbrel.outbox.store import Outbox


@asynccontextmanager
async def in_use(outbox: Outbox, ctx: Context[Any]) -> AsyncIterator[None]:
    """Open the outbox for the block; warn if its file could not be used. Raises `NotReady` for a failing disk."""
    await outbox.open()
    try:
        if outbox.aside is not None:
            ctx.warn(
                "file",
                f"{outbox.path} was {outbox.aside_because} and is {outbox.aside.name} now; the queue starts empty",
            )
        yield
    finally:
        await outbox.close()


def warn_of_losses(outbox: Outbox, ctx: Context[Any]) -> None:
    """Warn if entries were lost so far."""
    if outbox.lost:
        ctx.warn("lost", f"{outbox.lost} were lost so far: more waited than modules.{ctx.name}.queue")

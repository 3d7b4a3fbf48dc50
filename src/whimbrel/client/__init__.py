"""Client of a running daemon for other programs, with typed answers and typed events.

    async with connect() as client:
        air = await client.ask(SURVEY)
        async for event in client.events(Alert, level=Level.NOTICE):
            ...

`Client` is for asyncio, `BlockingClient` for scripts and commands. The verbs are in `whimbrel.verbs`, the events in
`whimbrel.events`. docs/client.md explains both by examples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whimbrel.client.blocking import BlockingClient
from whimbrel.client.errors import BadAnswer, ClientError, Refused, Unreachable

if TYPE_CHECKING:
    from whimbrel.client.aio import Client, Lost, connect

__all__ = ["BadAnswer", "BlockingClient", "Client", "ClientError", "Lost", "Refused", "Unreachable", "connect"]


def __getattr__(name: str) -> Any:
    # The commands need no event loop, whose import takes as long as all the rest of a command.
    if name in {"Client", "Lost", "connect"}:
        from whimbrel.client import aio

        return getattr(aio, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

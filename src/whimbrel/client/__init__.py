"""Asks and follows a running daemon, from another program: typed answers, typed events.

    async with connect() as client:
        air = await client.ask(SURVEY)
        async for event in client.events(Alert, level=Level.NOTICE):
            ...

`Client` is for asyncio, `BlockingClient` for scripts and commands. What can be asked stands in `whimbrel.verbs`, what
can be followed in `whimbrel.events`. docs/client.md explains both by examples.
"""

from __future__ import annotations

from whimbrel.client.aio import Client, Lost, connect
from whimbrel.client.blocking import BlockingClient
from whimbrel.client.errors import BadAnswer, ClientError, Refused, Unreachable

__all__ = ["BadAnswer", "BlockingClient", "Client", "ClientError", "Lost", "Refused", "Unreachable", "connect"]

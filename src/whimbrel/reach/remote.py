"""The daemon's verbs for the modules of the second process, called over the control socket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, TypeVar

from whimbrel.client import BadAnswer, Client, ClientError, Refused, connect
from whimbrel.module import DaemonAway, VerbError, Verbs
from whimbrel.verbs.declare import Verb, check_arguments

T = TypeVar("T")

CONNECTIONS = 2
"""Limit of simultaneous requests: a change of channel is answered after a while, and must not delay others."""


class RemoteVerbs(Verbs):
    """Sends requests to the daemon with the socket at `path`, on few connections that are kept open.

    Verbs of modules on this side, which they serve as on the other, are answered here.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._idle: list[Client] = []
        self._free = asyncio.Semaphore(CONNECTIONS)

    async def ask(self, verb: Verb[T], arguments: dict[str, Any]) -> T:
        """Return the answer to `verb`. Raises like `whimbrel.module.Context.ask`."""
        if self.find(verb.name) is not None:
            return await super().ask(verb, arguments)
        check_arguments(verb, arguments)
        async with self._free:
            try:
                client = await self._connected()
                return await self._ask(client, verb, arguments)
            except Refused as error:
                raise VerbError(str(error)) from error
            except BadAnswer as error:
                raise VerbError(str(error)) from error
            except ClientError as error:
                raise DaemonAway(str(error)) from error

    async def close(self) -> None:
        """Close the connections; a later question opens another."""
        idle, self._idle = self._idle, []
        for client in idle:
            await client.close()

    async def _ask(self, client: Client, verb: Verb[T], arguments: dict[str, Any]) -> T:
        try:
            answer = await client.ask(verb, **arguments)
        except Refused:
            self._idle.append(client)
            raise
        except BaseException:
            # An answer may still be on its way, and would be taken for that to the next question.
            await client.close()
            raise
        self._idle.append(client)
        return answer

    async def _connected(self) -> Client:
        while self._idle:
            client = self._idle.pop()
            if client.is_open:
                return client
            await client.close()
        fresh: Client = await connect(self._path)
        return fresh

"""The daemon's verbs for the modules of the second process, called over the control socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from whimbrel.answering import Verbs
from whimbrel.client import BadAnswer, Client, ClientError, Refused, connect
from whimbrel.module import DaemonAway, VerbError
from whimbrel.verbs.declare import Query, Verb, check_arguments

S = TypeVar("S")
T = TypeVar("T")

CONNECTIONS = 2
"""Limit of simultaneous requests: a change of channel is answered after a while, and must not delay others."""


class RemoteVerbs(Verbs):
    """Sends requests to the daemon with the socket at `path`, on few connections that are kept open.

    `look` is the socket beside it that answers only what changes nothing: such requests go there. Verbs of modules on
    this side, which they serve as on the other, are answered here.
    """

    def __init__(self, path: Path, look: Path | None = None) -> None:
        super().__init__()
        self._path = path
        self._look = look
        self._idle: dict[Path, list[Client]] = {}
        self._free = asyncio.Semaphore(CONNECTIONS)
        self.socket = path if look is None else looking(look, path)

    async def ask(self, verb: Verb[T], arguments: dict[str, Any]) -> T:
        """Return the answer to `verb`. Raises like `whimbrel.module.Context.ask`."""
        if self.find(verb.name) is not None:
            return await super().ask(verb, arguments)
        check_arguments(verb, arguments)
        return await self._over(verb, lambda client: client.ask(verb, **arguments))

    async def ask_json(self, verb: Verb[Any], arguments: dict[str, Any]) -> bytes:
        """Return the answer to `verb` as the daemon wrote it; nothing of it is read here. Raises like `ask`."""
        if self.find(verb.name) is not None:
            return await super().ask_json(verb, arguments)
        check_arguments(verb, arguments)
        return await self._over(verb, lambda client: client.ask_json(verb, **arguments))

    async def _over(self, verb: Verb[Any], ask: Callable[[Client], Awaitable[S]]) -> S:
        """Return what `ask` does with a connection for this verb. Raises like `ask`."""
        async with self._free:
            try:
                path = (
                    self._path if self._look is None or not isinstance(verb, Query) else looking(self._look, self._path)
                )
                return await self._ask(await self._connected(path), ask)
            except Refused as error:
                raise VerbError(str(error)) from error
            except BadAnswer as error:
                raise VerbError(str(error)) from error
            except ClientError as error:
                raise DaemonAway(str(error)) from error

    async def close(self) -> None:
        """Close the connections; a later question opens another."""
        idle, self._idle = self._idle, {}
        for clients in idle.values():
            for client in clients:
                await client.close()

    async def _ask(self, client: Client, ask: Callable[[Client], Awaitable[S]]) -> S:
        try:
            answer = await ask(client)
        except Refused:
            self._idle.setdefault(client.path, []).append(client)
            raise
        except BaseException:
            # An answer may still be on its way, and would be taken for that to the next question.
            await client.close()
            raise
        self._idle.setdefault(client.path, []).append(client)
        return answer

    async def _connected(self, path: Path) -> Client:
        while idle := self._idle.get(path):
            client = idle.pop()
            if client.is_open:
                return client
            await client.close()
        fresh: Client = await connect(path)
        return fresh


def looking(look: Path, full: Path) -> Path:
    """Return the socket for those who only look, or the other one where there is none."""
    return look if look.exists() else full

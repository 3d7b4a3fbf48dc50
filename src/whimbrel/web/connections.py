"""The connections of the page's server: few at a time, and none that says nothing for long."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from aiohttp import web

from whimbrel.web.answers import SERVER, Refusal

MOST, MOST_OF_ONE = 48, 24
"""Connections at a time, of all and of one address: a browser opens six, and one for events."""
PATIENCE = 15.0
"""Seconds within which a request has to be there, and after which a client that takes nothing is disconnected."""


class Connection(web.RequestHandler):
    """One connection. It is closed where its request does not arrive in time, or where there are too many."""

    def __init__(self, manager: web.Server, *, patience: float, **options: Any) -> None:
        super().__init__(manager, **options)
        self.patience = patience
        self._crowd = manager
        self._due: asyncio.TimerHandle | None = None
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it where there are too many."""
        assert isinstance(transport, asyncio.Transport)
        theirs = _address(transport)
        others = [_address(each.transport) for each in self._crowd.connections if each.transport is not None]
        super().connection_made(transport)
        if len(others) >= MOST or others.count(theirs) >= MOST_OF_ONE:
            transport.abort()
            return
        sock = transport.get_extra_info("socket")
        if sock is not None:
            # The kernel gives up a client that takes nothing: a full window counts like a cable that is pulled.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self.patience * 1000))
        self._expect()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection."""
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take octets; the first ones of a request begin its time."""
        if not self._busy:
            self._expect()
        super().data_received(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no request, and repeat nothing of it."""
        answer = Refusal(status, "this is no request", close=True).answer()
        answer.headers["Server"] = SERVER
        return answer

    def begin(self) -> None:
        """Note that a request is there, and is being answered."""
        self._busy = True
        self._expect_nothing()

    def end(self) -> None:
        """Note that it is answered."""
        self._busy = False

    def _expect(self) -> None:
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(self.patience, self._give_up)

    def _expect_nothing(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _give_up(self) -> None:
        self._due = None
        if self.transport is not None:
            self.transport.abort()


def _address(transport: Any) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else ""

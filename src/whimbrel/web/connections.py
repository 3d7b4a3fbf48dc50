"""The connections of the page's server: few at a time, and none that says nothing for long."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from aiohttp import web

from whimbrel.system.addresses import place_of
from whimbrel.web.answers import SERVER, Refusal

MOST, MOST_OF_ONE = 48, 24
"""Connections at a time, of all and of one place: a browser opens six, and one for events."""
PATIENCE = 15.0
"""Seconds within which a request has to be there, and after which a client that takes nothing is disconnected."""
_AHEAD = 16
"""Requests that may wait on one connection for their answers: no browser sends a second one before it has the first."""


class Connection(web.RequestHandler):
    """One connection. It is closed where its request does not arrive in time, or where there are too many: then one
    goes that has not shown a session, first of those that do nothing, so that strangers keep nobody out."""

    def __init__(self, manager: web.Server, *, patience: float, **options: Any) -> None:
        # What is sent compressed would be unpacked before anybody has looked at it.
        super().__init__(manager, auto_decompress=False, **options)
        self.patience = patience
        self.known = False
        """Whether a request on it has shown a session."""
        self._crowd = manager
        self._due: asyncio.TimerHandle | None = None
        self._busy = False
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection; where there are too many, close another one, or this."""
        assert isinstance(transport, asyncio.Transport)
        theirs = _address(transport)
        # One that was aborted is listed until the loop's next turn: in a burst it must not make room twice.
        others = [
            each
            for each in self._crowd.connections
            if isinstance(each, Connection) and each.transport and not each.transport.is_closing()
        ]
        near = [each for each in others if _address(each.transport) == theirs]
        super().connection_made(transport)
        crowd = near if len(near) >= MOST_OF_ONE else others if len(others) >= MOST else []
        if crowd and not _made_room(crowd):
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
        if len(self._messages) > _AHEAD and self.transport is not None:
            self.transport.abort()

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
        self._since = asyncio.get_running_loop().time()

    def _expect(self) -> None:
        if self._due is None:
            loop = asyncio.get_running_loop()
            self._since = loop.time()
            self._due = loop.call_later(self.patience, self._give_up)

    def _expect_nothing(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _give_up(self) -> None:
        self._due = None
        if self.transport is not None:
            self.transport.abort()


def _made_room(crowd: list[Connection]) -> bool:
    """Close a connection of nobody known: one that does nothing before one with a request, and the oldest of these.

    Returns whether there is one. A request is no protection: its body may never come.
    """
    strangers = [each for each in crowd if not each.known]
    if not strangers:
        return False
    chosen = min(strangers, key=lambda each: (each._busy, each._since))  # its own class
    if chosen.transport is not None:
        chosen.transport.abort()
    return True


def _address(transport: Any) -> str:
    peer = transport.get_extra_info("peername")
    return place_of(str(peer[0])) if isinstance(peer, tuple) else ""

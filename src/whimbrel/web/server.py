"""The page's server: its addresses, its routes, and what holds for every request."""

from __future__ import annotations

import asyncio
import functools
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from whimbrel.module import DaemonAway, NotReady, VerbError
from whimbrel.web.answers import HEADERS, SERVER, Refusal
from whimbrel.web.arguments import BadArgument
from whimbrel.web.connections import PATIENCE, Connection
from whimbrel.web.gate import COOKIE, Gate
from whimbrel.web.routes import ROUTES, Route

Handler = Callable[[web.Request, Route], Awaitable[web.StreamResponse]]
MOST_OF_BODY = 65536
"""Octets of a request's body: as much as a line of the control socket."""
_RETRY = 2.0
_IDLE = 30.0
"""Seconds for which a connection without a request is kept."""
AT_ONCE = 8
"""Connections that are taken in one go, before those that are too many are closed: each takes 70 KiB till then."""
_FREEBIND = 15  # IP_FREEBIND of ip(7), which Python does not name
_SILENT = logging.getLogger("whimbrel.web")
"""Where aiohttp tells of requests that are none: anybody can send these."""
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class PageServer:
    """Serves `ROUTES` by the functions that `handlers` has under the names of the routes."""

    def __init__(self, gate: Gate, handlers: Mapping[str, Handler]) -> None:
        self._gate = gate
        self._app = web.Application(client_max_size=MOST_OF_BODY, middlewares=[self._guard])
        self._app.on_response_prepare.append(_add_headers)
        self._routes: dict[object, Route] = {}
        for route in ROUTES:
            handler = functools.partial(_call, handlers[route.name], route)
            added = self._app.router.add_route(route.method, route.path, handler)
            self._routes[added.handler] = route
        self._runner = web.AppRunner(self._app, access_log=None, logger=_SILENT, keepalive_timeout=_IDLE)
        self._listening: list[asyncio.Server] = []

    async def start(self, addresses: Iterable[str], port: int, context: ssl.SSLContext | None) -> None:
        """Listen. Raises `NotReady` where an address or the port cannot be had."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        for address in addresses:
            sock = _bound(address, port)
            self._listening.append(await loop.create_server(self._accept, sock=sock, ssl=context, backlog=AT_ONCE))

    async def stop(self) -> None:
        """Stop listening, and close every connection."""
        for server in self._listening:
            server.close()
        await self._runner.cleanup()

    def _accept(self) -> Connection:
        manager = self._runner.server
        assert manager is not None
        loop = asyncio.get_running_loop()
        return Connection(
            manager, patience=PATIENCE, loop=loop, access_log=None, logger=_SILENT, keepalive_timeout=_IDLE
        )

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Answer a request that may be answered; every error becomes an answer."""
        connection = request.protocol
        assert isinstance(connection, Connection)
        connection.begin()
        try:
            self._let_in(request, connection)
            answer: web.StreamResponse = await handler(request)
        except Refusal as refusal:
            answer = refusal.answer()
        except BadArgument as error:
            answer = Refusal(400, str(error)).answer()
        except DaemonAway as error:
            answer = Refusal(503, str(error), retry=_RETRY).answer()
        except VerbError as error:
            route = self._routes.get(request.match_info.handler)
            answer = Refusal(route.refused if route else 409, str(error)).answer()
        except web.HTTPException as error:  # no such path, another method, a body that is too large
            answer = Refusal(error.status, error.reason, close=error.status == 413).answer()
            if "Allow" in error.headers:
                answer.headers["Allow"] = error.headers["Allow"]
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001  # told like every error that nobody handles; the client learns no more
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"web: {request.method} {request.path[:100]!r} failed", "exception": error}
            )
            answer = Refusal(500, "this failed; the journal of whimbrel-reach says how").answer()
        finally:
            connection.end()
        return answer

    def _let_in(self, request: web.Request, connection: Connection) -> None:
        """Raises `Refusal` for a request from a page of others, or without a session where one is needed."""
        if not self._gate.knows_host(request.host):
            raise Refusal(421, "this name is not that of the device: add it to modules.web.hosts", close=True)
        if (request.method == "POST" or _wants_socket(request)) and not self._gate.is_ours(
            request.headers.get("Origin"), request.host
        ):
            raise Refusal(403, f"expected the header Origin: {self._gate.scheme}://{request.host}", close=True)
        if "Content-Encoding" in request.headers:
            raise Refusal(415, "expected a body that is not compressed", close=True)
        route = self._routes.get(request.match_info.handler)
        connection.known = self._gate.end_of(request.cookies.get(COOKIE)) is not None
        if (route is None or not route.open) and not connection.known:
            raise Refusal(401, "log in first", close=request.body_exists)


async def _call(handler: Handler, route: Route, request: web.Request) -> web.StreamResponse:
    return await handler(request, route)


async def _add_headers(_request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers["Server"] = SERVER
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)


def _wants_socket(request: web.Request) -> bool:
    return "upgrade" in request.headers.get("Connection", "").lower()


def _bound(address: str, port: int) -> socket.socket:
    """Return a socket that is bound, also to an address that is not there yet. Raises `NotReady`."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setsockopt(socket.IPPROTO_IP, _FREEBIND, 1)
        sock.bind((address, port))
        sock.listen()  # here, since the next one to bind it would be told of nothing
    except OSError as error:
        sock.close()
        text = f"cannot serve on {address} port {port}: {error.strerror}; set modules.web.addresses or port"
        raise NotReady(text) from error
    return sock

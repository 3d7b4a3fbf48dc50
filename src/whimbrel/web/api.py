"""The functions that answer the routes."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from whimbrel import __version__
from whimbrel.events.encode import encode_body
from whimbrel.events.system import ModulesState
from whimbrel.module import Context
from whimbrel.verbs.device import SCREENSHOT
from whimbrel.web.answers import JSON, Refusal, passed_json, plain_json
from whimbrel.web.arguments import of_body, of_query
from whimbrel.web.assets import INDEX, Asset
from whimbrel.web.connections import PATIENCE
from whimbrel.web.gate import COOKIE, Gate
from whimbrel.web.made import Maker
from whimbrel.web.recordings import RecordingFiles, download
from whimbrel.web.routes import Route
from whimbrel.web.server import Handler
from whimbrel.web.settings import WebSettings
from whimbrel.web.stream import EventStreams

_ID = re.compile(r"[0-9]{1,15}")
_REPORT = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Disposition": 'inline; filename="report.html"',
    # A page of its own, with its styles in it; nothing of it may act in the name of this one.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
_PNG = b"\x89PNG\r\n\x1a\n"


class Api:
    """Answers requests from the daemon's answers; one for a run of the module."""

    def __init__(self, ctx: Context[WebSettings], gate: Gate, assets: Mapping[str, Asset]) -> None:
        self._ctx = ctx
        self._gate = gate
        self._assets = assets
        self._streams = EventStreams(ctx, gate)
        self._recordings = RecordingFiles(ctx)
        self._maker = Maker(ctx.verbs.socket)

    def handlers(self) -> dict[str, Handler]:
        """Return the functions by the names that the routes use."""
        return {
            "index": self._index, "asset": self._asset, "login": self._login, "logout": self._logout,
            "session": self._session, "reach": self._reach, "look": self._look, "do": self._do,
            "evidence": self._evidence, "report": self._report, "recording": self._recording,
            "panel": self._panel, "openapi": self._openapi, "events": self._events,
        }  # fmt: skip

    async def _index(self, request: web.Request, _route: Route) -> web.Response:
        return self._file(request, INDEX)

    async def _asset(self, request: web.Request, _route: Route) -> web.Response:
        return self._file(request, request.match_info["name"])

    def _file(self, request: web.Request, name: str) -> web.Response:
        asset = self._assets.get(name)
        if asset is None:
            raise Refusal(404, "there is no such file")
        headers = {"ETag": asset.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if asset.tag in (
            each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")
        ):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = asset.type
        if asset.compressed and "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=asset.content, headers=headers | {"Content-Encoding": "gzip"})
        return web.Response(body=asset.plain(), headers=headers)

    async def _login(self, request: web.Request, route: Route) -> web.Response:
        address = request.remote or ""
        self._refuse_in_pause(address)
        token = (await _arguments(request, route))["token"]
        self._refuse_in_pause(address)  # others may have failed while the body came
        secret = await self._gate.log_in(token, address)
        if secret is None:
            raise Refusal(403, "this token is not the right one: `whimbrel web-token` and the device's panel show it")
        answer = web.Response(status=204)
        answer.set_cookie(
            COOKIE, secret, path="/", httponly=True, samesite="Strict", max_age=int(self._gate.length),
            secure=self._gate.scheme == "https",
        )  # fmt: skip
        return answer

    def _refuse_in_pause(self, address: str) -> None:
        pause = self._gate.pause(address)
        if pause:
            raise Refusal(429, "too many logins have failed; wait a moment", retry=pause, close=True)

    async def _logout(self, request: web.Request, _route: Route) -> web.Response:
        await self._gate.log_out(request.cookies[COOKIE])
        answer = web.Response(status=204)
        answer.set_cookie(COOKIE, "", path="/", httponly=True, samesite="Strict", max_age=0)
        return answer

    async def _session(self, _request: web.Request, _route: Route) -> web.Response:
        may: list[str] = list(self._ctx.settings.may)
        if "lock" in may:
            may.append("unlock")
        return plain_json({"may": may, "version": __version__, "device": socket.gethostname()})

    async def _reach(self, _request: web.Request, _route: Route) -> web.Response:
        newest = self._ctx.latest(ModulesState)
        return plain_json(encode_body(ModulesState(modules=()) if newest is None else newest.body))

    async def _look(self, request: web.Request, route: Route) -> web.Response:
        assert route.verb is not None
        arguments = _query(request, route)
        if "id" in request.match_info:
            arguments["alert"] = _id(request)
        return await _json(request, await self._ctx.ask_json(route.verb, **arguments))

    async def _do(self, request: web.Request, route: Route) -> web.Response:
        assert route.verb is not None
        if not self._ctx.may(route.verb):
            raise Refusal(403, f"{route.verb.name} is not in modules.{self._ctx.name}.may", close=True)
        return await _json(request, await self._ctx.ask_json(route.verb, **await _arguments(request, route)))

    async def _evidence(self, request: web.Request, _route: Route) -> web.StreamResponse:
        alert = _id(request)
        headers = download(f"alert-{alert}.pcapng")
        return await self._made(request, headers, "evidence", alert, "-")

    async def _report(self, request: web.Request, route: Route) -> web.StreamResponse:
        since = _query(request, route).get("since")
        chosen = () if since is None else ("--since", datetime.fromtimestamp(since, UTC).isoformat())
        return await self._made(request, _REPORT, "report", *chosen, "-")

    async def _recording(self, request: web.Request, _route: Route) -> web.StreamResponse:
        return await self._recordings.send(request, request.match_info["name"])

    async def _made(
        self, request: web.Request, headers: Mapping[str, str], *command: str, module: str = "whimbrel"
    ) -> web.StreamResponse:
        """Pass on what a command writes, from its first octets on."""
        answer = web.StreamResponse(headers=headers)
        async for piece in self._maker.pieces(*command, module=module):
            if not answer.prepared:
                await answer.prepare(request)
            await answer.write(piece)
        if not answer.prepared:
            raise Refusal(500, "nothing was written")
        await answer.write_eof()
        return answer

    async def _panel(self, request: web.Request, route: Route) -> web.Response:
        answer = await self._ctx.ask(SCREENSHOT, **_query(request, route))
        try:
            image = base64.b64decode(answer.png, validate=True)
        except (ValueError, binascii.Error):
            image = b""
        if not image.startswith(_PNG):
            raise Refusal(502, "the daemon's answer is no picture")
        return web.Response(body=image, content_type="image/png")

    async def _openapi(self, request: web.Request, _route: Route) -> web.StreamResponse:
        return await self._made(request, {"Content-Type": JSON}, module="whimbrel.web.openapi")

    async def _events(self, request: web.Request, route: Route) -> web.StreamResponse:
        return await self._streams.serve(request, _query(request, route))


async def _json(request: web.Request, octets: bytes) -> web.Response:
    return await passed_json(octets, request.headers.get("Accept-Encoding", ""))


def _query(request: web.Request, route: Route) -> dict[str, Any]:
    return of_query(route, request.query.items())


async def _arguments(request: web.Request, route: Route) -> dict[str, Any]:
    if request.content_type != JSON:
        raise Refusal(415, f"expected the header Content-Type: {JSON}", close=True)
    try:
        async with asyncio.timeout(PATIENCE):
            body = await request.read()
    except TimeoutError:
        raise Refusal(408, "the body did not arrive in time", close=True) from None
    return of_body(route, body)


def _id(request: web.Request) -> str:
    found = request.match_info["id"]
    if not _ID.fullmatch(found):
        raise Refusal(404, "there is no such alert")
    return found

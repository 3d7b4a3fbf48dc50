"""Events on WebSockets: each message is the line that the verb ``tail`` sends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import web

from whimbrel.bus import Lagged
from whimbrel.control.following import stream_line, written_slowly
from whimbrel.events.base import KINDS, Body, Event
from whimbrel.events.interest import is_bulky
from whimbrel.events.reach import DaemonReached, DaemonUnreachable
from whimbrel.module import Context
from whimbrel.web.answers import Refusal
from whimbrel.web.gate import COOKIE, Gate
from whimbrel.web.kinds import leaves
from whimbrel.web.settings import WebSettings
from whimbrel.wording.suggestions import no_such

MOST = 8
"""Clients at a time."""
QUEUE, QUEUE_OF_LARGE = 256, 4
"""Events that wait for a client; of more it loses the oldest, and is told how many."""
PATIENCE = 20.0
"""Seconds in which a client takes a message, or answers a ping."""
BEAT = 15.0
"""Seconds between two messages that say nothing but that the server is there: a page sees no pings, and nothing else
tells it that its connection leads nowhere any more (the device was without power, a router forgot it)."""
_ALIVE = json.dumps({"alive": True})
_LARGEST = 1024
"""Octets of a message from a client, of which none is expected."""
_KINDS = 64


class EventStreams:
    """The clients that follow events."""

    def __init__(self, ctx: Context[WebSettings], gate: Gate) -> None:
        self._ctx = ctx
        self._gate = gate
        self._clients = 0
        self._shared: dict[int, asyncio.Task[str]] = {}

    async def serve(self, request: web.Request, arguments: Mapping[str, Any]) -> web.WebSocketResponse:
        """Send events until the client leaves, its session ends, or the module is to end. Raises `Refusal`."""
        kinds, latest = _named(arguments["kinds"]), _named(arguments.get("latest", ""))
        answer = web.WebSocketResponse(heartbeat=PATIENCE, max_msg_size=_LARGEST, compress=False)
        if not answer.can_prepare(request):
            raise Refusal(426, "expected a WebSocket")
        if self._clients >= MOST:
            raise Refusal(503, f"{MOST} pages follow events already", retry=10.0)
        self._clients += 1
        try:
            await answer.prepare(request)
            await self._send_all(answer, request.cookies[COOKIE], kinds, latest)
        finally:
            self._clients -= 1
        return answer

    async def _send_all(
        self, answer: web.WebSocketResponse, secret: str, kinds: tuple[type[Body], ...], latest: tuple[type[Body], ...]
    ) -> None:
        capacity = QUEUE_OF_LARGE if any(map(is_bulky, kinds)) else QUEUE
        wanted = dict.fromkeys((*kinds, DaemonReached, DaemonUnreachable))
        sub = self._ctx.subscribe(*wanted, capacity=capacity)
        tasks = [
            asyncio.create_task(self._send(answer, sub, latest)), asyncio.create_task(_listen(answer)),
            asyncio.create_task(self._wait_for_end(secret)), asyncio.create_task(_beat(answer)),
        ]  # fmt: skip
        code, why = 1001, "going away"
        try:
            with self._gate.open_in(secret, tasks[2].cancel):
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[2].done():
                code, why = 4401, "the session has ended"
            elif any(_took_too_long(task) for task in (tasks[0], tasks[3])):
                code, why = 1008, "too slow: nothing was taken for too long"
        finally:
            sub.close()
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(ConnectionError, TimeoutError, RuntimeError):
                async with asyncio.timeout(1.0):
                    await answer.close(code=code, message=why.encode())
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, (ConnectionError, TimeoutError)):
                raise result

    async def _send(self, answer: web.WebSocketResponse, sub: Any, latest: tuple[type[Body], ...]) -> None:
        async for text in self._messages(sub, latest):
            async with asyncio.timeout(PATIENCE):
                await answer.send_str(text)

    async def _messages(self, sub: Any, latest: tuple[type[Body], ...]) -> AsyncIterator[str]:
        """Yield whether the daemon can be reached, the newest events of `latest`, and then events as they happen."""
        for kinds in ((DaemonReached, DaemonUnreachable), latest):
            found = sorted(event for event in map(self._ctx.latest, kinds) if event is not None)
            for event in found[-1:] if kinds is not latest else found:
                yield await self._message(event)
        async for item in sub:
            yield await self._message(item)

    async def _message(self, item: Event | Lagged) -> str:
        if isinstance(item, Lagged):
            return json.dumps({"lagged": item.lost})
        if isinstance(item.body, DaemonReached):
            return json.dumps({"daemon": "reached", "version": item.body.version})
        if isinstance(item.body, DaemonUnreachable):
            return json.dumps({"daemon": "unreachable", "reason": item.body.reason})
        if is_bulky(type(item.body)):
            return await self._large(item)
        return stream_line(item).decode("ascii").rstrip()

    async def _large(self, event: Event) -> str:
        """Return the message of a large event, written piece by piece, and once for all clients."""
        task = self._shared.get(event.seq)
        if task is None:
            task = self._shared[event.seq] = asyncio.create_task(_joined(event))
            while len(self._shared) > QUEUE_OF_LARGE:
                del self._shared[next(iter(self._shared))]
        return await asyncio.shield(task)

    async def _wait_for_end(self, secret: str) -> None:
        """Return once the session has ended by its time."""
        await asyncio.sleep((self._gate.end_of(secret) or 0.0) - time.time())


async def _listen(answer: web.WebSocketResponse) -> None:
    """Read what comes, which also answers pings; return once the client is gone or says anything."""
    async for message in answer:
        if message.type is web.WSMsgType.ERROR:
            return


async def _beat(answer: web.WebSocketResponse) -> None:
    while True:
        await asyncio.sleep(BEAT)
        async with asyncio.timeout(PATIENCE):
            await answer.send_str(_ALIVE)


def _took_too_long(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and isinstance(task.exception(), TimeoutError)


async def _joined(event: Event) -> str:
    return b"".join(await written_slowly(event)).decode("ascii").rstrip()


def _named(text: str) -> tuple[type[Body], ...]:
    """Return the kinds in a list with commas. Raises `Refusal`."""
    names = [name for name in text.split(",") if name]
    if len(names) > _KINDS:
        raise Refusal(400, f"expected at most {_KINDS} kinds")
    for name in names:
        kind = KINDS.get(name)
        if kind is None:
            raise Refusal(400, no_such("event", name[:60], sorted(KINDS)))
        if not leaves(kind):
            raise Refusal(400, f"{name} does not leave the daemon")
    return tuple(dict.fromkeys(KINDS[name] for name in names))

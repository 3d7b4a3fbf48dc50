"""Events on WebSockets."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import aiohttp
import pytest
from tests.lab.alerts import alert
from tests.lab.page import Page, page
from tests.lab.waiting import until

from whimbrel.events.air import AirReport
from whimbrel.events.encode import encode_event
from whimbrel.events.reach import DaemonReached, DaemonUnreachable
from whimbrel.settings import Duration
from whimbrel.web import stream


def report(stations: int) -> AirReport:
    return AirReport(access_points=1, stations=stations, frames=0, malformed=0, evicted=0, rate=0.0, busiest_freq=0)


async def followed(shown: Page, kind: type) -> None:
    """Wait until somebody follows."""
    await until(lambda: shown.lab.bus.is_taken(kind))


async def heard(client: Any) -> Any:
    async with asyncio.timeout(30):
        message = await client.receive()
    assert message.type is aiohttp.WSMsgType.TEXT, message
    return json.loads(message.data)


async def test_a_message_is_the_line_of_tail() -> None:
    async with page() as shown, shown.follow("kinds=air-report") as client:
        await followed(shown, AirReport)
        event = shown.lab.publish(report(3))
        message = await heard(client)
        assert message == encode_event(event) | {"level": "debug", "message": message["message"]}
        assert "3 stations" in message["message"]
        shown.lab.publish(alert(1))  # not asked for
        shown.lab.publish(report(4))
        assert (await heard(client))["body"]["stations"] == 4


async def test_the_newest_comes_first_and_so_does_whether_the_daemon_is_there() -> None:
    async with page() as shown:
        shown.lab.publish(DaemonReached(version="1.0", away=None))
        shown.lab.publish(report(5))
        async with shown.follow("kinds=air-report&latest=air-report") as client:
            assert await heard(client) == {"daemon": "reached", "version": "1.0"}
            assert (await heard(client))["body"]["stations"] == 5
            shown.lab.publish(DaemonUnreachable(reason="it has ended"))
            assert await heard(client) == {"daemon": "unreachable", "reason": "it has ended"}
        async with shown.follow("kinds=alert") as client:
            assert (await heard(client))["daemon"] == "unreachable"


async def test_a_page_that_hears_nothing_else_is_told_that_the_server_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT", 0.05)
    async with page() as shown, shown.follow("kinds=air-report") as client:
        assert [await heard(client), await heard(client)] == [{"alive": True}] * 2


async def test_a_slow_client_loses_the_oldest_and_is_told_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "QUEUE", 4)
    async with page() as shown, shown.follow("kinds=air-report") as client:
        await followed(shown, AirReport)
        for number in range(50):  # at once: the module has no turn between
            shown.lab.publish(report(number))
        told = [await heard(client)]
        while "body" not in told[-1] or told[-1]["body"]["stations"] != 49:
            told.append(await heard(client))
        lost = sum(message.get("lagged", 0) for message in told)
        assert lost + sum("body" in message for message in told) == 50
        assert lost >= 40


async def test_a_client_that_takes_nothing_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PATIENCE", 0.5)
    async with page() as shown:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", shown.port))
        head = (
            f"GET /api/v1/events?kinds=air-report HTTP/1.1\r\nHost: 127.0.0.1:{shown.port}\r\n"
            f"Origin: {shown.origin}\r\n"
            f"Cookie: whimbrel={shown.cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        await asyncio.get_running_loop().sock_sendall(sock, head.encode())
        await followed(shown, AirReport)

        def left() -> bool:
            for _ in range(100):
                shown.lab.publish(report(1))
            return not shown.lab.bus.is_taken(AirReport)

        await until(left)
        sock.close()


async def test_a_follower_leaves_with_its_session() -> None:
    async with page() as shown, shown.follow("kinds=air-report") as client:
        await followed(shown, AirReport)
        async with shown.post("/api/v1/logout") as answer:
            assert answer.status == 204
        message = await client.receive()
        assert (message.type, client.close_code) == (aiohttp.WSMsgType.CLOSE, 4401)
    async with page(session=Duration(1.0)) as shown, shown.follow("kinds=air-report") as client:
        await client.receive()
        assert client.close_code == 4401


async def test_a_follower_is_let_go_when_the_module_ends() -> None:
    async with page() as shown, shown.follow("kinds=air-report") as client:
        await followed(shown, AirReport)
        shown.lab.ctx.stop()
        message = await client.receive()
        assert (message.type, client.close_code) == (aiohttp.WSMsgType.CLOSE, 1001)


async def test_few_follow_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST", 1)
    async with page() as shown:
        async with shown.follow("kinds=alert"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await shown.follow("kinds=alert")
            assert refused.value.status == 503
        await until(lambda: not shown.lab.bus.is_taken(DaemonReached))
        async with shown.follow("kinds=alert"):
            pass


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("kinds=", 400), ("", 400), ("kinds=nothing", 400), ("kinds=frame-batch", 400), ("kinds=captured-frames", 400),
        ("kinds=alert&latest=x", 400), ("kinds=" + ",".join(["alert"] * 65), 400),
    ],
)  # fmt: skip
async def test_a_wish_that_is_none_is_refused(query: str, status: int) -> None:
    async with page() as shown:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await shown.follow(query)
        assert refused.value.status == status


async def test_nobody_follows_without_login_or_from_a_page_of_others() -> None:
    async with page() as shown:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await shown.follow("kinds=alert", Origin="http://evil.example")
        assert refused.value.status == 403
        async with shown.get("/api/v1/events?kinds=alert") as answer:
            assert answer.status == 426
        shown.cookie = ""
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await shown.follow("kinds=alert")
        assert refused.value.status == 401

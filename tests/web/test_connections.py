"""Connections: few at a time, and none that says or takes nothing for long."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import select
import socket
from collections.abc import AsyncIterator

import pytest
from tests.lab.page import Page, page
from tests.lab.waiting import until

from whimbrel.web.connections import MOST_OF_ONE
from whimbrel.web.server import AT_ONCE


@contextlib.asynccontextmanager
async def opened(shown: Page) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", shown.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Return what comes until the connection ends, however it does."""
    async with asyncio.timeout(30):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: local"])
async def test_a_request_that_does_not_arrive_ends_the_connection(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr("whimbrel.web.server.PATIENCE", 0.2)
    async with page(logged_in=False) as shown:
        async with opened(shown) as (reader, writer):
            writer.write(sent)
            assert await ended(reader) == b""
        async with shown.get("/") as answer:
            assert answer.status == 200


async def crowd(
    shown: Page, stack: contextlib.AsyncExitStack, number: int, headers: str = ""
) -> list[asyncio.StreamReader]:
    """Open connections, each with a request that is answered."""
    readers = []
    for _ in range(number):
        reader, writer = await stack.enter_async_context(opened(shown))
        writer.write(f"GET /assets/icon.svg HTTP/1.1\r\nHost: 127.0.0.1:{shown.port}\r\n{headers}\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        readers.append(reader)
    return readers


async def test_one_address_has_its_part_of_the_places() -> None:
    async with page() as shown:
        assert await answers(shown)  # so that each connection has shown the session
        async with contextlib.AsyncExitStack() as stack:
            await crowd(shown, stack, MOST_OF_ONE - shown.connections, f"Cookie: whimbrel={shown.cookie}\r\n")
            reader, one_more = await stack.enter_async_context(opened(shown))
            one_more.write(b"GET / HTTP/1.1\r\n\r\n")
            assert await ended(reader) == b""
        await until(lambda: shown.connections <= 1)
        assert await answers(shown)


async def test_strangers_who_hold_all_places_keep_nobody_out() -> None:
    async with page(logged_in=False) as shown, contextlib.AsyncExitStack() as stack:
        first, *_ = await crowd(shown, stack, MOST_OF_ONE)
        assert await answers(shown)
        # The one that had done nothing for longest made room; the others are there, and the answer's for a while.
        assert b"svg" in await ended(first)
        assert MOST_OF_ONE - 1 <= shown.connections <= MOST_OF_ONE


async def test_requests_whose_bodies_do_not_come_keep_nobody_out() -> None:
    async with page(logged_in=False) as shown, contextlib.AsyncExitStack() as stack:
        held = [await stack.enter_async_context(opened(shown)) for _ in range(MOST_OF_ONE)]
        for _, writer in held:
            writer.write(request(shown, "Content-Length: 50\r\nExpect: 100-continue", "{"))
        for reader, _ in held:  # so that each is being answered
            assert (await reader.readline()).startswith(b"HTTP/1.1 100")
        assert await answers(shown)
        assert await ended(held[0][0]) == b"\r\n"
        assert not held[1][0].at_eof()


async def test_one_that_does_nothing_goes_before_a_request() -> None:
    async with page(logged_in=False) as shown, contextlib.AsyncExitStack() as stack:
        busy, writer = await stack.enter_async_context(opened(shown))
        writer.write(request(shown, "Content-Length: 50\r\nExpect: 100-continue", "{"))
        assert (await busy.readline()).startswith(b"HTTP/1.1 100")
        idle, *_ = await crowd(shown, stack, MOST_OF_ONE - 1)
        assert await answers(shown)
        assert b"svg" in await ended(idle)
        assert not busy.at_eof()


async def test_bursts_of_connections_hold_to_the_bound() -> None:
    async with page(logged_in=False) as shown, contextlib.AsyncExitStack() as stack:
        burst: list[socket.socket] = []
        for _ in range(6):
            # So many wait in the kernel, which hands all of them over in one turn of the loop.
            for _ in range(AT_ONCE):
                burst.append(stack.enter_context(socket.socket()))
                burst[-1].connect(("127.0.0.1", shown.port))
            await crowd(shown, stack, 1)  # its answer comes when all of them were taken
            assert len(burst) - closed(burst) < MOST_OF_ONE
        assert closed(burst) <= len(burst) + 6 - MOST_OF_ONE, "no more were closed than the bound needs"
        assert await answers(shown)


def closed(connections: list[socket.socket]) -> int:
    """Return how many of these the server has closed."""
    return len(select.select(connections, [], [], 0)[0])


async def test_a_body_that_does_not_arrive_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whimbrel.web.api.PATIENCE", 0.2)
    async with page(logged_in=False) as shown, opened(shown) as (reader, writer):
        writer.write(request(shown, "Content-Length: 50", "{"))
        assert (await ended(reader)).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "nonsense"])
async def test_a_compressed_body_is_refused_and_not_unpacked(coding: str) -> None:
    bomb = gzip.compress(bytes(30_000_000))  # before the connection, which does not wait for long
    assert len(bomb) < 40_000
    async with page(logged_in=False) as shown, opened(shown) as (reader, writer):
        writer.write(request(shown, f"Content-Encoding: {coding}\r\nContent-Length: {len(bomb)}") + bomb)
        assert (await ended(reader)).startswith(b"HTTP/1.1 415")


async def test_requests_that_wait_for_no_answer_end_the_connection() -> None:
    async with page(logged_in=False) as shown:
        async with opened(shown) as (reader, writer):
            writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{shown.port}\r\n\r\n".encode() * 500)
            assert (await ended(reader)).count(b"HTTP/1.1 200") < 100
        assert await answers(shown)


def request(shown: Page, headers: str, body: str = "") -> bytes:
    """Return the beginning of a login."""
    head = f"POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1:{shown.port}\r\nOrigin: {shown.origin}\r\n"
    return f"{head}Content-Type: application/json\r\n{headers}\r\n\r\n{body}".encode()


async def answers(shown: Page) -> bool:
    try:
        async with shown.get("/") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"\x00" * 20_000, b"a" * 20_000]
)
async def test_what_is_no_request_ends_the_connection_and_is_not_repeated(sent: bytes) -> None:
    async with page(logged_in=False) as shown:
        async with opened(shown) as (reader, writer):
            writer.write(sent + b"\r\n\r\n")
            answer = await ended(reader)
        assert answer == b"" or answer.split(b" ")[1] == b"400"
        assert b"aiohttp" not in answer
        assert len(answer) < 400
        assert await answers(shown)

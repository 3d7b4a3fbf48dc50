"""Connections: few at a time, and none that says or takes nothing for long."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from tests.lab.page import Page, page
from tests.lab.waiting import until

from whimbrel.web.connections import MOST_OF_ONE


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


async def test_one_address_has_its_part_of_the_places() -> None:
    async with page(logged_in=False) as shown:
        async with contextlib.AsyncExitStack() as stack:
            crowd = [await stack.enter_async_context(opened(shown)) for _ in range(MOST_OF_ONE)]
            for _, writer in crowd:  # a request each, so that all of them are known to the server
                writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{shown.port}\r\n\r\n".encode())
            for reader, _ in crowd:
                assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            reader, one_more = await stack.enter_async_context(opened(shown))
            one_more.write(b"GET / HTTP/1.1\r\n\r\n")
            assert await ended(reader) == b""
        await until(lambda: shown.connections == 0)
        assert await answers(shown)


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

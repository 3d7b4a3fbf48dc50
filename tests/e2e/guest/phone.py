"""A phone at the device's page: logs in by its token, and writes down what the page's WebSocket tells it, and when.

``python3 -m tests.e2e.guest.phone https://ADDRESS:PORT CERTIFICATE TOKEN KINDS``, in a network namespace of its own.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time

import aiohttp


async def look(url: str, certificate: str, token: str, kinds: str) -> None:
    """Write each message with the time of its arrival, until the connection ends; trust this certificate alone."""
    # Of a server that is named by its address, a client keeps no cookie otherwise.
    jar = aiohttp.CookieJar(unsafe=True)
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=certificate))
    async with aiohttp.ClientSession(url, cookie_jar=jar, headers={"Origin": url}, connector=connector) as session:
        async with session.post("/api/v1/login", json={"token": token}) as answer:
            answer.raise_for_status()
        async with session.ws_connect(f"/api/v1/events?kinds={kinds}") as messages:
            async for message in messages:
                sys.stdout.write(json.dumps({"at": time.time(), "said": json.loads(message.data)}) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(look(*sys.argv[1:5]))

"""Forms of answers: JSON, errors, and the headers that every answer has."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from whimbrel.errors import WhimbrelError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer that does not have another value."""
SERVER = "Whimbrel"
"""The header of that name, instead of aiohttp's version."""
JSON = "application/json"
_LONG = 4096
"""Octets of JSON from which on it is worth compressing."""


class Refusal(WhimbrelError):
    """The request is refused with this status; the message goes to the client."""

    def __init__(self, status: int, text: str, *, retry: float = 0.0, close: bool = False) -> None:
        """`retry`: seconds after which it may go well; `close`: what is left of the request is not read."""
        super().__init__(text)
        self.status = status
        self.retry = retry
        self.close = close

    def answer(self) -> web.Response:
        """Return it as an answer."""
        body = json.dumps({"error": str(self)}).encode()
        answer = web.Response(status=self.status, body=body, content_type=JSON)
        if self.retry:
            answer.headers["Retry-After"] = str(max(1, math.ceil(self.retry)))
        if self.close:
            answer.force_close()
        return answer


async def passed_json(octets: bytes, accepted: str) -> web.Response:
    """Return JSON as it came; compressed where it is long and `accepted`, the header ``Accept-Encoding``, has gzip.

    A table of 200 access points is an eighth then, for a twentieth of the time that it takes the daemon to write it.
    """
    answer = web.Response(content_type=JSON, headers={"Vary": "Accept-Encoding"})
    if len(octets) >= _LONG and "gzip" in accepted:
        octets = await asyncio.to_thread(gzip.compress, octets, 1)  # a thread: it would hold the others up on a Zero
        answer.headers["Content-Encoding"] = "gzip"
    answer.body = octets
    return answer


def plain_json(value: Any) -> web.Response:
    """Return JSON values."""
    return web.Response(body=json.dumps(value, separators=(",", ":")).encode(), content_type=JSON)

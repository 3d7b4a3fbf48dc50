"""The files of recordings: they are the daemon's, which hands them out piece by piece."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re

from aiohttp import web

from whimbrel.module import Context, VerbError
from whimbrel.verbs.recording import RECORDING_PIECE
from whimbrel.web.answers import Refusal
from whimbrel.web.settings import WebSettings

_NAME = re.compile(r"[A-Za-z0-9-]{1,200}")
_AT_A_TIME = 2
"""Files that are sent at a time; one more waits for them."""


class RecordingFiles:
    """Sends recordings."""

    def __init__(self, ctx: Context[WebSettings]) -> None:
        self._ctx = ctx
        self._turn = asyncio.Semaphore(_AT_A_TIME)

    async def send(self, request: web.Request, name: str) -> web.StreamResponse:
        """Send the recording of that name, as large as it is now.

        Raises `Refusal` and VerbError before the first octet. Where it ends early (it was deleted, the daemon is away),
        the connection is broken, so that nobody takes a part for the whole.
        """
        if not _NAME.fullmatch(name):
            raise Refusal(404, "there is no such recording")
        async with self._turn:
            size, octets = await self._piece(name, 0)
            answer = web.StreamResponse(headers=download(f"{name}.pcapng") | {"Content-Length": str(size)})
            await answer.prepare(request)
            sent = 0
            while octets := octets[: size - sent]:
                await answer.write(octets)
                sent += len(octets)
                if sent < size:
                    try:
                        octets = (await self._piece(name, sent))[1]
                    except (VerbError, Refusal) as error:
                        raise ConnectionResetError(str(error)) from error
            if sent < size:
                raise ConnectionResetError("the recording has become shorter")
            await answer.write_eof()
        return answer

    async def _piece(self, name: str, offset: int) -> tuple[int, bytes]:
        piece = await self._ctx.ask(RECORDING_PIECE, recording=name, offset=offset)
        try:
            return piece.octets, base64.b64decode(piece.data, validate=True)
        except (ValueError, binascii.Error) as error:
            raise Refusal(502, "the daemon's answer is no recording") from error


def download(name: str) -> dict[str, str]:
    """Return the headers of a capture file that a browser saves under this name."""
    return {"Content-Type": "application/x-pcapng", "Content-Disposition": f'attachment; filename="{name}"'}

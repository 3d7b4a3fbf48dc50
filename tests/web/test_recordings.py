"""Files of recordings: whole, or broken off."""

from __future__ import annotations

import base64
from typing import Any

import aiohttp
import pytest
from tests.lab.page import Page, page

from whimbrel.module import VerbError
from whimbrel.verbs.recording import RECORDING_PIECE, RecordingPiece

NAME = "2026-11-29T205314Z-deauth-flood-a17"
CONTENT = bytes(range(256)) * 40


def hand_out(shown: Page, content: bytes, *, until: int = 1 << 62, grows: bool = False) -> None:
    """Answer the verb with pieces of `content`, and refuse those from octet `until` on."""

    async def answered(request: dict[str, Any]) -> RecordingPiece:
        offset = request["offset"]
        if offset >= until:
            raise VerbError("it was deleted")
        size = len(content) + (offset if grows else 0)
        data = base64.b64encode(content[offset : offset + 1000]).decode()
        return RecordingPiece(recording=request["recording"], offset=offset, octets=size, data=data)

    shown.lab.ctx.verbs.add(RECORDING_PIECE, answered, owner="test")


@pytest.mark.parametrize("grows", [False, True])
async def test_a_recording_is_sent_whole(grows: bool) -> None:
    async with page() as shown:
        hand_out(shown, CONTENT, grows=grows)
        async with shown.get(f"/api/v1/recordings/{NAME}") as answer:
            assert answer.status == 200
            assert answer.headers["Content-Disposition"] == f'attachment; filename="{NAME}.pcapng"'
            assert answer.headers["Content-Length"] == str(len(CONTENT))
            assert await answer.read() == CONTENT


async def test_an_empty_recording_is_one() -> None:
    async with page() as shown:
        hand_out(shown, b"")
        async with shown.get(f"/api/v1/recordings/{NAME}") as answer:
            assert await answer.read() == b""


async def test_a_part_is_not_taken_for_the_whole() -> None:
    async with page() as shown:
        hand_out(shown, CONTENT, until=3000)
        with pytest.raises(aiohttp.ClientPayloadError):
            async with shown.get(f"/api/v1/recordings/{NAME}") as answer:
                await answer.read()
        async with shown.get("/api/v1/session") as answer:
            assert answer.status == 200


async def test_what_is_not_there_is_not_found() -> None:
    async with page() as shown:
        hand_out(shown, CONTENT, until=0)
        for name in (NAME, "..", "%2e%2e%2fsecret", "a.pcapng", '"', "a%0d%0ab"):
            async with shown.get(f"/api/v1/recordings/{name}") as answer:
                assert answer.status == 404

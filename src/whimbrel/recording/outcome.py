"""The outcome of one request to the thread that writes recordings, for the loop that made it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import NamedTuple

PATIENCE = 5.0
"""Seconds that a request waits for the card."""


class CardAnswer(NamedTuple):
    """What the card has made of a request; both last texts are empty if all is on it."""

    recording: str = ""
    """The name of the recording, where it is known."""
    refusal: str = ""
    """Why the recording is not protected from automatic deletion."""
    waits: str = ""
    """Why frames of it wait in memory."""


class KeepOutcome:
    """Made and awaited in the loop, told by the thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[CardAnswer] = self._loop.create_future()

    def tell(self, answer: CardAnswer) -> None:
        """Pass the answer to the loop. For any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody waits any more
            self._loop.call_soon_threadsafe(self._take, answer)

    async def wait(self) -> CardAnswer:
        """Return the answer; after `PATIENCE` that the card has given none yet."""
        try:
            return await asyncio.wait_for(self._answer, PATIENCE)
        except TimeoutError:
            return CardAnswer(waits=f"the card has not answered within {PATIENCE:g} s")

    def _take(self, answer: CardAnswer) -> None:
        if not self._answer.done():
            self._answer.set_result(answer)

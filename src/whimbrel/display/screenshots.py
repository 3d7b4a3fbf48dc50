"""Screenshots: pictures for whoever may look, who may be anybody on the network."""

from __future__ import annotations

import asyncio
import base64
import math
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.display.picture import png
from whimbrel.module import VerbError

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

LARGEST_SCALE = 16
"""Pixels of a screenshot for one of the panel, at most."""
MOST_PIXELS = 1 << 21
"""Pixels of a whole one: that many of a panel of 128x64."""
_WAITING = 4
"""Pictures that are made or wait for it."""


class PictureFile(NamedTuple):
    """A screenshot."""

    png: str
    """The file, in base64."""
    width: int
    """Of the picture before it was enlarged."""
    height: int


class Screenshots:
    """Makes files of pictures, one at a time, in a thread: a large one would hold the loop up."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._making: set[asyncio.Task[str]] = set()

    async def take(self, draw: Callable[[], Image], scale: object) -> PictureFile:
        """Return what `draw` draws now, enlarged, to `MOST_PIXELS` at most. Raises `VerbError`."""
        if isinstance(scale, bool) or not isinstance(scale, int) or not 1 <= scale <= LARGEST_SCALE:
            raise VerbError(f'"scale": expected a whole number from 1 to {LARGEST_SCALE}')
        if len(self._making) >= _WAITING:
            raise VerbError("other screenshots are being made; ask again")
        image = draw()
        # Smaller, and not refused: the page asks for one scale for all panels.
        scale = max(min(scale, math.isqrt(MOST_PIXELS // (image.width * image.height))), 1)
        task = asyncio.create_task(self._made(image, scale))
        self._making.add(task)
        task.add_done_callback(self._making.discard)
        # A client that leaves does not end its thread: its turn lasts as long as that.
        return PictureFile(await asyncio.shield(task), image.width, image.height)

    async def _made(self, image: Image, scale: int) -> str:
        async with self._turn:
            return await asyncio.to_thread(lambda: base64.b64encode(png(image, scale)).decode())

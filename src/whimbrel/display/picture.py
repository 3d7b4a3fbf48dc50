"""From the picture that a screen draws to the one that a panel or a file takes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from whimbrel.drivers.ports import is_lasting
from whimbrel.screens.styles import ColourSize, PaperSize

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.drivers.ports import Panel


def glass(panel: Panel) -> tuple[int, int]:
    """Return the size for which screens draw on `panel`, with its kind."""
    size = panel.size
    if is_lasting(panel):
        return PaperSize(size)
    return size if panel.mode == "1" else ColourSize(size)


def finish(image: Image, rotation: int, offset: tuple[int, int], mode: str) -> Image:
    """Return `image` turned by 0 or 180 degrees, moved by `offset` pixels right and down, in `mode`."""
    from PIL.Image import Transpose, new

    if rotation:
        image = image.transpose(Transpose.ROTATE_180)
    if offset != (0, 0):
        moved = new(image.mode, image.size)
        if image.mode == "P":
            moved.putpalette(image.getpalette() or ())
        moved.paste(image, offset)
        image = moved
    return image if image.mode == mode else image.convert(mode)


def png(image: Image, scale: int) -> bytes:
    """Return `image` as a PNG file, each pixel a square of `scale` pixels."""
    if scale > 1:
        image = image.resize((image.width * scale, image.height * scale), resample=0)
    octets = io.BytesIO()
    image.save(octets, format="PNG")
    return octets.getvalue()

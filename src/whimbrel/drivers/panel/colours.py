"""Packs images with a palette into the 16 bits a pixel of colour controllers: five of red, six of green, five of blue
(ST7735 datasheet, section 9.8.20; ST7789 datasheet, section 8.8.41: high octet first).

Two tables translate all pixels at once; Pillow's and luma's way of three octets a pixel costs half as much wire again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def lines(image: Image, quarters: int = 0, level: float = 1.0) -> list[bytes]:
    """Return the lines of pixels of an image of mode ``P``, from the top, after `quarters` quarter turns clockwise.

    `level`, 0 to 1, is the brightness of all colours.
    """
    from PIL.Image import Transpose

    palette = bytes(image.getpalette() or ())
    if quarters:
        turn = (Transpose.ROTATE_270, Transpose.ROTATE_180, Transpose.ROTATE_90)[quarters - 1]
        image = image.transpose(turn)
    high, low = _tables(palette, level)
    pixels = image.tobytes()
    packed = bytearray(2 * len(pixels))
    packed[0::2] = pixels.translate(high)
    packed[1::2] = pixels.translate(low)
    stride = 2 * image.width
    return [bytes(packed[at : at + stride]) for at in range(0, len(packed), stride)]


@lru_cache(maxsize=8)
def _tables(palette: bytes, level: float) -> tuple[bytes, bytes]:
    words = []
    for at in range(0, 768, 3):
        red, green, blue = (round(value * level) for value in palette[at : at + 3] or (0, 0, 0))
        words.append((red >> 3) << 11 | (green >> 2) << 5 | blue >> 3)
    return bytes(word >> 8 for word in words), bytes(word & 0xFF for word in words)

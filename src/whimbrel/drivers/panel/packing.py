"""Packs images of one bit per pixel into the pages of OLED controllers.

A page is eight rows of pixels, one octet for each column, its lowest bit the topmost row (SSD1306 datasheet, section
8.7). Pillow does the work: luma's own loop takes about twenty bytecodes per pixel, for 8,192 pixels per image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def pages(image: Image, quarters: int = 0) -> list[bytes]:
    """Return the pages of an image of mode ``1``, from the top, after `quarters` quarter turns clockwise.

    The height after turning is a multiple of 8.
    """
    from PIL.Image import Transpose

    # Rotating and transposing are one step, after which the octets of a row are those of a column.
    swap = (Transpose.TRANSPOSE, Transpose.FLIP_TOP_BOTTOM, Transpose.TRANSVERSE, Transpose.FLIP_LEFT_RIGHT)
    columns = image.transpose(swap[quarters])
    packed = columns.tobytes("raw", "1;R")
    count = columns.size[0] // 8
    return [packed[page::count] for page in range(count)]

from __future__ import annotations

import pytest
from PIL import Image
from tests.drivers.panel.controllers import picture

from whimbrel.drivers.panel.packing import pages


def slowly(image: Image.Image) -> list[bytes]:
    """By the datasheet, pixel by pixel."""
    width, height = image.size
    return [
        bytes(sum(bool(image.getpixel((x, page * 8 + bit))) << bit for bit in range(8)) for x in range(width))
        for page in range(height // 8)
    ]


@pytest.mark.parametrize("size", [(128, 64), (128, 32), (64, 48), (8, 8), (130, 16)])
def test_as_the_datasheet_says(size: tuple[int, int]) -> None:
    image = picture(size=size)
    assert pages(image) == slowly(image)


@pytest.mark.parametrize("quarters", range(4))
def test_turned_as_luma_turns(quarters: int) -> None:
    image = picture(size=(128, 64) if quarters % 2 == 0 else (64, 128))
    turned = image.rotate(quarters * -90, expand=True)
    assert pages(image, quarters) == slowly(turned)

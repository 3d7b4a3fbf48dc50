from __future__ import annotations

import pytest
from PIL import Image
from tests.drivers.panel.lcd_controllers import coloured

from whimbrel.drivers.panel.colours import lines


def slowly(image: Image.Image, level: float = 1.0) -> list[bytes]:
    """By the datasheet, pixel by pixel."""
    rgb = image.convert("RGB")
    out = []
    for y in range(image.height):
        line = bytearray()
        for x in range(image.width):
            red, green, blue = (round(value * level) for value in rgb.getpixel((x, y)))  # type: ignore[union-attr]
            line += ((red >> 3) << 11 | (green >> 2) << 5 | blue >> 3).to_bytes(2, "big")
        out.append(bytes(line))
    return out


@pytest.mark.parametrize("size", [(128, 128), (240, 24), (7, 3)])
def test_as_the_datasheet_says(size: tuple[int, int]) -> None:
    assert lines(coloured(size)) == slowly(coloured(size))


@pytest.mark.parametrize("quarters", range(4))
def test_turned_clockwise(quarters: int) -> None:
    image = coloured((20, 10))
    assert lines(image, quarters) == slowly(image.rotate(quarters * -90, expand=True))


def test_dimmed_colours() -> None:
    image = coloured((20, 10))
    assert lines(image, level=0.25) == slowly(image, 0.25)
    assert set(b"".join(lines(image, level=0.0))) == {0}

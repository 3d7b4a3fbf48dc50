from __future__ import annotations

from PIL import Image
from tests.drivers.panel.controllers import picture

from whimbrel.drivers.panel.cells import braille, halves
from whimbrel.drivers.panel.packing import pages

# Unicode numbers the dots of a pattern 1 2 3 7 down the left and 4 5 6 8 down the right; dot n is bit n - 1.
DOTS = {(0, 0): 1, (0, 1): 2, (0, 2): 3, (1, 0): 4, (1, 1): 5, (1, 2): 6, (0, 3): 7, (1, 3): 8}


def undo_braille(rows: list[str]) -> Image.Image:
    image = Image.new("1", (len(rows[0]) * 2, len(rows) * 4))
    for y, row in enumerate(rows):
        for x, char in enumerate(row):
            bits = 0 if char == " " else ord(char) - 0x2800
            assert 0 <= bits < 256
            for (dx, dy), dot in DOTS.items():
                image.putpixel((2 * x + dx, 4 * y + dy), bits >> dot - 1 & 1)
    return image


def undo_halves(rows: list[str]) -> Image.Image:
    image = Image.new("1", (len(rows[0]), len(rows) * 2))
    for y, row in enumerate(rows):
        for x, char in enumerate(row):
            image.putpixel((x, 2 * y), char in "▀█")
            image.putpixel((x, 2 * y + 1), char in "▄█")
    return image


def test_braille_can_be_read_back() -> None:
    image = picture()
    rows = braille(pages(image))
    assert (len(rows), len(rows[0])) == (16, 64)
    assert undo_braille(rows).tobytes() == image.tobytes()


def test_halves_can_be_read_back() -> None:
    image = picture()
    rows = halves(pages(image))
    assert (len(rows), len(rows[0])) == (32, 128)
    assert undo_halves(rows).tobytes() == image.tobytes()


def test_dark_is_blank() -> None:
    dark = pages(Image.new("1", (128, 64)))
    assert not "".join(braille(dark)).strip()
    assert not "".join(halves(dark)).strip()

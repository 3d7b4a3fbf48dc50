"""An LCD controller that decodes its input: ST7735 and ST7789, by their datasheets' tables of commands."""

from __future__ import annotations

from PIL import Image


class Lcd:
    """Commands are octets with D/CX low, arguments and pixels with D/CX high (ST7789 datasheet, section 8.4)."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        """Of the memory, after the exchange by MADCTL."""
        self.forget()

    def forget(self) -> None:
        """Be as after power-on: off, asleep, with anything in the memory."""
        self.memory = [[0xA5A5] * self.columns for _ in range(self.rows)]
        self.lit = False
        self.awake = False
        self.octets = 0
        self.bits = 18
        self.order = 0
        """The argument of MADCTL."""
        self._code = 0
        self._arguments = bytearray()
        self._window = (0, self.columns - 1, 0, self.rows - 1)
        self._at = (0, 0)
        self._half = bytearray()

    def command(self, octets: bytes) -> None:
        self.octets += len(octets)
        for code in octets:
            self._code, self._arguments = code, bytearray()
            if code == 0x01:
                self.lit = self.awake = False
            elif code == 0x11:
                self.awake = True
            elif code in (0x28, 0x29):
                self.lit = code == 0x29
            elif code == 0x2C:
                self._at = (self._window[0], self._window[2])
                self._half.clear()

    def data(self, octets: bytes) -> None:
        self.octets += len(octets)
        if self._code == 0x2C:
            self._write(octets)
            return
        self._arguments += octets
        arguments = self._arguments
        if self._code == 0x36:
            self.order = arguments[0]
        elif self._code == 0x3A:
            self.bits = {5: 16, 6: 18}[arguments[0] & 7]
        elif self._code in (0x2A, 0x2B) and len(arguments) == 4:
            first, last = int.from_bytes(arguments[:2], "big"), int.from_bytes(arguments[2:], "big")
            assert first <= last
            left, right, top, bottom = self._window
            self._window = (first, last, top, bottom) if self._code == 0x2A else (left, right, first, last)
            assert self._window[1] < self.columns, "a column beyond the memory"
            assert self._window[3] < self.rows, "a row beyond the memory"

    def _write(self, octets: bytes) -> None:
        assert self.bits == 16, "pixels are of 16 bits"
        assert self.awake
        left, right, _top, bottom = self._window
        x, y = self._at
        self._half += octets
        even = len(self._half) // 2 * 2
        for at in range(0, even, 2):
            assert y <= bottom, "more pixels than the window has"
            self.memory[y][x] = self._half[at] << 8 | self._half[at + 1]
            x += 1
            if x > right:
                x, y = left, y + 1
        del self._half[:even]
        self._at = (x, y)

    def image(self, left: int, top: int, width: int, height: int) -> Image.Image:
        """Return a part of the memory, the five and six bits of a colour widened to eight."""
        image = Image.new("RGB", (width, height))
        for y in range(height):
            for x in range(width):
                word = self.memory[top + y][left + x]
                image.putpixel((x, y), (word >> 11 << 3, (word >> 5 & 63) << 2, (word & 31) << 3))
        return image


def coloured(size: tuple[int, int], seed: int = 1) -> Image.Image:
    """Return an image of mode ``P`` in which no two places look alike."""
    import random

    random_octets = random.Random(seed)
    image = Image.frombytes("P", size, random_octets.randbytes(size[0] * size[1]))
    image.putpalette(random_octets.randbytes(768))
    return image


def narrowed(image: Image.Image) -> Image.Image:
    """Return an image as 16 bits a pixel can hold it."""
    red, green, blue = image.convert("RGB").split()
    return Image.merge(
        "RGB", (red.point(lambda v: v & 0xF8), green.point(lambda v: v & 0xFC), blue.point(lambda v: v & 0xF8))
    )

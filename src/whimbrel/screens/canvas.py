"""The drawing functions of screens: text, boxes, bars, graphs, icons, each one or two calls of Pillow's C code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops

from whimbrel.screens.faces import face
from whimbrel.screens.icons import icon
from whimbrel.screens.script import from_right

LIGHT, DARK = 255, 0
"""Inks."""

_PAUSE = 1.5
"""Seconds that a scrolling text rests at either end."""
_SPEED = 24.0
"""Pixels a second that it moves."""


class Canvas:
    """An image of mode ``1`` in progress. Everything outside is cut off."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.image = Image.new("1", size)
        self.width, self.height = size
        self.moving = False
        """Whether something on it moves by itself."""

    def text(self, x: int, y: int, text: str, name: str = "body", ink: int = LIGHT) -> int:
        """Write `text` with its upper left corner at (x, y); return where it ends."""
        if not text:
            return x
        strip = face(name).strip(text)
        self.image.paste(ink, (x, y), strip)
        return x + strip.width

    def right(self, x: int, y: int, text: str, name: str = "body", ink: int = LIGHT) -> int:
        """Write `text` so that it ends before column `x`; return where it begins."""
        if not text:
            return x
        strip = face(name).strip(text)
        self.image.paste(ink, (x - strip.width, y), strip)
        return x - strip.width

    def centre(self, y: int, text: str, name: str = "body", ink: int = LIGHT) -> None:
        """Write `text` in the middle of the panel's width, cut where it is too long."""
        width = face(name).strip(text).width
        if width > self.width:
            self.cut(0, y, self.width, text, name, ink)
        else:
            self.text((self.width - width) // 2, y, text, name, ink)

    def cut(self, x: int, y: int, room: int, text: str, name: str = "body", ink: int = LIGHT) -> None:
        """Write as much of `text` as fits into `room` pixels, with three points where some is missing."""
        strip = face(name).strip(text)
        if strip.width <= room:
            self.text(x, y, text, name, ink)
            return
        base = y + face(name).ascent - 1
        kept = max(room - 7, 0)
        points = x + kept + 1
        first = 0
        if from_right(text):
            x, points, first = x + room - kept, x, strip.width - kept
        if kept:
            self.image.paste(ink, (x, y), strip.crop((first, 0, first + kept, strip.height)))
        for at in range(points, points + room - kept - 1, 2):
            self.box(at, base, at + 1, base + 1, ink)

    def sliding(self, x: int, y: int, room: int, text: str, age: float, name: str = "body", ink: int = LIGHT) -> None:
        """Write `text` into `room` pixels; where it is longer, it moves to its end and starts again. `age` is for how
        many seconds it has been there."""
        strip = face(name).strip(text)
        surplus = strip.width - room
        if surplus <= 0 or room <= 0:
            self.text(x, y, text, name, ink)
            return
        self.moving = True
        travel = surplus / _SPEED
        at = age % (travel + 2 * _PAUSE)
        offset = round(min(max(at - _PAUSE, 0.0), travel) * _SPEED)
        if from_right(text):
            offset = surplus - offset
        self.image.paste(ink, (x, y), strip.crop((offset, 0, offset + room, strip.height)))

    def box(self, x0: int, y0: int, x1: int, y1: int, ink: int = LIGHT) -> None:
        """Fill columns `x0` to before `x1`, rows `y0` to before `y1`."""
        if x1 > x0 and y1 > y0:
            self.image.paste(ink, (x0, y0, x1, y1))

    def round_box(self, x0: int, y0: int, x1: int, y1: int, ink: int = LIGHT) -> None:
        """Fill a box with cut corners."""
        self.box(x0 + 1, y0, x1 - 1, y1, ink)
        self.box(x0, y0 + 1, x1, y1 - 1, ink)

    def frame(self, x0: int, y0: int, x1: int, y1: int, ink: int = LIGHT) -> None:
        """Draw the outline of a box, its corners taken off."""
        self.box(x0 + 1, y0, x1 - 1, y0 + 1, ink)
        self.box(x0 + 1, y1 - 1, x1 - 1, y1, ink)
        self.box(x0, y0 + 1, x0 + 1, y1 - 1, ink)
        self.box(x1 - 1, y0 + 1, x1, y1 - 1, ink)

    def dots(self, x0: int, y: int, x1: int, ink: int = LIGHT) -> None:
        """Draw a dotted line."""
        if x1 > x0:
            self.image.paste(ink, (x0, y), _dots(x1 - x0))

    def bar(self, x: int, y: int, width: int, height: int, share: float, ink: int = LIGHT) -> None:
        """Draw a gauge that is filled to `share`, 0 to 1."""
        self.frame(x, y, x + width, y + height, ink)
        inside = width - 4
        self.box(x + 2, y + 2, x + 2 + round(inside * min(max(share, 0.0), 1.0)), y + height - 2, ink)

    def graph(self, x: int, y: int, height: int, values: Sequence[int]) -> None:
        """Draw values as a line from the left, one column each; a value is the height above the lower edge in pixels,
        negative for none."""
        if not values or height < 1:
            return
        octets = (height + 7) // 8
        before = -1
        points = int("01" * height, 2)
        columns = bytearray()
        for value in values:
            value = min(value, height - 1)  # noqa: PLW2901
            column = 0
            if value >= 0:
                low, high = sorted((value, before if before >= 0 else value))
                # From the old height to the new one, and a column of points below for the eye.
                column = (1 << high + 1) - (1 << low)
                column |= points & (1 << low) - 1 if len(columns) // octets % 2 else 0
            before = value
            columns += (column << 8 * octets - height).to_bytes(octets, "big")
        picture = Image.frombytes("1", (height, len(values)), bytes(columns)).transpose(Image.Transpose.TRANSPOSE)
        self.image.paste(LIGHT, (x, y), picture)

    def icon(self, x: int, y: int, name: str, ink: int = LIGHT) -> int:
        """Draw an icon of `whimbrel.screens.icons`; return where it ends."""
        picture = icon(name)
        self.image.paste(ink, (x, y), picture)
        return x + picture.width

    def scroll_mark(self, top: int, bottom: int, first: int, shown: int, total: int) -> None:
        """Draw at the right edge which part of a list is shown."""
        if total <= shown or bottom <= top:
            return
        room = bottom - top
        length = max(room * shown // total, 3)
        start = top + (room - length) * first // max(total - shown, 1)
        self.box(self.width - 1, start, self.width, start + length)

    def invert(self) -> None:
        """Invert the image."""
        self.image = ImageChops.invert(self.image)


@lru_cache(maxsize=8)
def _dots(width: int) -> Image.Image:
    return Image.frombytes("1", (width, 1), b"\x55" * ((width + 7) // 8))

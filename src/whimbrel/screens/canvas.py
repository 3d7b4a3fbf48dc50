"""The drawing functions of screens: text, boxes, bars, graphs, icons, each one or two calls of Pillow's C code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops

from whimbrel.screens.faces import Face, face
from whimbrel.screens.icons import icon
from whimbrel.screens.inks import CHOSEN, CRITICAL, DARK, GROUNDS, LIGHT, RULE, SHADE, flashed, palette
from whimbrel.screens.script import from_right
from whimbrel.screens.styles import ColourSize, PaperSize, style_of

__all__ = ["DARK", "LIGHT", "Canvas"]

_PAUSE = 1.5
"""Seconds that a scrolling text rests at either end."""
_SPEED = 24.0
"""Pixels a second that it moves."""


class Canvas:
    """An image in progress, of mode ``1``, or of mode ``P`` for a `ColourSize`. Everything outside is cut off."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.width, self.height = size
        self.coloured = isinstance(size, ColourSize)
        """Whether inks differ in colour. Without colours, all but `GROUNDS` are light."""
        self.still = isinstance(size, PaperSize)
        """Whether nothing may move by itself."""
        self.style = style_of(size)
        self.image = Image.new("P" if self.coloured else "1", (self.width, self.height))
        if self.coloured:
            self.image.putpalette(palette())
        self.moving = False
        """Whether something on it moves by itself."""

    def face(self, name: str = "body") -> Face:
        """Return a face in the size of this panel's style: tiny, small, title, body, number, large."""
        return face(self.style.faces.get(name, name))

    def ink(self, ink: int) -> int:
        """Return the ink as it can be on this panel."""
        return ink if self.coloured else DARK if ink in GROUNDS else LIGHT

    def tint(self, ink: int, coloured: int) -> int:
        """Return `coloured` where the panel has colours, `ink` elsewhere."""
        return coloured if self.coloured else ink

    def paste(self, x: int, y: int, picture: Image.Image, ink: int = LIGHT) -> None:
        """Draw the light pixels of `picture`, its upper left corner at (x, y)."""
        self.image.paste(self.ink(ink), (x, y), picture)

    def text(self, x: int, y: int, text: str, name: str = "body", ink: int = LIGHT) -> int:
        """Write `text` with its upper left corner at (x, y); return where it ends."""
        if not text:
            return x
        strip = self.face(name).strip(text)
        self.paste(x, y, strip, ink)
        return x + strip.width

    def right(self, x: int, y: int, text: str, name: str = "body", ink: int = LIGHT) -> int:
        """Write `text` so that it ends before column `x`; return where it begins."""
        if not text:
            return x
        strip = self.face(name).strip(text)
        self.paste(x - strip.width, y, strip, ink)
        return x - strip.width

    def centre(self, y: int, text: str, name: str = "body", ink: int = LIGHT) -> None:
        """Write `text` in the middle of the panel's width, cut where it is too long."""
        width = self.face(name).strip(text).width
        if width > self.width:
            self.cut(0, y, self.width, text, name, ink)
        else:
            self.text((self.width - width) // 2, y, text, name, ink)

    def cut(self, x: int, y: int, room: int, text: str, name: str = "body", ink: int = LIGHT) -> None:
        """Write as much of `text` as fits into `room` pixels, with three points where some is missing."""
        strip = self.face(name).strip(text)
        if strip.width <= room:
            self.text(x, y, text, name, ink)
            return
        unit = self.style.unit
        base = y + self.face(name).ascent - unit
        kept = max(room - 7 * unit, 0)
        points = x + kept + unit
        first = 0
        if from_right(text):
            x, points, first = x + room - kept, x, strip.width - kept
        if kept:
            self.paste(x, y, strip.crop((first, 0, first + kept, strip.height)), ink)
        for at in range(points, points + room - kept - unit, 2 * unit):
            self.box(at, base, at + unit, base + unit, ink)

    def sliding(self, x: int, y: int, room: int, text: str, age: float, name: str = "body", ink: int = LIGHT) -> None:
        """Write `text` into `room` pixels; where it is longer, it moves to its end and starts again. `age` is for how
        many seconds it has been there."""
        strip = self.face(name).strip(text)
        surplus = strip.width - room
        if surplus <= 0 or room <= 0:
            self.text(x, y, text, name, ink)
            return
        if self.still:
            self.cut(x, y, room, text, name, ink)
            return
        self.moving = True
        speed = _SPEED * self.style.unit
        travel = surplus / speed
        at = age % (travel + 2 * _PAUSE)
        offset = round(min(max(at - _PAUSE, 0.0), travel) * speed)
        if from_right(text):
            offset = surplus - offset
        self.paste(x, y, strip.crop((offset, 0, offset + room, strip.height)), ink)

    def box(self, x0: int, y0: int, x1: int, y1: int, ink: int = LIGHT) -> None:
        """Fill columns `x0` to before `x1`, rows `y0` to before `y1`."""
        if x1 > x0 and y1 > y0:
            self.image.paste(self.ink(ink), (x0, y0, x1, y1))

    def round_box(self, x0: int, y0: int, x1: int, y1: int, ink: int = LIGHT) -> None:
        """Fill a box with cut corners."""
        for cut in range(self.style.unit):
            inner = self.style.unit - cut
            self.box(x0 + inner, y0 + cut, x1 - inner, y1 - cut, ink)
            self.box(x0 + cut, y0 + inner, x1 - cut, y1 - inner, ink)

    def choose(self, x0: int, y0: int, x1: int, y1: int) -> int:
        """Draw the ground of a chosen thing; return the ink for what is on it."""
        self.round_box(x0, y0, x1, y1, CHOSEN if self.coloured else LIGHT)
        return LIGHT if self.coloured else DARK

    def frame(self, x0: int, y0: int, x1: int, y1: int, ink: int = LIGHT) -> None:
        """Draw the outline of a box, its corners taken off."""
        self.box(x0 + 1, y0, x1 - 1, y0 + 1, ink)
        self.box(x0 + 1, y1 - 1, x1 - 1, y1, ink)
        self.box(x0, y0 + 1, x0 + 1, y1 - 1, ink)
        self.box(x1 - 1, y0 + 1, x1, y1 - 1, ink)

    def dots(self, x0: int, y: int, x1: int, ink: int = LIGHT) -> None:
        """Draw a dotted line, a faint one on a panel with colours."""
        if self.coloured:
            self.box(x0, y, x1, y + 1, RULE)
        elif x1 > x0:
            self.image.paste(ink, (x0, y), _dots(x1 - x0))

    def bar(self, x: int, y: int, width: int, height: int, share: float, ink: int = LIGHT) -> None:
        """Draw a gauge that is filled to `share`, 0 to 1."""
        self.frame(x, y, x + width, y + height, RULE if self.coloured else ink)
        inside = width - 4
        self.box(x + 2, y + 2, x + 2 + round(inside * min(max(share, 0.0), 1.0)), y + height - 2, ink)

    def graph(self, x: int, y: int, height: int, values: Sequence[int], ink: int = LIGHT) -> None:
        """Draw values as a line from the left, one column each; a value is the height above the lower edge in pixels,
        negative for none."""
        if not values or height < 1:
            return
        octets = (height + 7) // 8
        before = -1
        points = int("01" * height, 2)
        columns = bytearray()
        unit = self.style.unit
        for at, value in enumerate(values):
            value = min(value, height - unit)  # noqa: PLW2901
            column = 0
            if value >= 0:
                low, high = sorted((value, before if before >= 0 else value))
                # From the old height to the new one, and a column of points below for the eye.
                column = (1 << high + unit) - (1 << low)
                if not self.coloured:
                    column |= points & (1 << low) - 1 if len(columns) // octets % 2 else 0
                if self.coloured:
                    self.box(x + at, y + height - low, x + at + 1, y + height, SHADE)
            before = value
            columns += (column << 8 * octets - height).to_bytes(octets, "big")
        picture = Image.frombytes("1", (height, len(values)), bytes(columns)).transpose(Image.Transpose.TRANSPOSE)
        self.paste(x, y, picture, ink)

    def icon(self, x: int, y: int, name: str, ink: int = LIGHT) -> int:
        """Draw an icon of `whimbrel.screens.icons`; return where it ends."""
        picture = icon(name, self.style.unit)
        self.paste(x, y, picture, ink)
        return x + picture.width

    def icon_width(self, name: str) -> int:
        """Return how wide an icon is."""
        return icon(name, self.style.unit).width

    def scroll_mark(self, top: int, bottom: int, first: int, shown: int, total: int) -> None:
        """Draw at the right edge which part of a list is shown."""
        if total <= shown or bottom <= top:
            return
        room = bottom - top
        length = max(room * shown // total, 3 * self.style.unit)
        start = top + (room - length) * first // max(total - shown, 1)
        self.box(self.width - self.style.unit, start, self.width, start + length)

    def flash(self, ink: int = CRITICAL) -> None:
        """Put the image on the ground of an ink; without colours, invert it."""
        self.image = self.image.point(flashed(ink)) if self.coloured else ImageChops.invert(self.image)


@lru_cache(maxsize=8)
def _dots(width: int) -> Image.Image:
    return Image.frombytes("1", (width, 1), b"\x55" * ((width + 7) // 8))

"""Bitmap fonts, and text as an image: pictures of characters, joined in one step and cached.

A face lies in a file of the package (made by ``tools/make_fonts.py``) that is mapped, not read: of the twenty thousand
characters of East Asia only those that stood on the panel are ever in memory. A character is stored column by column,
so that a line of text is one ``join`` of octets, turned by Pillow: what a line costs hardly grows with its length.
"""

from __future__ import annotations

import mmap
import struct
from bisect import bisect_left
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image

from whimbrel.screens.script import is_mark, shaped

FOLDER = Path(__file__).parent / "fonts"
"""Where the faces are; ``README.md`` in it names their sources and licences."""
MAGIC = b"WFT1"
HEADER = struct.Struct("<4sBBBBH")
"""Magic, height, rows above the base line, octets a column, columns of the widest character, characters (n).

After it, little-endian: n code points of 16 bits, ascending; n widths of 8 bits; n pictures of the widest character's
size, column by column from the left, the top row in the highest bit.
"""

_STRIPS = 384
"""Lines of text that are kept: some ten screens."""


class Face:
    """A font of one size. Opened at its first use. Raises ValueError for an invalid file."""

    def __init__(self, name: str) -> None:
        self.name = name
        with (FOLDER / f"{name}.bin").open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header: tuple[bytes, int, int, int, int, int] = HEADER.unpack_from(self._data)
        magic, self.height, self.ascent, self.octets, self._widest, self._count = header
        if magic != MAGIC:
            raise ValueError(f"{name}.bin: expected {MAGIC!r}, found {magic!r}")
        self._pictures = _Pictures(self)

    def picture(self, char: str) -> bytes:
        """Return the columns of one character; a small frame if the face lacks it."""
        code = ord(char)
        start = HEADER.size

        def code_at(index: int) -> int:
            return int.from_bytes(self._data[start + 2 * index : start + 2 * index + 2], "little")

        at = bisect_left(range(self._count), code, key=code_at)
        if at == self._count or code_at(at) != code:
            return self._frame()
        width = self._data[start + 2 * self._count + at]
        first = start + 3 * self._count + at * self._widest * self.octets
        return self._data[first : first + width * self.octets]

    def columns(self, text: str) -> bytes:
        """Return the columns of a line of text in logical order; any text is safe."""
        if text.isascii() and text.isprintable():
            return b"".join(map(self._pictures.__getitem__, text))
        parts: list[bytes] = []
        for char in shaped(text):
            picture = self._pictures[char]
            if parts and is_mark(char):
                below = int.from_bytes(parts[-1], "big")
                mark = int.from_bytes(picture[: len(parts[-1])].ljust(len(parts[-1]), b"\0"), "big")
                parts[-1] = (below | mark).to_bytes(len(parts[-1]), "big")
            else:
                parts.append(picture)
        return b"".join(parts)

    def width(self, text: str) -> int:
        """Return how many pixels `text` takes."""
        if text.isascii() and text.isprintable():
            return sum(map(len, map(self._pictures.__getitem__, text))) // self.octets
        return len(self.columns(text)) // self.octets

    def strip(self, text: str) -> Image.Image:
        """Return `text` as an image of the face's height, white on black. It is shared: not to be drawn into."""
        return _strip(self, text)

    def _frame(self) -> bytes:
        """Return the replacement of a character without a glyph."""
        top, bottom = max(self.ascent - 6, 0), self.ascent - 1
        bits = 8 * self.octets - 1
        side = sum(1 << (bits - row) for row in range(top, bottom + 1))
        ends = 1 << (bits - top) | 1 << (bits - bottom)
        return b"".join(column.to_bytes(self.octets, "big") for column in (side, ends, ends, side, 0))


class _Pictures(dict[str, bytes]):
    """The characters of a face that were needed so far."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self._face = face

    def __missing__(self, char: str) -> bytes:
        if len(self) > 2000:  # names off the air may contain any character: a flood of them is not cached
            self.clear()
        picture = self[char] = self._face.picture(char)
        return picture


@lru_cache(maxsize=_STRIPS)
def _strip(face: Face, text: str) -> Image.Image:
    data = face.columns(text)
    width = len(data) // face.octets
    if not width:
        return Image.new("1", (1, face.height))
    return Image.frombytes("1", (face.height, width), data).transpose(Image.Transpose.TRANSPOSE)


@cache
def face(name: str) -> Face:
    """Return the face `name`: tiny, small, title, body, number, large. Raises FileNotFoundError."""
    return Face(name)

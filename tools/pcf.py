"""Reads bitmap fonts in X11's portable compiled format, after the description in FreeType's and X.org's documents."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import NamedTuple

_METRICS, _BITMAPS, _ENCODINGS, _ACCELERATORS = 1 << 2, 1 << 3, 1 << 5, 1 << 1
_COMPRESSED_METRICS = 0x100


class Glyph(NamedTuple):
    """One character's picture."""

    left: int
    """Pixels from the pen to the left edge of the picture."""
    width: int
    height: int
    advance: int
    """Pixels that the pen moves on."""
    ascent: int
    """Rows of the picture above the base line."""
    rows: tuple[int, ...]
    """From the top; of each, the leftmost pixel is the bit of value ``1 << (width - 1)``."""


class Font(NamedTuple):
    """All characters of a file."""

    ascent: int
    descent: int
    glyphs: dict[int, Glyph]
    """By code point."""


def read_pcf(path: Path) -> Font:
    """Read a ``.pcf`` or ``.pcf.gz``. Raises ValueError for another file."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if data[:4] != b"\x01fcp":
        raise ValueError(f"{path}: expected the magic number of a PCF font, found {data[:4]!r}")
    tables = {}
    for i in range(struct.unpack_from("<I", data, 4)[0]):
        kind, form, _size, offset = struct.unpack_from("<4I", data, 8 + 16 * i)
        tables[kind] = (form, offset)
    metrics = _metrics(data, *tables[_METRICS])
    pictures = _bitmaps(data, *tables[_BITMAPS], metrics)
    form, offset = tables[_ACCELERATORS]
    ascent, descent = struct.unpack_from(_order(form) + "2i", data, offset + 12)
    glyphs = {}
    for code, index in _encodings(data, *tables[_ENCODINGS]).items():
        left, right, advance, above, below = metrics[index]
        glyphs[code] = Glyph(left, right - left, above + below, advance, above, pictures[index])
    return Font(ascent, descent, glyphs)


def _order(form: int) -> str:
    return ">" if form & 4 else "<"


def _metrics(data: bytes, form: int, offset: int) -> list[tuple[int, int, int, int, int]]:
    if form & _COMPRESSED_METRICS:
        count = struct.unpack_from(_order(form) + "H", data, offset + 4)[0]
        at = offset + 6
        return [tuple(value - 0x80 for value in data[at + 5 * i : at + 5 * i + 5]) for i in range(count)]  # type: ignore[misc]
    count = struct.unpack_from(_order(form) + "I", data, offset + 4)[0]
    layout = struct.Struct(_order(form) + "5hH")
    return [layout.unpack_from(data, offset + 8 + 12 * i)[:5] for i in range(count)]


def _bitmaps(
    data: bytes, form: int, offset: int, metrics: list[tuple[int, int, int, int, int]]
) -> list[tuple[int, ...]]:
    order = _order(form)
    count = struct.unpack_from(order + "I", data, offset + 4)[0]
    offsets = struct.unpack_from(f"{order}{count}I", data, offset + 8)
    start = offset + 8 + 4 * count + 16
    pad, unit = 1 << (form & 3), 1 << (form >> 4 & 3)
    pictures = []
    for (left, right, _advance, above, below), at in zip(metrics, offsets, strict=True):
        width, height = right - left, above + below
        stride = ((width + 7) // 8 + pad - 1) // pad * pad
        raw = data[start + at : start + at + stride * height]
        if not form & 8:  # the bits of an octet from the right
            raw = bytes(int(f"{octet:08b}"[::-1], 2) for octet in raw)
        if bool(form & 4) != bool(form & 8) and unit > 1:
            raw = b"".join(raw[i : i + unit][::-1] for i in range(0, len(raw), unit))
        rows = (
            int.from_bytes(raw[stride * y : stride * (y + 1)], "big") >> (8 * stride - width) for y in range(height)
        )
        pictures.append(tuple(rows))
    return pictures


def _encodings(data: bytes, form: int, offset: int) -> dict[int, int]:
    order = _order(form)
    low2, high2, low1, high1 = struct.unpack_from(order + "4h", data, offset + 4)
    columns = high2 - low2 + 1
    found = {}
    for row in range(low1, high1 + 1):
        indices = struct.unpack_from(f"{order}{columns}H", data, offset + 14 + 2 * columns * (row - low1))
        for column, index in enumerate(indices):
            if index != 0xFFFF:
                found[row << 8 | low2 + column] = index
    return found

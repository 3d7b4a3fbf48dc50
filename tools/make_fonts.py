"""Make the bundled fonts from bitmap fonts of X11: ``python -m tools.make_fonts FOLDER…``.

The folders are those where Debian's packages xfonts-base, xfonts-75dpi, xfonts-efont-unicode and xfonts-unifont put
their files (``/usr/share/fonts/X11/misc``, ``…/75dpi``), and the folder of these, for those of xfonts-100dpi. The
layout is `whimbrel.screens.faces.HEADER`.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tools.pcf import Glyph, read_pcf

from whimbrel.screens.faces import FOLDER, HEADER, MAGIC

Wanted = Callable[[int], bool]


class Source(NamedTuple):
    """A source of characters that the previous sources lack."""

    name: str
    wanted: Wanted
    fixed: bool = False
    """Whether the base line counts more than the whole picture: for letters that are joined."""


class Recipe(NamedTuple):
    """How a face is made."""

    name: str
    height: int
    ascent: int
    """Rows above the base line."""
    sources: tuple[Source, ...]


def _every(code: int) -> bool:
    return code < 0xE000 or 0xF900 <= code < 0xFFF0


def _letters(code: int) -> bool:
    return code < 0x250


def _alphabets(code: int) -> bool:
    """Return whether it is Latin, Greek, Cyrillic, Armenian, Hebrew, or a symbol."""
    return code < 0x600 or 0x1E00 <= code < 0x2700


def _ascii(code: int) -> bool:
    return 0x20 <= code < 0x7F or code in {0xB0, 0xB7}


def _arabic(code: int) -> bool:
    return code == 0x640 or 0x660 <= code < 0x66A or code in {0x60C, 0x61B, 0x61F} or 0xFE80 <= code <= 0xFEFC


RECIPES = (
    Recipe("tiny", 6, 5, (Source("4x6", _ascii),)),
    Recipe("small", 8, 7, (Source("5x8", _every),)),
    Recipe("title", 8, 7, (Source("helvB08", lambda code: code < 0x180), Source("5x8", _every))),
    Recipe(
        "body",
        11,
        9,
        (
            Source("6x10", _every),
            Source("b12", _every),
            Source("6x13", _every),
            Source("unifont", _arabic, fixed=True),
        ),
    ),
    Recipe("number", 13, 11, (Source("helvB14", _ascii),)),
    Recipe("large", 20, 18, (Source("helvB24", _ascii),)),
    Recipe("small-large", 13, 10, (Source("helvR12", _letters), Source("6x13", _alphabets))),
    Recipe("title-large", 15, 12, (Source("helvB14", _letters), Source("6x13", _alphabets))),
    Recipe(
        "body-large",
        20,
        15,
        (
            Source("100dpi/helvR12", _letters),
            Source("b16", _every),
            Source("6x13", _every),
            Source("unifont", _arabic, fixed=True),
        ),
    ),
    Recipe("huge", 26, 25, (Source("100dpi/helvB24", _ascii),)),
)


def _own(letters: str, advance: int, ascent: int) -> Glyph:
    """Return a glyph from rows of ``#`` and ``.``, in the middle of its advance."""
    rows = letters.split()
    width = len(rows[0])
    pictures = tuple(int(row.replace("#", "1").replace(".", "0"), 2) for row in rows)
    return Glyph((advance - width) // 2, width, len(rows), advance, ascent, pictures)


def _points(advance: int) -> dict[str, Glyph]:
    """Return round points: those of X11's small fonts look like plus signs next to figures."""
    return {
        ".": _own("## ##", advance, 2),
        ":": _own("## ## .. ## ##", advance, 5),
        ",": _own("## ## .# #.", advance, 2),
        ";": _own("## ## .. ## ## .# #.", advance, 5),
    }


OWN: dict[str, dict[str, Glyph]] = {
    "5x8": _points(5) | {"%": _own("##..# ##.#. ..#.. .#... #.##. ..##.", 5, 6)},
    "6x10": _points(6),
    # As capitals of a head line, Y looks like V, and I like a bar.
    "helvB08": {
        "Y": _own("##..## ##..## .####. ..##.. ..##.. ..##..", 7, 6),
        "I": _own("## ## ## ## ## ##", 3, 6),
    },
}
"""Our own pictures instead of a font's."""


def fit(glyph: Glyph, height: int, ascent: int, *, fixed: bool) -> list[int]:
    """Return the rows of `glyph` in a cell of `height` rows with `ascent` above the base line.

    What is too tall loses rows that are equal to their neighbours first: a stroke gets shorter, a dot stays.
    """
    rows = {glyph.ascent - i: row for i, row in enumerate(glyph.rows) if row}  # by height; 1 is above the base line
    if not rows:
        return [0] * height
    column = [rows.get(level, 0) for level in range(max(rows), min(rows) - 1, -1)]
    top = max(rows)
    descent = height - ascent
    if fixed:
        while top > ascent and (at := _spare(column[: max(top - 4, 0)])) is not None:
            del column[at]
            top -= 1
    else:
        while len(column) > height and (at := _spare(column)) is not None:
            del column[at]
            top -= 1
        top = min(top, ascent)
        top = max(top, len(column) - descent)
    cell = [0] * height
    for i, row in enumerate(column):
        if 0 <= ascent - top + i < height:
            cell[ascent - top + i] |= row
    return cell


def _spare(rows: list[int]) -> int | None:
    """Return the index of a row that equals the previous one; None if there is none."""
    return next((i for i in range(1, len(rows)) if rows[i] == rows[i - 1]), None)


def columns(glyph: Glyph, cell: list[int], octets: int) -> bytes:
    """Return the picture column by column, `octets` for each, the top row in the highest bit."""
    out = bytearray()
    for x in range(glyph.advance):
        shift = glyph.width - 1 - (x - glyph.left)
        column = 0
        for row in cell:
            column = column << 1 | (row >> shift & 1 if 0 <= shift < glyph.width else 0)
        out += (column << (8 * octets - len(cell))).to_bytes(octets, "big")
    return bytes(out)


def build(recipe: Recipe, find: Callable[[str], Path]) -> bytes:
    """Return the octets of one face."""
    octets = (recipe.height + 7) // 8
    pictures: dict[int, bytes] = {}
    for source in recipe.sources:
        for code, glyph in read_pcf(find(source.name)).glyphs.items():
            if code in pictures or not source.wanted(code) or not glyph.advance or code < 0x20 or 0x7F <= code < 0xA0:
                continue
            own = OWN.get(source.name, {}).get(chr(code), glyph)
            cell = fit(own, recipe.height, recipe.ascent, fixed=source.fixed)
            pictures[code] = columns(own, cell, octets)
    widest = max(len(picture) for picture in pictures.values()) // octets
    header = HEADER.pack(MAGIC, recipe.height, recipe.ascent, octets, widest, len(pictures))
    codes = sorted(pictures)
    stride = widest * octets
    return b"".join(
        (
            header,
            struct.pack(f"<{len(codes)}H", *codes),
            bytes(len(pictures[code]) // octets for code in codes),
            *(pictures[code].ljust(stride, b"\0") for code in codes),
        )
    )


def finder(folders: Iterable[Path]) -> Callable[[str], Path]:
    """Return a function that finds a font by its name. It raises FileNotFoundError."""

    def find(name: str) -> Path:
        for folder in folders:
            for suffix in (".pcf.gz", ".pcf"):
                if (folder / (name + suffix)).exists():
                    return folder / (name + suffix)
        raise FileNotFoundError(f"{name}.pcf.gz is in none of the folders")

    return find


def main() -> None:
    """Write every face."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="+", type=Path)
    find = finder(parser.parse_args().folder)
    for recipe in RECIPES:
        data = build(recipe, find)
        (FOLDER / f"{recipe.name}.bin").write_bytes(data)
        print(f"{recipe.name}: {len(data)} octets")


if __name__ == "__main__":
    main()

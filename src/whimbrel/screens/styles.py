"""The measures of the screens: one set for small panels, one with larger type for those with many, small pixels."""

from __future__ import annotations

from typing import NamedTuple


class ColourSize(tuple[int, int]):
    """Width and height in pixels of a panel with colours; a plain pair is one of a single colour."""

    __slots__ = ()


class PaperSize(tuple[int, int]):
    """Width and height in pixels of a panel that takes seconds for a picture: nothing on it moves by itself."""

    __slots__ = ()


class LayoutStyle(NamedTuple):
    """Lengths in pixels."""

    unit: int
    """The scale of icons, gaps and lines."""
    head: int
    """Rows of the head line, the line below it included."""
    title: int
    """Rows above a title in the head line."""
    row: int
    """Rows of a line in a list."""
    gap: int
    """Rows between two lines of a list where there is room."""
    drop: int
    """Rows by which small letters are lower than letters of the body, for a common base line."""
    line: int
    """Rows of a line of small letters."""
    faces: dict[str, str]
    """The file of a face by its name; a missing one has the same name."""


COMPACT = LayoutStyle(unit=1, head=9, title=0, row=11, gap=1, drop=2, line=9, faces={})
LARGE = LayoutStyle(
    unit=2,
    head=22,
    title=2,
    row=20,
    gap=2,
    drop=5,
    line=15,
    faces={
        "tiny": "small",
        "small": "small-large",
        "title": "title-large",
        "body": "body-large",
        "number": "large",
        "large": "huge",
    },
)
WIDE = 200
"""Columns of pixels from which a row has room for one more column, or for words."""
_LARGE_FROM = 200
"""Pixels of both sides from which the larger type is used: such panels have some 200 pixels an inch or more."""


def style_of(size: tuple[int, int]) -> LayoutStyle:
    """Return the style for a panel of that size."""
    return LARGE if min(size) >= _LARGE_FROM else COMPACT

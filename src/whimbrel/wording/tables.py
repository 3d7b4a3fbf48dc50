"""Tables for a terminal: columns that stay columns whatever stands in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_GAP = 2
_MORE = "…"


class Column(NamedTuple):
    """One column of a table."""

    title: str
    right: bool = False
    """Whether its values stand at the right, as numbers do."""
    least: int = 0
    """Cells that it keeps when the table is too wide; 0: it is never made narrower than its content."""


def text_width(text: str) -> int:
    """Return how many cells of a terminal `text` takes: two for wide characters, none for combining ones (UAX 11)."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def fit(text: str, width: int) -> str:
    """Cut `text` to at most `width` cells, with an ellipsis where something is missing."""
    if text_width(text) <= width:
        return text
    room = width - 1
    kept = []
    for char in text:
        room -= _cells(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept) + _MORE if width > 0 else ""


def layout(columns: Sequence[Column], rows: Iterable[Sequence[str]], width: int = 0) -> list[str]:
    """Return the lines of a table at most `width` cells wide; 0: as wide as it takes.

    What does not fit is first taken from the columns that allow it, the widest first, then cut at the right.
    """
    cells = [[column.title for column in columns], *([*row] for row in rows)]
    widths = [max(text_width(row[i]) for row in cells) for i in range(len(columns))]
    if width:
        _shrink(columns, widths, width)
    lines = []
    for row in cells:
        shown = (_place(fit(text, widths[i]), widths[i], right=columns[i].right) for i, text in enumerate(row))
        line = (" " * _GAP).join(shown).rstrip()
        lines.append(fit(line, width) if width else line)
    return lines


def _shrink(columns: Sequence[Column], widths: list[int], width: int) -> None:
    surplus = sum(widths) + _GAP * (len(widths) - 1) - width
    while surplus > 0:
        able = [i for i, column in enumerate(columns) if column.least and widths[i] > column.least]
        if not able:
            return
        widest = max(able, key=lambda i: widths[i])
        widths[widest] -= 1
        surplus -= 1


def _place(text: str, width: int, *, right: bool) -> str:
    padding = " " * (width - text_width(text))
    return padding + text if right else text + padding

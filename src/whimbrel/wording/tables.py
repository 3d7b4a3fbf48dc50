"""Tables for a terminal, aligned whatever their content."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from whimbrel.wording.styles import Style, paint

_GAP = 2
_MORE = "…"


def _plain(_value: str) -> Style:
    return Style.PLAIN


class Column(NamedTuple):
    """One column of a table."""

    title: str
    right: bool = False
    """Whether its values are aligned to the right, like numbers."""
    least: int = 0
    """Cells that it keeps when the table is too wide; 0: it is never made narrower than its content."""
    leaves: int = 0
    """The order in which columns are dropped if the table is still too wide: 1 is the first; 0: never."""
    style: Callable[[str], Style] = _plain
    """Returns the style of a value that is given as text alone."""


class Span(NamedTuple):
    """Part of a line with one style."""

    text: str
    style: Style = Style.PLAIN


Cell = str | Span
"""A text, styled by its column; or a span with its own style, if the style depends on more than the text."""
_BETWEEN = Span(" " * _GAP)


def text_width(text: str) -> int:
    """Return the width of `text` in cells: two for wide characters, none for combining ones and isolates (UAX 11)."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def fit(text: str, width: int) -> str:
    """Cut `text` to at most `width` cells, with an ellipsis if it is cut."""
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


def arrange(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], width: int = 0) -> list[list[Span]]:
    """Return the lines of a table at most `width` cells wide; 0: unlimited.

    To fit, first the columns that allow it are made narrower, the widest first; then columns are dropped, in their
    order; at last lines are cut at the right.
    """
    cells = [[Span(column.title, Style.FAINT) for column in columns]]
    cells += ([_styled(column, cell) for column, cell in zip(columns, row, strict=True)] for row in rows)
    widths = [max(text_width(row[i].text) for row in cells) for i in range(len(columns))]
    shown = _staying(columns, widths, width) if width else list(range(len(columns)))
    if width:
        _shrink(columns, shown, widths, width)
    lines = []
    for row in cells:
        spans: list[Span] = []
        for i in shown:
            text = _place(fit(row[i].text, widths[i]), widths[i], right=columns[i].right)
            spans += [Span(text, row[i].style), _BETWEEN]
        lines.append(_cut(spans[:-1], width))
    return lines


def _styled(column: Column, cell: Cell) -> Span:
    return cell if isinstance(cell, Span) else Span(cell, column.style(cell))


def layout(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell]], width: int = 0, *, coloured: bool = False
) -> list[str]:
    """Return the lines of `arrange` as text, with or without colours."""
    return [written(line, coloured=coloured) for line in arrange(columns, rows, width)]


def written(line: Iterable[Span], *, coloured: bool) -> str:
    """Return a line as text."""
    return "".join(paint(span.text, span.style) if coloured else span.text for span in line)


def _staying(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    """Return the indices of the columns that fit."""
    shown = list(range(len(columns)))
    for leaving in sorted((i for i in shown if columns[i].leaves), key=lambda i: columns[i].leaves):
        needed = sum(min(widths[i], columns[i].least or widths[i]) for i in shown) + _GAP * (len(shown) - 1)
        if needed <= width:
            break
        shown.remove(leaving)
    return shown


def _shrink(columns: Sequence[Column], shown: Sequence[int], widths: list[int], width: int) -> None:
    surplus = sum(widths[i] for i in shown) + _GAP * (len(shown) - 1) - width
    while surplus > 0:
        able = [i for i in shown if columns[i].least and widths[i] > columns[i].least]
        if not able:
            return
        widest = max(able, key=lambda i: widths[i])
        widths[widest] -= 1
        surplus -= 1


def _place(text: str, width: int, *, right: bool) -> str:
    padding = " " * (width - text_width(text))
    return padding + text if right else text + padding


def _cut(line: list[Span], width: int) -> list[Span]:
    """Remove blanks at the end, and cut the line at `width`."""
    while line and not (kept := line[-1].text.rstrip()):
        line.pop()
    if line:
        line[-1] = Span(kept, line[-1].style)
    if not width or sum(text_width(span.text) for span in line) <= width:
        return line
    room, cut = width, []
    for span in line:
        text = span.text if text_width(span.text) < room else fit(span.text + _MORE, room)
        cut.append(Span(text, span.style))
        room -= text_width(text)
        if text is not span.text:
            break
    return cut

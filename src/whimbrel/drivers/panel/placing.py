"""The place of the panel in a terminal, and its control sequences (ECMA-48; DEC STD 070). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from whimbrel.errors import WhimbrelError
from whimbrel.text import harmless, isolated

_FRAME = "\x1b[0;90m"
_PIXELS = "\x1b[0;97;40m"
_PLAIN = "\x1b[0m"
_SAVE, _RESTORE = "\x1b7", "\x1b8"
_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"


BESIDE = 30
"""Columns that text beside the panel takes at least."""
_GAP = 2


class PanelPlace(NamedTuple):
    """The panel at the top left of a terminal of `columns` by `rows` characters."""

    style: str
    """half or braille."""
    width: int
    """Width of the picture in characters."""
    height: int
    """Height of the picture in characters."""
    columns: int
    rows: int

    @property
    def top(self) -> int:
        """Rows of the panel, including its frame."""
        return self.height + 2

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows beside the panel; (0, 0) if they are too few for text."""
        columns = self.columns - self.width - 2 - _GAP
        return (columns, self.top) if columns >= BESIDE else (0, 0)


class TooSmall(WhimbrelError):
    """The terminal is too small for the panel; the message has both sizes."""


def place(
    columns: int, rows: int, size: tuple[int, int], styles: tuple[str, ...], lines: int, *, beside: bool = False
) -> PanelPlace:
    """Return the first of `styles` in which a panel of `size` pixels and `lines` below it fit. Raises `TooSmall`.

    `beside`: prefer a style that leaves room for text beside the panel.
    """
    found = PanelPlace("", 0, 0, columns, rows)
    fitting = []
    for style in styles:
        width, height = (size[0], size[1] // 2) if style == "half" else (size[0] // 2, size[1] // 4)
        found = PanelPlace(style, width, height, columns, rows)
        if columns >= width + 2 and rows >= found.top + lines:
            fitting.append(found)
    roomy = [each for each in fitting if beside and each.room[0]]
    for each in roomy or fitting:
        return each
    raise TooSmall(
        f"the terminal has {columns}x{rows} characters; the panel takes {found.width + 2}x{found.top + lines}: make it "
        "larger, or its letters smaller"
    )


def enter(where: PanelPlace, caption: str, *, anew: bool) -> str:
    """Make room at the top, and let all other output scroll below it.

    The previous content moves down; with `anew`, after a change of the size, it is cleared instead, because its place
    is unknown.
    """
    room = f"\x1b[r\x1b[2J\x1b[{where.top + 1}H" if anew else "\n" * where.top
    insert = "" if anew else f"\x1b[H\x1b[{where.top}L"
    return f"{_HIDE}{_PLAIN}{room}{_SAVE}{insert}\x1b[{where.top + 1};{where.rows}r{_border(where, caption)}{_RESTORE}"


def _border(where: PanelPlace, caption: str) -> str:
    bar = "─" * where.width
    rows = [f"\x1b[1;1H{_FRAME}╭{bar}╮"]
    rows += [f"\x1b[{row};1H│\x1b[{row};{where.width + 2}H│" for row in range(2, where.height + 2)]
    said = f" {harmless(caption)} "[: where.width] if caption else ""
    rows.append(f"\x1b[{where.height + 2};1H╰{said:─^{where.width}}╯{_PLAIN}")
    return "".join(rows)


def draw(rows: Mapping[int, str]) -> str:
    """Return the output for rows of the picture, by their number from 0, with the cursor restored; empty for none."""
    if not rows:
        return ""
    lines = "".join(f"\x1b[{row + 2};2H{text}" for row, text in rows.items())
    return f"{_SAVE}{_PIXELS}{lines}{_RESTORE}"


def draw_beside(where: PanelPlace, rows: Mapping[int, str]) -> str:
    """Return the output for rows beside the panel, by their number from 0; the text may have colours, and must fit."""
    if not rows:
        return ""
    column = where.width + 3 + _GAP
    lines = "".join(f"\x1b[{row + 1};{column}H{_PLAIN}{isolated(text)}{_PLAIN}\x1b[K" for row, text in rows.items())
    return f"{_SAVE}{lines}{_RESTORE}"


def leave(where: PanelPlace) -> str:
    """Return the output that removes the panel, closes the gap, and restores the terminal."""
    return f"{_PLAIN}{_SAVE}\x1b[r\x1b[H\x1b[{where.top}M{_RESTORE}\x1b[{where.top}A{_SHOW}"

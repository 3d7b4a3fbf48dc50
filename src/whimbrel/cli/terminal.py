"""The terminal that the commands write to."""

from __future__ import annotations

import shutil
import sys
from typing import NamedTuple

from whimbrel.journal.stderr import use_colour
from whimbrel.wording.styles import Style, paint


class Look(NamedTuple):
    """How what a person reads is written."""

    width: int = 0
    """Columns that a table may take; 0: without a bound."""
    coloured: bool = False
    """Whether there are colours."""

    def paint(self, text: str, style: Style) -> str:
        """Return `text` in a style, where there are colours."""
        return paint(text, style) if self.coloured else text


def look(wanted: int | None = None) -> Look:
    """Return how to write to standard output: as wide as asked, as the terminal is; without a bound into a file."""
    terminal = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    return Look(terminal if wanted is None else max(wanted, 1), use_colour(sys.stdout))

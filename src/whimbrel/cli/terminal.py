"""The terminal that the commands write to."""

from __future__ import annotations

import shutil
import sys

from whimbrel.journal.stderr import use_colour
from whimbrel.wording.styles import Look


def look(wanted: int | None = None) -> Look:
    """Return how to write to standard output: as wide as asked, as the terminal is; without a bound into a file."""
    terminal = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    return Look(terminal if wanted is None else max(wanted, 1), use_colour(sys.stdout))

"""The terminal of the commands."""

from __future__ import annotations

import shutil
import sys

from whimbrel.journal.stderr import use_colour
from whimbrel.wording.styles import Look


def look(wanted: int | None = None) -> Look:
    """Return the look of standard output: of the given width or that of the terminal; unlimited in a file."""
    terminal = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    return Look(terminal if wanted is None else max(wanted, 1), use_colour(sys.stdout))

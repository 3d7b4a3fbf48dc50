"""The terminal that the commands write to."""

from __future__ import annotations

import shutil
import sys


def terminal_width(wanted: int | None = None) -> int:
    """Return how wide a table may be: as asked, as the terminal is; 0, without a bound, where the output is a file."""
    if wanted is not None:
        return max(wanted, 1)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0

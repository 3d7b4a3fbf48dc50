"""The terminal of the commands."""

from __future__ import annotations

import shutil
import sys
from typing import Any, TextIO

from whimbrel.journal.stderr import use_colour
from whimbrel.text import isolated
from whimbrel.wording.styles import Look


def look(wanted: int | None = None) -> Look:
    """Return the look of standard output: of the given width or that of the terminal; unlimited in a file."""
    terminal = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    return Look(terminal if wanted is None else max(wanted, 1), use_colour(sys.stdout))


class IsolatingStream:
    """A text stream to a terminal, on which names written from right to left do not reorder what follows them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text`; return its length."""
        self._stream.write(isolated(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

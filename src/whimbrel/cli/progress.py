"""Progress bar for long files, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from whimbrel.text import printable
from whimbrel.wording.tables import fit

_PATIENCE = 1.0
"""Seconds after which the bar appears."""
_EVERY = 0.1
"""Seconds between two updates of the bar."""
_CELLS = 30
_NAME = 40
"""Limit of the name in cells."""
_CLEAR = "\r\x1b[K"


class ProgressBar:
    """A progress bar on `stream` if that is a terminal, in one line that is erased at the end."""

    def __init__(self, name: str, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._name = fit(printable(name), _NAME)
        self._clock = clock
        self._due = clock() + _PATIENCE if self._stream.isatty() else float("inf")
        self._drawn = False

    def show(self, share: float | None) -> None:
        """Draw the share that was read, 0 to 1; nothing if it is unknown (None) or too early."""
        now = self._clock()
        if share is None or now < self._due:
            return
        self._due = now + _EVERY
        self._drawn = True
        full = round(min(max(share, 0.0), 1.0) * _CELLS)
        self._stream.write(f"{_CLEAR}{self._name} {'█' * full}{'░' * (_CELLS - full)} {share:4.0%}")
        self._stream.flush()

    def clear(self) -> None:
        """Erase the bar."""
        if self._drawn:
            self._drawn = False
            self._stream.write(_CLEAR)
            self._stream.flush()

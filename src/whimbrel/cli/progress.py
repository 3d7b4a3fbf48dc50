"""How far a long file has been read, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from whimbrel.text import printable
from whimbrel.wording.tables import fit

_PATIENCE = 1.0
"""Seconds after which a file is long."""
_EVERY = 0.1
"""Seconds between two pictures of the bar."""
_CELLS = 30
_NAME = 40
"""Cells that the name may take."""
_CLEAR = "\r\x1b[K"


class ProgressBar:
    """A bar on `stream` where that is a terminal, drawn in one line and taken away at the end."""

    def __init__(self, name: str, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._name = fit(printable(name), _NAME)
        self._clock = clock
        self._due = clock() + _PATIENCE if self._stream.isatty() else float("inf")
        self._drawn = False

    def show(self, share: float | None) -> None:
        """Draw how much has been read, 0 to 1; nothing where nobody knows (None) or it is too early."""
        now = self._clock()
        if share is None or now < self._due:
            return
        self._due = now + _EVERY
        self._drawn = True
        full = round(min(max(share, 0.0), 1.0) * _CELLS)
        self._stream.write(f"{_CLEAR}{self._name} {'█' * full}{'░' * (_CELLS - full)} {share:4.0%}")
        self._stream.flush()

    def clear(self) -> None:
        """Take the bar away."""
        if self._drawn:
            self._drawn = False
            self._stream.write(_CLEAR)
            self._stream.flush()

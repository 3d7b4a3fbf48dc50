"""The pause between two jobs that root does for the daemon: whoever has taken that over asks as often as it likes.

Within the program and not after it, so that a shutdown ends it at once.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

PAUSE = 25.0
"""Seconds from the end of one run to the beginning of the next one's work."""


def note(path: Path) -> None:
    """Note in a file that a run ends, in seconds since the start of the system. Raises OSError."""
    path.write_text(f"{time.monotonic():.1f}", encoding="ascii")


def rest(path: Path) -> None:
    """Wait until the pause since the last run is over."""
    with contextlib.suppress(OSError, ValueError):
        time.sleep(min(max(0.0, float(path.read_text(encoding="ascii")) + PAUSE - time.monotonic()), PAUSE))

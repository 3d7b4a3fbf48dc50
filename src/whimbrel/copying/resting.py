"""The pause between two copies: whoever has taken the daemon over asks as often as it likes.

Within the program and not after it, so that a shutdown ends it at once.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from whimbrel.copying import exchange

PAUSE = 25.0
"""Seconds from the end of one run to the beginning of the next one's work."""
ENDED = exchange.OUTCOME.with_name("ended")
"""When the last one ended, in seconds since the start of the system."""


def note(path: Path = ENDED) -> None:
    """Note that a run ends. Raises OSError."""
    path.write_text(f"{time.monotonic():.1f}", encoding="ascii")


def rest(path: Path = ENDED) -> None:
    """Wait until the pause since the last run is over."""
    with contextlib.suppress(OSError, ValueError):
        time.sleep(min(max(0.0, float(path.read_text(encoding="ascii")) + PAUSE - time.monotonic()), PAUSE))

"""A capture from the command line, as a whole process, beside tshark."""

from __future__ import annotations

import sys

from tools.bench import capture
from tools.bench.measure import Line, cpu_seconds, interleave, part

_REPEAT = 3


def benchmark() -> list[Line]:
    """Replay the large capture with both."""
    file = str(capture.large())
    ours, theirs = interleave(
        [
            lambda: cpu_seconds([sys.executable, "-m", "whimbrel", "replay", file]),
            lambda: cpu_seconds(["tshark", "-r", file]),
        ],
        _REPEAT,
    )
    frames = f"{capture.FRAMES} frames"
    return [part(f"whimbrel replay of {frames}", ours, "s of CPU", "tshark -r", theirs, 1.0)]

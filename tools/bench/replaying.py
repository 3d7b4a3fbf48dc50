"""Captures from the command line, as a whole process, beside tshark."""

from __future__ import annotations

import sys

from tools.bench import capture
from tools.bench.measure import Line, cpu_seconds, interleave, part

from whimbrel.cli import exits

_REPEAT = 3


def benchmark() -> list[Line]:
    """Replay the large capture with both, and real ones, merged, where they are there."""
    lines = [_beside_tshark(f"whimbrel replay of {capture.FRAMES} frames", str(capture.large()))]
    real = capture.merged()
    if real is None:
        print("not measured: the replay of real captures, which are not beside this checkout", file=sys.stderr)
    else:
        lines.append(_beside_tshark(f"whimbrel replay of real captures, merged: {real.frames} frames", str(real.path)))
    return lines


def _beside_tshark(what: str, file: str) -> Line:
    ours, theirs = interleave(
        [
            # What several receivers heard may read as if it came of a faulty one, which is said at the end.
            lambda: cpu_seconds([sys.executable, "-m", "whimbrel", "replay", file], statuses=(exits.OK, exits.CAPTURE)),
            lambda: cpu_seconds(["tshark", "-r", file]),
        ],
        _REPEAT,
    )
    return part(what, ours, "s of CPU", "tshark -r", theirs, 1.0)

"""Captures from the command line, as a whole process, beside tshark and other programs that read them."""

from __future__ import annotations

import functools
import shutil
import sys

from tools.bench import capture
from tools.bench.measure import Line, cpu_seconds, interleave, part

from whimbrel.cli import exits

_REPEAT = 3
_TSHARK = ("tshark", "-r")
_PEERS = {
    "tcpdump -e -nn -r, which prints headers": ("tcpdump", "-e", "-nn", "-r"),
    "hcxpcapngtool, which looks for handshakes": ("hcxpcapngtool",),
}
"""Programs that do less, for comparison. airodump-ng is none of them: it does not end with the file."""


def benchmark() -> list[Line]:
    """Replay the large capture, and real ones, merged, where they are there."""
    lines = _beside_others(f"whimbrel replay of {capture.FRAMES} frames", str(capture.large()))
    real = capture.merged()
    if real is None:
        print("not measured: the replay of real captures, which are not beside this checkout", file=sys.stderr)
    else:
        lines += _beside_others(f"whimbrel replay of real captures, merged: {real.frames} frames", str(real.path))
    return lines


def _beside_others(what: str, file: str) -> list[Line]:
    """Return a line for each program that is here; the budget is about tshark."""
    peers = {"tshark -r": _TSHARK} | {name: peer for name, peer in _PEERS.items() if shutil.which(peer[0])}
    for name in _PEERS.keys() - peers.keys():
        print(f"not measured: {name}: not installed", file=sys.stderr)
    # What several receivers heard may read as if it came of a faulty one, which is said at the end.
    ours = functools.partial(
        cpu_seconds, [sys.executable, "-m", "whimbrel", "replay", file], statuses=(exits.OK, exits.CAPTURE)
    )
    theirs = [functools.partial(cpu_seconds, [*peer, file]) for peer in peers.values()]
    mine, *others = interleave([ours, *theirs], _REPEAT)
    return [
        part(what, mine, "s of CPU", name, took, 1.0)
        if peers[name] is _TSHARK
        else Line(what, mine, "s of CPU", name, took, mine / took)
        for name, took in zip(peers, others, strict=True)
    ]

"""Counts scapy's dissection of the mix's beacon: three marks, around none and around `MANY`."""

from __future__ import annotations

from scapy.layers.dot11 import RadioTap
from tools.icount.guest.frames import FRAMES, numbered, read_mix
from tools.icount.guest.marks import mark

MANY = 20


def main() -> None:
    """Count."""
    raw = read_mix(FRAMES)["beacon"]
    frames = [numbered(raw, number, new=False) for number in range(MANY)]
    RadioTap(frames[0])
    mark()
    mark()
    for frame in frames:
        RadioTap(frame)
    mark()
    print(f"0\tbeacon\t{MANY}\t0")

"""Writes frames to a tun device at a rate: ``feeder.py DEVICE-FD PER-SECOND REPEAT``, the frames on standard input.

Each frame is preceded by its length, 4 octets, little-endian. A process of its own, so that it does not share an
interpreter with what it feeds.
"""

from __future__ import annotations

import os
import struct
import sys
import time

PACKET_INFORMATION = struct.pack(">HH", 0, 0x0019)
BURST = 0.002  # s; shorter sleeps cost more than they smooth


def unpack(spool: bytes) -> list[bytes]:
    frames = []
    at = 0
    while at < len(spool):
        (length,) = struct.unpack_from("<I", spool, at)
        frames.append(PACKET_INFORMATION + spool[at + 4 : at + 4 + length])
        at += 4 + length
    return frames


def main() -> None:
    device, per_second, repeat = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    frames = unpack(sys.stdin.buffer.read())
    begin = time.monotonic()
    total = len(frames) * repeat
    sent = 0
    while sent < total:
        due = min(total, int((time.monotonic() - begin) * per_second) + 1)
        for number in range(sent, due):
            os.write(device, frames[number % len(frames)])
        sent = due
        time.sleep(BURST)


if __name__ == "__main__":
    main()

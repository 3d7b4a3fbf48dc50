"""Puts frames into the simulated air at a steady rate: runs in the guest, as root.

usage: air.py INTERFACE FRAMES.pcap RATE SECONDS. Prints how many it sent.
"""

import itertools
import socket
import struct
import sys
import time
from pathlib import Path

_ANY_RATE = struct.pack("<BBHI", 0, 0, 8, 0)
"""A radiotap header that leaves everything to the radio."""
_PAUSE = 0.01  # s


def frames(file: Path) -> list[bytes]:
    """Return the frames of a little-endian capture file with radiotap headers, ready to be sent."""
    octets = file.read_bytes()
    found, place = [], 24
    while place < len(octets):
        length = struct.unpack_from("<I", octets, place + 8)[0]
        record = octets[place + 16 : place + 16 + length]
        found.append(_ANY_RATE + record[struct.unpack_from("<H", record, 2)[0] :])
        place += 16 + length
    return found


def main() -> None:
    interface, file, rate, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((interface, 0))
    queue = itertools.cycle(frames(file))
    begin = time.monotonic()
    sent = 0
    while (passed := time.monotonic() - begin) < seconds:
        while sent < passed * rate:
            wire.send(next(queue))
            sent += 1
        time.sleep(max(_PAUSE, 0.5 / rate))
    sys.stdout.write(f"{sent}\n")


if __name__ == "__main__":
    main()

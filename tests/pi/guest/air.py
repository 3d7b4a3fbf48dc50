"""Puts frames into the simulated air at a steady rate: runs in the guest, as root.

usage: air.py INTERFACE FRAMES.pcap RATE SECONDS. Prints how many it sent. The clocks in beacons and probe responses go
on as real ones do.
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
_TSFT, _FCS = 0x01, 0x10
"""Of radiotap: the bit of a time stamp's presence, and the flag of a check sequence at the frame's end."""
_TIMED = (0x80, 0x50)
"""First octets of beacons and probe responses, which have the transmitter's clock behind the MAC header."""
_CLOCK = 8 + 24
"""Where that is in a frame that is ready to be sent."""


def frames(file: Path) -> list[bytearray]:
    """Return the frames of a little-endian capture file with radiotap headers, ready to be sent.

    They lose their check sequence: the receiving radio tells of none.
    """
    octets = file.read_bytes()
    found, place = [], 24
    while place < len(octets):
        length = struct.unpack_from("<I", octets, place + 8)[0]
        record = octets[place + 16 : place + 16 + length]
        size, present = struct.unpack_from("<HI", record, 2)
        checked = record[16 if present & _TSFT else 8] & _FCS
        found.append(bytearray(_ANY_RATE + record[size : -4 if checked else None]))
        place += 16 + length
    return found


def in_time(frame: bytearray, now: float) -> bytearray:
    """Return a frame with the clock of its transmitter at `now` seconds."""
    if frame[8] in _TIMED:
        struct.pack_into("<Q", frame, _CLOCK, int(now * 1e6))
    return frame


def main() -> None:
    interface, file, rate, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((interface, 0))
    queue = itertools.cycle(frames(file))
    begin = time.monotonic()
    sent = 0
    while (passed := time.monotonic() - begin) < seconds:
        while sent < passed * rate:
            wire.send(in_time(next(queue), time.monotonic()))
            sent += 1
        time.sleep(max(_PAUSE, 0.5 / rate))
    sys.stdout.write(f"{sent}\n")


if __name__ == "__main__":
    main()

"""Frames of every class, with a short radiotap header, written by hand for tests of the kernel's filter."""

from __future__ import annotations

import struct

RADIOTAP = struct.pack("<BBHIHHbB", 0, 0, 14, 0x28, 2437, 0x00A0, -40, 0)
"""Channel 6, -40 dBm."""
LLC_EAPOL = bytes.fromhex("aaaa03000000888e")
LLC_IPV4 = bytes.fromhex("aaaa030000000800")


def radiotap(frame: bytes, pad: int = 0) -> bytes:
    """Put a radiotap header in front, longer by `pad` octets than it must be."""
    return RADIOTAP[:2] + struct.pack("<H", len(RADIOTAP) + pad) + RADIOTAP[4:] + bytes(pad) + frame


def management(subtype: int, body: bytes = b"") -> bytes:
    return bytes([subtype << 4, 0, 0, 0]) + bytes(18) + b"\0\0" + body


def control(subtype: int) -> bytes:
    return bytes([subtype << 4 | 4, 0, 0, 0]) + bytes(6)


def data(subtype: int, body: bytes = b"", *, flags: int = 1) -> bytes:
    """Return a data frame, with all that subtype and flags add to its header."""
    header = bytes([subtype << 4 | 8, flags, 0, 0]) + bytes(20)
    if flags & 3 == 3:
        header += bytes(6)
    if subtype & 8:
        header += bytes(6 if flags & 0x80 else 2)
    return header + body


BEACON = radiotap(management(8, bytes(12) + b"\0\4test"))
"""A beacon of a network called test, with the address 00:00:00:00:00:00."""


def numbered(number: int, size: int = 0) -> bytes:
    """Return a beacon whose last four octets are `number`, with `size` octets in between."""
    return BEACON + bytes(size) + struct.pack(">I", number)


def number_of(frame: bytes) -> int:
    """Return the number that a frame ends in."""
    value: int = struct.unpack(">I", frame[-4:])[0]
    return value

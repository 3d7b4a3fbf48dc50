"""Frames of every class, with a short radiotap header, written by hand for tests of the kernel's filter."""

from __future__ import annotations

import struct

RADIOTAP = struct.pack("<BBHIHHbB", 0, 0, 14, 0x28, 2437, 0x00A0, -40, 0)
"""Channel 6, -40 dBm."""
LLC_EAPOL = bytes.fromhex("aaaa03000000888e")
LLC_IPV4 = bytes.fromhex("aaaa030000000800")


def received(frame: bytes, *, level: int = -40, freq: int = 2437, rate: int = 2, flags: int = 0) -> bytes:
    """Put a radiotap header in front as most drivers write it: flags, rate (500 kbit/s), channel, level."""
    return struct.pack("<BBHIBBHHb", 0, 0, 15, 0x2E, flags, rate, freq, 0x00A0, level) + frame


def quiet_beacon(
    address: bytes, number: int, clock: int, *, load: int = 3, tim: bytes = b"\0\1\0\0", name: bytes = b"quiet"
) -> bytes:
    """Return a beacon without a capture header, with TIM and BSS load; `number` is its sequence number."""
    header = b"\x80\0\0\0" + b"\xff" * 6 + address * 2 + (number << 4 & 0xFFFF).to_bytes(2, "little")
    elements = bytes((0, len(name))) + name + bytes.fromhex("010882848b960c121824 030106")
    elements += bytes((5, len(tim))) + tim + b"\x0b\x05" + struct.pack("<HBH", load, 20, 0) + b"\x2a\x01\0"
    return header + struct.pack("<QHH", clock, 100, 1) + elements


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

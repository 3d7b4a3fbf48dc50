"""Sound frames of a few stations, and the receivers' versions of them."""

from __future__ import annotations

import struct
from binascii import crc32
from collections.abc import Callable

from whimbrel.wifi.capture_record import CaptureRecord

FLAGGED, DAMAGED = 0x10, 0x40
ACCESS_POINTS = [bytes([2, 0, 0, 0, 0, number]) for number in range(1, 6)]
STATION = b"\x02\0\0\0\x01\x01"


def beacon(bssid: bytes, name: bytes = b"Harbour", number: int = 0) -> bytes:
    """Return a beacon; what follows the name differs with every `number`, as a TSF does."""
    header = b"\x80\0\0\0" + b"\xff" * 6 + bssid * 2 + struct.pack("<H", number % 4096 << 4)
    fixed = struct.pack("<QHH", number * 102_400, 100, 0x0401)
    return header + fixed + bytes([0, len(name)]) + name + b"\x01\x04\x82\x84\x8b\x96" + b"\x03\x01\x06"


def deauthentication(bssid: bytes, station: bytes = STATION, number: int = 0) -> bytes:
    return b"\xc0\0\x3a\x01" + station + bssid * 2 + struct.pack("<HH", number % 4096 << 4, 7)


def data(bssid: bytes, number: int = 0) -> bytes:
    """Return encrypted data, which tells nothing of its end."""
    return b"\x08\x41\0\0" + bssid + STATION + bssid + struct.pack("<H", number % 4096 << 4) + bytes(range(60))


def fcs(frame: bytes) -> bytes:
    return struct.pack("<I", crc32(frame))


def radiotap(frame: bytes, flags: int | None) -> bytes:
    """Put a radiotap header in front: flags, channel 6, -50 dBm; without the flags where there are none."""
    if flags is None:
        return struct.pack("<BxHIHHb", 0, 13, 0x28, 2437, 0x00A0, -50) + frame
    return struct.pack("<BxHIBxHHb", 0, 15, 0x2A, flags, 2437, 0x00A0, -50) + frame


def record(raw: bytes, at: float = 0.0) -> CaptureRecord:
    return (at, raw, len(raw))


def garbage(frame: bytes, size: int) -> bytes:
    """Return octets that look like nothing and differ from frame to frame."""
    seed = crc32(frame + b"garbage")
    return b"".join(struct.pack("<I", crc32(struct.pack("<II", seed, i))) for i in range(size))[:size]


def cut(captured: bytes, size: int) -> bytes:
    return captured[:-size]


RECEIVERS: dict[str, Callable[[bytes], bytes]] = {
    "clean": lambda frame: radiotap(frame + fcs(frame), FLAGGED),
    "clean, without an FCS": lambda frame: radiotap(frame, 0),
    "stripped": lambda frame: radiotap(frame, FLAGGED),
    "zeroed": lambda frame: radiotap(frame + bytes(4), FLAGGED),
    "filled with garbage": lambda frame: radiotap(frame + garbage(frame, 4), FLAGGED),
    "unflagged": lambda frame: radiotap(frame + fcs(frame), 0),
    "no flags field, FCS there": lambda frame: radiotap(frame + fcs(frame), None),
    "no flags field, no FCS": lambda frame: radiotap(frame, None),
    "flagged bad": lambda frame: radiotap(frame + fcs(frame), FLAGGED | DAMAGED),
    "flagged bad, without an FCS": lambda frame: radiotap(frame, DAMAGED),
    "flagged bad and stripped": lambda frame: radiotap(frame, FLAGGED | DAMAGED),
    "garbage behind": lambda frame: radiotap(frame + fcs(frame) + garbage(frame, 8), FLAGGED),
    "garbage behind, unflagged": lambda frame: radiotap(frame + fcs(frame) + garbage(frame, 8), 0),
    "garbage behind, without an FCS": lambda frame: radiotap(frame + garbage(frame, 8), 0),
    "header unreadable": lambda frame: b"\0\0\0\0" + radiotap(frame + fcs(frame), FLAGGED)[4:],
    "no header at all": lambda frame: frame + fcs(frame),
}
"""A receiver's version of a frame, as octets of link type 127."""
READABLE = [name for name in RECEIVERS if name not in {"header unreadable", "no header at all"}]
HONEST = {"clean", "clean, without an FCS", "no flags field, FCS there", "no flags field, no FCS"}

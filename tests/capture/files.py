"""Capture files written octet by octet, so that the readers are not tested with code that they share."""

from __future__ import annotations

import struct

FRAME = bytes.fromhex("00000800000000008000000000000000")


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = 12 + len(body)
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link_type: int = 127, order: str = "<", options: bytes = b"", snap: int = 0) -> bytes:
    return block(1, struct.pack(order + "HHI", link_type, 0, snap) + options, order)


def enhanced(
    frame: bytes, ticks: int = 0, number: int = 0, *, order: str = "<", length: int | None = None, options: bytes = b""
) -> bytes:
    wire = len(frame) if length is None else length
    body = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), wire)
    return block(6, body + frame + bytes(-len(frame) % 4) + options, order)


def simple(frame: bytes, order: str = "<", length: int | None = None) -> bytes:
    return block(3, struct.pack(order + "I", len(frame) if length is None else length) + frame, order)


def obsolete(frame: bytes, ticks: int = 0, number: int = 0, order: str = "<") -> bytes:
    body = struct.pack(order + "HHIIII", number, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return block(2, body + frame, order)

"""pcap files written octet by octet (libpcap's pcap-savefile(5)), not with code that a reader under test shares."""

from __future__ import annotations

import struct
from collections.abc import Iterable

MICRO, NANO, MODIFIED = 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34


def pcap_header(order: str = "<", magic: int = MICRO, link_type: int = 127, snap: int = 65535) -> bytes:
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link_type)


def pcap_record(
    frame: bytes, seconds: int = 0, ticks: int = 0, *, order: str = "<", length: int | None = None, extra: bytes = b""
) -> bytes:
    """Return a record; times as programs with 32 bits for each number write them, negative ones too."""
    wire = len(frame) if length is None else length
    times = (seconds & 0xFFFFFFFF, ticks & 0xFFFFFFFF)
    return struct.pack(order + "IIII", *times, len(frame), wire) + extra + frame


def pcap_file(frames: Iterable[tuple[float, bytes]], link_type: int = 105) -> bytes:
    """Return a file of whole frames, each with its time in seconds since the epoch."""
    records = (pcap_record(raw, int(time), int(time % 1 * 1e6)) for time, raw in frames)
    return pcap_header(link_type=link_type) + b"".join(records)

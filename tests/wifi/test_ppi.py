from __future__ import annotations

import struct

import pytest

from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.linktypes import PPI, parse

ACK = b"\xd4\0\0\0\x02\0\0\0\0\x01"


def read(raw: bytes) -> Frame:
    return parse(PPI, (0.0, raw, len(raw)))


def ppi(*fields: tuple[int, bytes], flags: int = 0, linktype: int = 105, length: int = 0) -> bytes:
    data = b""
    for kind, octets in fields:
        padding = -len(octets) % 4 if flags & 1 else 0
        data += struct.pack("<HH", kind, len(octets)) + octets + bytes(padding)
    return struct.pack("<BBHI", 0, flags, length or 8 + len(data), linktype) + data


def common(flags: int = 0, signal: int = -50, noise: int = -95) -> tuple[int, bytes]:
    return 2, struct.pack("<QHHHHBBbb", 1234, flags, 12, 5180, 0x140, 0, 0, signal, noise)


def ht(mcs: int, flags: int, levels: tuple[int, ...]) -> tuple[int, bytes]:
    antennas = b"".join(struct.pack("bb", level, -95) for level in levels)
    return 4, struct.pack("<IIBBBB8xHH", flags, 0, 0, mcs, 1, 0, 0, 0) + antennas + bytes(16)


def test_common() -> None:
    frame = read(ppi(common(1)) + ACK + b"FCS!")
    assert (frame.malformed, frame.kind, frame.raw[frame.start : frame.end], frame.length) == (None, 0x1D, ACK, 14)
    assert (frame.tsft, frame.freq, frame.rate, frame.phy) == (1234, 5180, 6.0, "ofdm")
    assert (frame.rssi, frame.noise, frame.bad_fcs) == (-50, -95, False)
    frame = read(ppi(common(0x0E, -128, -128)) + ACK)
    assert (frame.tsft, frame.rssi, frame.noise, frame.bad_fcs) == (1_234_000, None, None, True)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("flags", [0, 1])
def test_ht_is_more_exact_than_the_common_rate(flags: int, swap: bool) -> None:
    fields = [common(), (30002, b"gps"), ht(7, 0x06, (-60, -45, -128, -128))]
    frame = read(ppi(*(reversed(fields) if swap else fields), flags=flags) + ACK)
    assert (frame.malformed, frame.phy, frame.rate, frame.width) == (None, "ht", 150.0, 40)
    assert frame.rssi == (-45 if not swap else -50)


def test_ht_of_the_mac_alone() -> None:
    frame = read(ppi((3, struct.pack("<II4x", 0x02, 0))) + ACK)
    assert (frame.phy, frame.rate, frame.width) == ("ht", 0.0, 40)


def test_a_radiotap_header_inside_is_read() -> None:
    radiotap = struct.pack("<BBHIBxHHbx", 0, 0, 16, 0x2A, 0, 2437, 0xA0, -40)
    frame = read(ppi(common(), linktype=127) + radiotap + ACK)
    assert (frame.malformed, frame.kind, frame.freq, frame.rssi) == (None, 0x1D, 2437, -40)
    assert (frame.raw[frame.start : frame.end], frame.length) == (ACK, 14)
    assert read(ppi(common(), linktype=127) + b"\x01").malformed is Malformed.LINK_HEADER
    assert read(ppi(linktype=192) * 1000).malformed is Malformed.LINK_TYPE


def test_another_link_type_inside() -> None:
    assert read(ppi(common(), linktype=1) + ACK).malformed is Malformed.LINK_TYPE


def test_a_field_beyond_the_header() -> None:
    frame = read(ppi(common(), (3, bytes(12)), length=8 + 24 + 4 + 5) + ACK)
    assert (frame.malformed, frame.rssi) == (Malformed.LINK_HEADER, -50)


@pytest.mark.parametrize(
    "raw", [b"", bytes(7), ppi(common(), length=7), ppi(common())[:20], b"\x01" + ppi(common())[1:]]
)
def test_broken_headers(raw: bytes) -> None:
    frame = read(raw)
    assert (frame.malformed, frame.kind, frame.start) == (Malformed.LINK_HEADER, -1, len(raw))

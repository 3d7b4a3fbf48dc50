"""Capture files: pcap with radiotap headers (www.radiotap.org) and check sequences."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from tools.wids_benchmark.building.air import START, Phy, Sent

RADIOTAP = 127
_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RADIOTAP)
_FCS, _BAD_FCS = 0x10, 0x40


def radiotap(sent: Sent, tsft: int) -> bytes:
    """Return the radiotap header of a frame; `tsft` in microseconds is the receiver's clock at its end."""
    flags = _FCS | (_BAD_FCS if sent.damaged and sent.marked else 0)
    band = 0x0080 if sent.freq < 3000 else 0x0100
    if sent.phy is Phy.LEGACY:
        modulation = 0x0020 if sent.rate in {1.0, 2.0, 5.5, 11.0} else 0x0040
        present = 1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 11
        body = struct.pack("<QBBHHbB", tsft, flags, round(sent.rate * 2), sent.freq, band | modulation, sent.level, 0)
    else:
        present = 1 | 1 << 1 | 1 << 3 | 1 << 5 | 1 << 11
        body = struct.pack("<QBxHHbB", tsft, flags, sent.freq, band | 0x0040, sent.level, 0)
        index = int(sent.rate) & 7
        if sent.phy is Phy.HT:
            present |= 1 << 19
            body += struct.pack("<BBB", 0x27, 0, index)
        elif sent.phy is Phy.VHT:
            present |= 1 << 21
            body += struct.pack("<HBBBBBBBBH", 0x0044, 0, 4, index << 4 | 1, 0, 0, 0, 0, 0, 0)
        else:
            present |= 1 << 23
            body += b"\0" * (len(body) & 1) + struct.pack("<HHHHHH", 0x4060, 0, 0, index << 8, 4, 1)
    return struct.pack("<BBHI", 0, 0, 8 + len(body), present) + body


def with_check_sequence(sent: Sent) -> bytes:
    """Return the octets of a frame with its check sequence, which a damaged one does not meet."""
    check = zlib.crc32(sent.octets)
    return sent.octets + struct.pack("<I", check ^ 0x5A5A5A5A if sent.damaged else check)


def write(path: Path, heard: Iterable[Sent]) -> int:
    """Write a capture file; return its number of frames."""
    count = 0
    with path.open("wb") as file:
        file.write(_HEADER)
        for sent in heard:
            tsft = round(sent.at * 1e6) + 1_000_000
            octets = radiotap(sent, tsft) + with_check_sequence(sent)
            micros = round((START + sent.at) * 1e6)
            file.write(struct.pack("<IIII", micros // 1_000_000, micros % 1_000_000, len(octets), len(octets)) + octets)
            count += 1
    return count

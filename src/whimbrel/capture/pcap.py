"""The pcap format (draft-ietf-opsawg-pcap), with its nanosecond, byte-swapped and modified (Kuznetzov) variants."""

from __future__ import annotations

import struct
from collections.abc import Generator
from typing import NamedTuple, NoReturn

from whimbrel.capture.chunks import MAX_RECORD, Chunks, Damaged
from whimbrel.capture.records import BATCH, Batch
from whimbrel.wifi.capture_record import CaptureRecord


class _Variant(NamedTuple):
    order: str  # byte order, in the notation of struct
    per_second: int  # units of the second field of a time
    extra: int  # octets of a record's header after the usual 16


MAGICS = {
    magic.to_bytes(4, "big" if order == ">" else "little"): _Variant(order, per_second, extra)
    for magic, per_second, extra in (
        (0xA1B2C3D4, 1_000_000, 0),
        (0xA1B23C4D, 1_000_000_000, 0),
        (0xA1B2CD34, 1_000_000, 8),  # interface index, protocol, packet type, padding
    )
    for order in "<>"
}
"""The variants of the format by the first four octets of the file."""

_FILE_HEADER = 24


def read_pcap(chunks: Chunks) -> Generator[Batch, None, None]:
    """Yield the frames of a pcap file, of any link type. Raises `Damaged` after the last whole frame."""
    data = _header(chunks)
    order, per_second, extra = MAGICS[data[:4]]
    link_type = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF  # the upper half is about the FCS, or reserved
    # Signed: some programs write a time just before a full second as that second and a negative fraction.
    unpack = struct.Struct(order + "IiII").unpack_from
    header = 16 + extra
    at = _FILE_HEADER
    batch: list[CaptureRecord] = []
    while True:
        end = len(data)
        try:
            while at + header <= end:
                seconds, ticks, captured, length = unpack(data, at)
                start = at + header
                stop = start + captured
                if captured > MAX_RECORD:
                    _refuse(chunks.offset + at, captured)
                if stop > end:
                    break
                batch.append((seconds + ticks / per_second, data[start:stop], max(length, captured)))
                at = stop
                if len(batch) == BATCH:
                    yield link_type, batch
                    batch = []
            grown = chunks.more(at)
        except Damaged:
            if batch:
                yield link_type, batch
            raise
        left, at = end - at, 0
        if len(grown) == left:
            break
        data = grown
    if batch:
        yield link_type, batch
    if left:
        raise Damaged(f"cut short in a record: {left} octets of it are left at octet {chunks.offset}")


def _header(chunks: Chunks) -> bytes:
    data = chunks.data
    while len(data) < _FILE_HEADER:
        grown = chunks.more(0)
        if len(grown) == len(data):
            raise Damaged(f"cut short in the file header: {len(data)} of {_FILE_HEADER} octets")
        data = grown
    return data


def _refuse(offset: int, captured: int) -> NoReturn:
    raise Damaged(f"broken at octet {offset}: a record claims {captured} octets, more than {MAX_RECORD}")

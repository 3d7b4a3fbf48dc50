"""The pcapng format (draft-ietf-opsawg-pcapng): sections of blocks; each interface has its own clock and link type.

Blocks other than section headers, interface descriptions and packets are skipped, whatever their length.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from typing import NamedTuple

from whimbrel.capture.chunks import MAX_RECORD, Chunks, Damaged
from whimbrel.capture.records import BATCH, Batch
from whimbrel.wifi.capture_record import CaptureRecord

SECTION_HEADER = b"\x0a\x0d\x0d\x0a"
"""The first four octets of a pcapng file; the same in both byte orders."""

_SECTION, _INTERFACE, _PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_LEAST = {_SECTION: 28, _INTERFACE: 20, _PACKET: 32, _SIMPLE_PACKET: 16, _ENHANCED_PACKET: 32}
"""Fixed octets of each kind of block that is read: for packets, all but the frame and the options."""
_BYTE_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
_MAX_BLOCK = 2 * MAX_RECORD  # octets of a block that is read: a frame and its options
_MAX_INTERFACES = 4096
_IF_TSRESOL, _IF_TSOFFSET = 9, 14
_LAST_TIME = 253_402_300_799.0  # s, the end of the year 9999: the last time that can be written as a date


class _Interface(NamedTuple):
    link_type: int
    per_second: int  # ticks of its clock
    offset: int  # s, added to every time
    snap_length: int  # octets; 0: no limit


class _Layout:
    """The byte order of a section, compiled."""

    __slots__ = ("block", "description", "enhanced", "obsolete", "offset", "option", "word")

    def __init__(self, order: str) -> None:
        self.word = struct.Struct(order + "I").unpack_from
        self.block = struct.Struct(order + "II").unpack_from
        self.enhanced = struct.Struct(order + "IIIIIII").unpack_from  # from the block's beginning
        self.obsolete = struct.Struct(order + "HHIIII").unpack_from
        self.description = struct.Struct(order + "HHI").unpack_from
        self.option = struct.Struct(order + "HH").unpack_from
        self.offset = struct.Struct(order + "q").unpack_from


def read_pcapng(chunks: Chunks) -> Generator[Batch, None, None]:
    """Yield the frames of a pcapng file, of any link type, in a batch for each run of one link type.

    Raises `Damaged` after the last whole frame.
    """
    reader = _Reader(chunks)
    try:
        while batch := reader.fill():
            yield batch
    except Damaged:
        if reader.batch:
            yield reader.link_type, reader.batch
        raise


class _Reader:
    """The state of reading one file."""

    def __init__(self, chunks: Chunks) -> None:
        self.batch: list[CaptureRecord] = []
        self.link_type = 0
        self._chunks = chunks
        self._data = chunks.data
        self._at = 0  # where the next block begins in it
        self._layout = _Layout("<")
        self._interfaces: list[_Interface] = []
        self._time = 0.0  # of the last frame; a simple packet block has none of its own

    def fill(self) -> Batch | None:
        """Return the next frames that have one link type; None at the end.

        Raises `Damaged`, with the frames before it in `batch`.
        """
        batch: list[CaptureRecord] = []
        self.batch = batch
        while len(batch) < BATCH:
            data, at, layout = self._data, self._at, self._layout
            left = len(data) - at
            # The fast path for a plain enhanced packet block, which nearly every block is; _block handles the others.
            if left >= 32:
                kind, length, number, high, low, captured, size = layout.enhanced(data, at)
                if (
                    kind == _ENHANCED_PACKET
                    and captured + 32 <= length <= left
                    and captured <= MAX_RECORD
                    and number < len(self._interfaces)
                    and not length & 3
                    and layout.word(data, at + length - 4)[0] == length
                ):
                    link_type, per_second, offset, _ = self._interfaces[number]
                    if link_type == self.link_type:
                        time = (high << 32 | low) / per_second + offset
                        if 0.0 <= time <= _LAST_TIME:
                            batch.append((time, data[at + 28 : at + 28 + captured], max(size, captured)))
                            self._time = time
                            self._at = at + length
                            continue
            if not self._block():
                break
        return (self.link_type, batch) if batch else None

    def _block(self) -> bool:
        """Read one block; False at the end, and before a frame that does not go into this batch."""
        if self._at + 12 > len(self._data) and not self._extend(12):
            return False
        kind, length = self._layout.block(self._data, self._at)
        if kind == _SECTION:
            length = self._section()
        # Some programs leave the padding to whole words out of the length, but not out of the file.
        padded = length + 3 & ~3
        if padded < _LEAST.get(kind, 12):
            raise self._broken(f"a block of type {kind} claims a length of {length} octets")
        if kind not in _LEAST:
            self._skip(padded)
            return True
        if self._at + padded > len(self._data):
            if length > _MAX_BLOCK:
                raise self._broken(f"a block claims {length} octets")
            self._extend(padded)
        if self._layout.word(self._data, self._at + padded - 4)[0] != length:
            raise self._broken("the two lengths of a block differ")
        if kind == _INTERFACE:
            self._interface(padded)
        elif kind != _SECTION and not self._frame(kind, padded):
            return False
        self._at += padded
        return True

    def _extend(self, wanted: int) -> bool:
        """Make the window hold `wanted` octets from the current position; return False if the file ends here."""
        size = len(self._data) - self._at
        data = self._data = self._chunks.more(self._at)
        self._at = 0
        while len(data) < wanted:
            if len(data) == size:
                if not data:
                    return False
                raise Damaged(
                    f"cut short in a block at octet {self._chunks.offset}: {size} of {wanted} octets are left"
                )
            size = len(data)
            data = self._data = self._chunks.more(0)
        return True

    def _skip(self, length: int) -> None:
        if self._at + length <= len(self._data):
            self._at += length
        else:
            self._data, self._at = self._chunks.skip(self._at, length), 0

    def _broken(self, what: str) -> Damaged:
        return Damaged(f"broken at octet {self._chunks.offset + self._at}: {what}")

    def _section(self) -> int:
        """Begin a section; return the length of its header block."""
        order = _BYTE_ORDERS.get(self._data[self._at + 8 : self._at + 12])
        if order is None:
            raise self._broken("a section without a byte order")
        self._layout = _Layout(order)
        self._interfaces = []
        length: int = self._layout.word(self._data, self._at + 4)[0]
        return length

    def _interface(self, length: int) -> None:
        """Read an interface description block."""
        if len(self._interfaces) >= _MAX_INTERFACES:
            raise self._broken(f"more than {_MAX_INTERFACES} interfaces")
        data, at, layout = self._data, self._at, self._layout
        link_type, _, snap_length = layout.description(data, at + 8)
        per_second, offset = 1_000_000, 0
        option, stop = at + 16, at + length - 4
        while option + 4 <= stop:
            code, size = layout.option(data, option)
            value = option + 4
            if code == 0 or value + size > stop:
                break
            if code == _IF_TSRESOL and size == 1:
                per_second = 2 ** (data[value] & 0x7F) if data[value] & 0x80 else 10 ** data[value]
            elif code == _IF_TSOFFSET and size == 8:
                (offset,) = layout.offset(data, value)
            option = value + (size + 3 & ~3)
        self._interfaces.append(_Interface(link_type, per_second, offset, snap_length))

    def _frame(self, kind: int, length: int) -> bool:
        """Read a packet block of any kind; return False if its link type differs from the frames before it."""
        data, at, layout = self._data, self._at, self._layout
        start = at + 28
        number = high = low = 0
        if kind == _ENHANCED_PACKET:
            _, _, number, high, low, captured, size = layout.enhanced(data, at)
        elif kind == _PACKET:
            number, _, high, low, captured, size = layout.obsolete(data, at + 8)
        else:
            start = at + 12
            captured = size = layout.word(data, at + 8)[0]
        if number >= len(self._interfaces):
            raise self._broken(f"a frame of interface {number}, which is not described")
        link_type, per_second, offset, snap_length = self._interfaces[number]
        room = length - _LEAST[kind]
        if kind == _SIMPLE_PACKET:
            captured = min(captured, snap_length or captured, room)
        if captured > min(room, MAX_RECORD):
            raise self._broken(f"a frame of {captured} octets in a block of {length}")
        if self.batch and link_type != self.link_type:
            return False
        if kind != _SIMPLE_PACKET:
            self._time = min(max((high << 32 | low) / per_second + offset, 0.0), _LAST_TIME)
        self.link_type = link_type
        self.batch.append((self._time, data[start : start + captured], max(size, captured)))
        return True

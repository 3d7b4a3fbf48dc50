"""Finds the whole part of a truncated pcapng file: up to its last block with two equal lengths."""

from __future__ import annotations

import struct
from typing import Protocol

from whimbrel.capture import pcapng_blocks

_WORDS = struct.Struct("<II")
_LENGTH = struct.Struct("<I")
_ORDER_AT = 8
_LEAST = 12
_LARGEST = 1 << 24


class Seekable(Protocol):
    """A file to read from."""

    def seek(self, at: int, /) -> int:
        """Go to an octet."""
        ...

    def read(self, size: int, /) -> bytes:
        """Return at most that many octets."""
        ...


def whole_octets(file: Seekable) -> int:
    """Return the octets of whole blocks in one of our files; 0 if not even its section and interface are whole.

    After a loss of power a file may end in zeros, or in parts of another file: these are no blocks. Raises the errors
    of `file`.
    """
    at = blocks = 0
    while True:
        file.seek(at)
        head = file.read(_LEAST)
        if len(head) < _LEAST:
            break
        kind, length = _WORDS.unpack_from(head)
        if length < _LEAST or length % 4 or length > _LARGEST or not _is_expected(kind, head, blocks):
            break
        file.seek(at + length - 4)
        if file.read(4) != _LENGTH.pack(length):
            break
        at += length
        blocks += 1
    return at if blocks >= 2 else 0


def _is_expected(kind: int, head: bytes, blocks: int) -> bool:
    """Return whether a block of this kind is in its place: our files have one section with one interface."""
    if blocks == 0:
        return kind == pcapng_blocks.SECTION and _LENGTH.unpack_from(head, _ORDER_AT)[0] == pcapng_blocks.ORDER
    if blocks == 1:
        return kind == pcapng_blocks.INTERFACE
    return kind in {pcapng_blocks.PACKET, pcapng_blocks.STATISTICS}

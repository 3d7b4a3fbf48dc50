"""The header of CCMP, GCMP and TKIP before encrypted data, with the packet number in clear."""

from __future__ import annotations

from struct import Struct

HEADER = 8
_EXTENDED_IV = 0x20
_KEY_ID = 0xC0
_RESERVED_AT, _KEY_AT = 2, 3
_read = Struct("<BBBBI").unpack_from


def packet_number(raw: bytes, at: int, end: int) -> int | None:
    """Return the packet number, 48 bits, of CCMP and GCMP, or of TKIP (IEEE 802.11-2020, 12.5.2.2, 12.5.3.2) in the
    header at `at`; None if there is none, as with WEP."""
    if at + HEADER > end:
        return None
    first, second, third, key, high = _read(raw, at)
    if not key & _EXTENDED_IV:
        return None
    tkip = third and second == (first | 0x20) & 0x7F
    number: int = high << 16 | (first << 8 | third if tkip else second << 8 | first)
    return number


def is_header(raw: bytes, at: int, end: int) -> bool:
    """Return whether the octets at `at` look like the header of CCMP or GCMP: a frame marked as clear with such a
    header was encrypted, and lost the mark in transmission."""
    if at + HEADER > end:
        return False
    return not raw[at + _RESERVED_AT] and raw[at + _KEY_AT] & ~_KEY_ID == _EXTENDED_IV

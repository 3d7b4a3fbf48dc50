"""The header that CCMP, GCMP and TKIP put before encrypted data: the packet number is in it, in clear."""

from __future__ import annotations

HEADER = 8
_EXTENDED_IV = 0x20
_KEY_ID = 0xC0
_RESERVED_AT, _KEY_AT = 2, 3


def packet_number(raw: bytes, at: int, end: int) -> int | None:
    """Read the 48 bits of CCMP and GCMP, or of TKIP (IEEE 802.11-2020, 12.5.2.2, 12.5.3.2) in the header at `at`; None
    where there is none, as of WEP."""
    if at + HEADER > end or not raw[at + _KEY_AT] & _EXTENDED_IV:
        return None
    high = int.from_bytes(raw[at + 4 : at + 8], "little") << 16
    tkip = raw[at + 1] == (raw[at] | 0x20) & 0x7F and raw[at + 2]
    return high | (raw[at] << 8 | raw[at + 2] if tkip else raw[at + 1] << 8 | raw[at])


def is_header(raw: bytes, at: int, end: int) -> bool:
    """Return whether the octets at `at` look like the header of CCMP or GCMP: a frame that is said to be in clear and
    has one was encrypted, and lost the mark on its way."""
    if at + HEADER > end:
        return False
    return not raw[at + _RESERVED_AT] and raw[at + _KEY_AT] & ~_KEY_ID == _EXTENDED_IV

"""The certainty of a single frame: damage occasionally turns one kind of frame into another."""

from __future__ import annotations

from binascii import crc32
from typing import TYPE_CHECKING

from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import FROM_DS, MORE_FRAGMENTS, PROTECTED, TO_DS

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_KEPT = 64
_ADDRESSES_AT = 4
_IPV4 = b"\xaa\xaa\x03\x00\x00\x00\x08\x00\x45"
_IPV4_AT, _IPV4_HEADER = 8, 20
_ONES = 0xFFFF


_SAME = TO_DS | FROM_DS | MORE_FRAGMENTS | PROTECTED
"""Flags that a retransmission does not change."""


class Copies:
    """Suspicious frames heard, by their octets: the same damage does not happen twice."""

    __slots__ = ("_heard",)

    def __init__(self) -> None:
        self._heard: dict[int, float] = {}

    def proven(self, frame: Frame) -> bool:
        """Note a suspicious frame; return whether it is undamaged: its check sequence is correct, or the same octets
        were heard before."""
        heard = self._heard
        octets = crc32(
            memoryview(frame.raw)[frame.start + _ADDRESSES_AT : frame.end], frame.kind << 8 | frame.flags & _SAME
        )
        again = octets in heard
        if not again:
            if len(heard) >= _KEPT:
                del heard[next(iter(heard))]
            heard[octets] = frame.time
        return again or holds(frame) is True


def is_ipv4(raw: bytes, start: int, end: int) -> bool:
    """Return whether ``raw[start:end]`` is LLC and an IPv4 packet with a correct header checksum, which damaged frames
    hardly ever have."""
    at = start + _IPV4_AT
    if not raw.startswith(_IPV4, start, end) or at + _IPV4_HEADER > end:
        return False
    total = sum(raw[i] << 8 | raw[i + 1] for i in range(at, at + _IPV4_HEADER, 2))
    while total > _ONES:
        total = (total >> 16) + (total & _ONES)
    return total == _ONES

"""Whether a single frame can be believed: damage turns one kind of frame into another now and then."""

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
"""Flags that are the same when a frame is sent again."""


class Copies:
    """Suspicious frames that were heard, by their octets: damage does not strike twice alike."""

    __slots__ = ("_heard",)

    def __init__(self) -> None:
        self._heard: dict[int, float] = {}

    def proven(self, frame: Frame) -> bool:
        """Take in a suspicious frame; return whether it is as it was sent: its check sequence fits, or the same octets
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
    """Return whether ``raw[start:end]`` is LLC and an IPv4 packet with the right header checksum, which hardly any
    damaged frame has."""
    at = start + _IPV4_AT
    if not raw.startswith(_IPV4, start, end) or at + _IPV4_HEADER > end:
        return False
    total = sum(raw[i] << 8 | raw[i + 1] for i in range(at, at + _IPV4_HEADER, 2))
    while total > _ONES:
        total = (total >> 16) + (total & _ONES)
    return total == _ONES

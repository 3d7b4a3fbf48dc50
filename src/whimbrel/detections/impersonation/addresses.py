"""Addresses that a device derives from its own address: each of its networks and radios needs one."""

from __future__ import annotations

from collections.abc import Iterable

_STEP = 0x40
"""The largest distance between addresses of one device: 16 networks on each of four radios."""


def is_derived(address: bytes, own: Iterable[bytes]) -> bool:
    """Return whether `address` may be derived from one of `own`.

    The first octet may differ, as in locally administered addresses (IEEE 802-2014, 8.2.2), or the fourth, as with some
    makers; otherwise the last three octets are close to each other.
    """
    return any(_derived(address, known) for known in own)


def _derived(address: bytes, known: bytes) -> bool:
    near = abs(int.from_bytes(address[3:], "big") - int.from_bytes(known[3:], "big")) < _STEP
    if address[1:3] != known[1:3]:
        return False
    if address[0] == known[0] or address[0] & 2:
        return near or (address[4:5] == known[4:5] and abs(address[5] - known[5]) < _STEP)
    return False


def same_maker(address: bytes, own: Iterable[bytes]) -> bool:
    """Return whether `address` has a vendor prefix of one of `own`."""
    return any(address[:3] == known[:3] for known in own)

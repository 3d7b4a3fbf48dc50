"""What the kernel is to thin, and what it has counted: the values that go between the daemon and whoever holds the
capability."""

from __future__ import annotations

import struct
from typing import NamedTuple

BEACONS, ACKNOWLEDGEMENTS, CLEARANCES = 1, 2, 4
"""What may be thinned, as bits."""
ASKED_MAX = 1024
"""Limit of addresses whose beacons are all passed on; with more, none is thinned."""
_ORDER = struct.Struct("=5IH")
_WAY = struct.Struct("=3HBBI")
_SENDER = struct.Struct("=6sQHHQIIiiii")
_HEAD = struct.Struct("=HH")
WAYS, SENDERS = 2048, 1024
"""Entries of the filter's tables."""
ORDER_MAX = _ORDER.size + 6 * ASKED_MAX
COUNTS_MAX = _HEAD.size + WAYS * _WAY.size + SENDERS * _SENDER.size


class ThinningOrder(NamedTuple):
    """What is passed on although it repeats; see ``struct settings`` of ``thin.bpf.c``."""

    thin: int
    """Bits; 0: everything is passed on."""
    longest: int = 0
    """Us of the longest duration that is only counted."""
    drift: int = 0
    """Us."""
    step: int = 0
    gap: int = 0
    """dB."""
    asked: frozenset[bytes] = frozenset()
    """Addresses whose beacons are all passed on, 6 octets each."""

    def pack(self) -> bytes:
        """Encode it."""
        numbers = _ORDER.pack(self.thin, self.longest, self.drift, self.step, self.gap, len(self.asked))
        return numbers + b"".join(sorted(self.asked))


def unpack_order(data: bytes) -> ThinningOrder:
    """Decode an order. Raises ValueError if it is none."""
    if len(data) < _ORDER.size:
        raise ValueError("an order to thin that is cut short")
    thin, longest, drift, step, gap, many = _ORDER.unpack_from(data)
    addresses = data[_ORDER.size :]
    if many > ASKED_MAX or len(addresses) != 6 * many:
        raise ValueError("a length in an order to thin does not fit")
    asked = frozenset(addresses[at : at + 6] for at in range(0, len(addresses), 6))
    return ThinningOrder(thin, longest, drift, step, gap, asked)


class WayCount(NamedTuple):
    """Frames of one second that were sent in the same way."""

    freq: int
    channel: int
    """Flags of radiotap's channel field."""
    length: int
    rate: int
    """500 kbit/s."""
    kind: int
    """Type of the frame, and 0x08 for a retransmission."""
    frames: int


class SenderCount(NamedTuple):
    """Beacons of one second by one sender. `heard` is in us of the kernel's clock."""

    address: bytes
    heard: int
    freq: int
    seq: int
    stamp: int
    """The timestamp of the last one, us."""
    frames: int
    levelled: int
    total: int
    low: int
    high: int
    level: int


class ThinningCounts(NamedTuple):
    """What was counted since the last time."""

    ways: tuple[WayCount, ...] = ()
    senders: tuple[SenderCount, ...] = ()

    def pack(self) -> bytes:
        """Encode it."""
        ways, senders = self.ways[:WAYS], self.senders[:SENDERS]
        parts = [_HEAD.pack(len(ways), len(senders))]
        parts += [_WAY.pack(*each) for each in ways]
        parts += [_SENDER.pack(*each) for each in senders]
        return b"".join(parts)


def unpack_counts(data: bytes) -> ThinningCounts:
    """Decode counts; no octets are none. Raises ValueError if they are none of this version."""
    if not data:
        return ThinningCounts()
    if len(data) < _HEAD.size:
        raise ValueError("counts that are cut short")
    ways, senders = _HEAD.unpack_from(data)
    middle = _HEAD.size + ways * _WAY.size
    if len(data) != middle + senders * _SENDER.size:
        raise ValueError("a length in counts does not fit")
    return ThinningCounts(
        tuple(WayCount(*each) for each in _WAY.iter_unpack(data[_HEAD.size : middle])),
        tuple(SenderCount(*each) for each in _SENDER.iter_unpack(data[middle:])),
    )

"""A frame built once, sent many times: bytes with a radiotap header in front, and where to patch them."""

from __future__ import annotations

import struct

from whimbrel.drivers.sim.rates import Rate, channel_flags

SEQUENCE = struct.Struct("<H")
TIMESTAMP = struct.Struct("<Q")

_SEQUENCE_AT = 22  # Sequence Control (IEEE 802.11-2020, 9.2.4.4), in frames that have one
_BODY_AT = 24


class Template:
    """One frame at one rate. `data` is radiotap and MPDU without FCS; the offsets count from its start, 0 for none."""

    __slots__ = ("airtime", "counter_at", "data", "flags_2ghz", "flags_5ghz", "mac", "rate", "sequence_at", "tsf_at")

    def __init__(self, rate: Rate, mpdu: bytes) -> None:
        self.rate = rate
        self.mac = len(rate.head)
        self.data = rate.head + mpdu
        self.airtime = rate.airtime(len(mpdu) + 4)
        self.flags_2ghz = channel_flags(2412, rate.phy)
        self.flags_5ghz = channel_flags(5180, rate.phy)
        frame_type, subtype = mpdu[0] >> 2 & 3, mpdu[0] >> 4
        self.sequence_at = 0 if frame_type == 1 else self.mac + _SEQUENCE_AT
        # Beacons and probe responses carry their sender's clock.
        self.tsf_at = self.mac + _BODY_AT if frame_type == 0 and subtype in {5, 8} else 0
        # Encrypted data starts with a packet number or an IV that counts.
        header = _BODY_AT + (2 if subtype & 8 else 0)
        self.counter_at = self.mac + header if frame_type == 2 and mpdu[1] & 0x40 and len(mpdu) > header else 0

    @property
    def mpdu(self) -> bytes:
        """The 802.11 frame without radiotap and FCS."""
        return self.data[self.mac :]

    def addressed(self, receiver: bytes, transmitter: bytes | None = None, third: bytes | None = None) -> Template:
        """Return a copy with other addresses 1, 2 and 3; None keeps an address."""
        data = bytearray(self.data)
        at = self.mac + 4
        data[at : at + 6] = receiver
        if transmitter is not None:
            data[at + 6 : at + 12] = transmitter
        if third is not None:
            data[at + 12 : at + 18] = third
        return self._with(bytes(data))

    def patched(self, at: int, value: bytes) -> Template:
        """Return a copy with `value` written at offset `at` of the MPDU; its length stays."""
        at += self.mac
        return self._with(self.data[:at] + value + self.data[at + len(value) :])

    def retried(self) -> Template:
        """Return a copy with the Retry bit set."""
        return self.patched(1, bytes((self.data[self.mac + 1] | 0x08,)))

    def _with(self, data: bytes) -> Template:
        copy = object.__new__(Template)
        for name in Template.__slots__:
            setattr(copy, name, getattr(self, name))
        copy.data = data
        return copy


def element_at(mpdu: bytes, element: int, fixed: int = 12) -> int:
    """Return the offset of the information field of the first `element` in a management frame's body, 0 for none.

    `fixed` is the length of the fixed fields: 12 in beacons and probe responses.
    """
    at = _BODY_AT + fixed
    while at + 2 <= len(mpdu):
        if mpdu[at] == element:
            return at + 2
        at += 2 + mpdu[at + 1]
    return 0

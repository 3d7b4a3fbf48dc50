"""Build a radiotap header from the known properties of a frame (radiotap.org, "Defined fields")."""

from __future__ import annotations

import struct

from whimbrel.wifi.channels import band_of

_TSFT, _FLAGS, _RATE, _CHANNEL, _SIGNAL, _NOISE = 0, 1, 2, 3, 5, 6
_DAMAGED = 0x40
_CCK, _OFDM, _2GHZ, _5GHZ = 0x0020, 0x0040, 0x0080, 0x0100
_BANDS = {"2.4": _2GHZ, "5": _5GHZ}
_PHYS = {"dsss": _CCK, "ofdm": _OFDM}
_LEGACY = 54.0
"""Mbit/s; higher rates belong to HT and later, which do not use the rate field."""


def radiotap_header(
    *,
    tsft: int | None = None,
    rate: float = 0.0,
    freq: int = 0,
    phy: str = "",
    rssi: int | None = None,
    noise: int | None = None,
    damaged: bool = False,
) -> bytes:
    """Return the header for a frame without FCS, in the units of `whimbrel.wifi.frames.Frame`.

    Values that are unknown or fit no field are left out: the rates of HT and later, frequencies beyond 65 GHz.
    """
    present = 1 << _FLAGS
    fields = b""
    if tsft is not None and 0 <= tsft < 1 << 64:
        present |= 1 << _TSFT
        fields += struct.pack("<Q", tsft)
    fields += bytes((_DAMAGED if damaged else 0,))
    halves = round(rate * 2)
    if 0 < rate <= _LEGACY and phy in {"", *_PHYS}:
        present |= 1 << _RATE
        fields += bytes((halves,))
    if 0 < freq < 1 << 16:
        present |= 1 << _CHANNEL
        fields += bytes(len(fields) % 2)
        fields += struct.pack("<HH", freq, _BANDS.get(band_of(freq), 0) | _PHYS.get(phy, 0))
    for bit, level in ((_SIGNAL, rssi), (_NOISE, noise)):
        if level is not None and -128 <= level <= 127:
            present |= 1 << bit
            fields += struct.pack("<b", level)
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), present) + fields

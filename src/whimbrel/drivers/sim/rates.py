"""The rates of the simulated radio: a radiotap header for each, built once by scapy, patched for each frame.

Every header starts alike, whatever follows: TSFT at 8, Flags at 16, Rate at 17, Channel at 18, antenna signal at 22 and
noise at 23, antenna at 24 and RX flags at 26 (radiotap.org, fields 0, 1, 2, 3, 5, 6, 11 and 14).
"""

from __future__ import annotations

import functools
import struct
from typing import NamedTuple

STAMP = struct.Struct("<QBBHHb")
STAMP_AT = 8
FLAG_FCS = 0x10
FLAG_BAD_FCS = 0x40

_FIELDS = "TSFT+Flags+Channel+dBm_AntSignal+dBm_AntNoise+Antenna+RXFlags"
_VHT_WIDTH = {20: 0, 40: 1, 80: 4, 160: 11}
_HE_WIDTH = {20: 0, 40: 1, 80: 2, 160: 3}
# Bits of a symbol per subcarrier and stream for MCS 0 to 11: modulation times coding rate.
_EFFICIENCY = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 4.5, 5.0, 6.0, 20 / 3, 7.5, 25 / 3)
_SUBCARRIERS = {
    "ht": {20: 52, 40: 108},
    "vht": {20: 52, 40: 108, 80: 234, 160: 468},
    "he": {20: 234, 40: 468, 80: 980, 160: 1960},
}


class Rate(NamedTuple):
    """A rate: its radiotap fields, and its speed."""

    phy: str
    """dsss, ofdm, ht, vht or he."""
    mbps: float
    """Mbit/s."""
    code: int
    """Radiotap's Rate in units of 500 kbit/s; 0 if another field contains it."""
    head: bytes
    """The radiotap header, to be patched."""

    def airtime(self, octets: int) -> int:
        """Return how long `octets` take on the air with their preamble, in us."""
        return (192 if self.phy == "dsss" else 20 if self.phy == "ofdm" else 40) + int(octets * 8 / self.mbps)


@functools.cache
def legacy(mbps: float) -> Rate:
    """Return the DSSS rate (1, 2, 5.5, 11) or OFDM rate (6 to 54) of `mbps` Mbit/s."""
    phy = "dsss" if mbps in {1, 2, 5.5, 11} else "ofdm"
    code = int(mbps * 2)
    return Rate(phy, mbps, code, _head("Rate", Rate=mbps))


@functools.cache
def modern(phy: str, width: int, mcs: int, streams: int = 1) -> Rate:
    """Return an HT, VHT or HE rate; `width` in MHz, `mcs` 0 to 7 (ht), 9 (vht) or 11 (he), long guard interval."""
    symbol = 13.6 if phy == "he" else 4.0
    mbps = _SUBCARRIERS[phy][width] * _EFFICIENCY[mcs] * streams / symbol
    if phy == "ht":
        known = "MCS_bandwidth+MCS_index+guard_interval"
        index = mcs + 8 * (streams - 1)
        head = _head("MCS", knownMCS=known, MCS_bandwidth=int(width == 40), MCS_index=index)
    elif phy == "vht":
        users = bytes((mcs << 4 | streams, 0, 0, 0, 0))
        head = _head("VHT", KnownVHT="GuardInterval+Bandwidth", VHT_bandwidth=_VHT_WIDTH[width], mcs_nss=users)
    else:
        # HE SU; data MCS, and bandwidth known; guard interval 0.8 us.
        head = _head(
            "HE", he_data1=0x4020, he_data2=0x0002, he_data3=mcs << 8, he_data5=_HE_WIDTH[width], he_data6=streams
        )
    return Rate(phy, mbps, 0, head)


def _head(extra: str, **fields: object) -> bytes:
    from scapy.layers.dot11 import RadioTap

    return bytes(RadioTap(present=f"{_FIELDS}+{extra}", dBm_AntNoise=-95, Antenna=1, **fields))


def channel_flags(freq: int, phy: str) -> int:
    """Return radiotap's Channel flags as Linux sets them for a frame received at `freq` MHz."""
    if freq > 5000:
        return 0x0140
    return 0x00A0 if phy == "dsss" else 0x00C0 if phy == "ofdm" else 0x0480

"""Data rates of HT, VHT, HE and EHT frames in Mbit/s, from the modulation in the capture header.

Rate = data subcarriers x bits per subcarrier x spatial streams / symbol time: IEEE 802.11-2020, 19.5 (HT) and 21.5
(VHT); IEEE 802.11ax-2021, 27.5 (HE); IEEE 802.11be-2024, 36.5 (EHT). Each function reads one radiotap field and
returns ``(phy, Mbit/s, MHz)``, where 0 means unknown. The functions are called once for each value that a radio
reports.
"""

from __future__ import annotations

from struct import unpack, unpack_from

Modulation = tuple[str, float, int]

DSSS_RATES = frozenset({1.0, 2.0, 5.5, 11.0})
"""The rates of DSSS and HR/DSSS, Mbit/s (IEEE 802.11-2020, 15.4.4 and 16.2); they belong to no other PHY."""
DSSS_500K = frozenset({2, 4, 11, 22})
"""The same in units of 500 kbit/s, as capture headers have them."""
OFDM_500K = frozenset({12, 18, 24, 36, 48, 72, 96, 108})
"""The rates of OFDM alone (17.2.3.4), in units of 500 kbit/s."""

# Data bits per subcarrier and stream by MCS index, from BPSK 1/2 to 4096-QAM 5/6; 15 of EHT is BPSK 1/2 with DCM. 14,
# the same twice side by side, has its own tones and no rate here.
_BITS = (0.5, 1, 1.5, 2, 3, 4, 4.5, 5, 6, 20 / 3, 7.5, 25 / 3, 9, 10, 0, 0.25)

_SUBCARRIERS = {20: 52, 40: 108, 80: 234, 160: 468}  # HT and VHT
_TONES = {20: 234, 40: 468, 80: 980, 160: 1960, 320: 3920}  # HE and EHT over the whole width

# Resource units of HE by the value of radiotap's "data BW/RU allocation": width in MHz, data tones.
_HE_UNITS = (
    *((width, _TONES[width]) for width in (20, 40, 80, 160)),
    *((20, 24), (20, 48), (20, 102), (20, 234), (40, 468), (80, 980), (160, 1960)),
)

# Radiotap's VHT bandwidth: a sideband counts as its own width.
_VHT_WIDTHS = (20, 40, 20, 20, 80, 40, 40, *(20,) * 4, 160, 80, 80, *(40,) * 4, *(20,) * 8)

_GUARDS = (0.8, 1.6, 3.2)


def _rate(tones: float, index: int, streams: int, symbol: float) -> float:
    # Rounded to one decimal, halves up, as in the standard's tables.
    return int(tones * _BITS[index] * streams / symbol * 10 + 0.5) / 10


def ht(field: bytes) -> Modulation:
    """Read radiotap's MCS field, 3 octets. MCS 33 to 76 (unequal modulation, which was never built) have no rate
    here."""
    known, flags, index = field
    width = (40 if flags & 0x03 == 1 else 20) if known & 0x01 else 0
    if not known & 0x02:
        return "ht", 0.0, width
    return "ht", ht_rate(index, width or 20, short=bool(known & flags & 0x04)), width


def ht_rate(index: int, width: int, *, short: bool) -> float:
    """Return the rate of HT MCS `index` in 20 or 40 MHz, with the short guard interval or the long one."""
    symbol = 3.6 if short else 4.0
    if index == 32:  # BPSK on both halves of 40 MHz at once
        return round(24 / symbol, 1)
    return _rate(_SUBCARRIERS[width], index % 8, index // 8 + 1, symbol) if index < 32 else 0.0


def vht(field: bytes) -> Modulation:
    """Read radiotap's VHT field, 12 octets: the rate of its first user."""
    known, flags, bandwidth, *users = unpack_from("<HBB4B", field)
    width = _VHT_WIDTHS[bandwidth & 0x1F] if known & 0x40 and bandwidth & 0x1F < len(_VHT_WIDTHS) else 0
    user = next((user for user in users if user & 0x0F), 0)
    index, streams = user >> 4, user & 0x0F
    if not streams or index > 9:
        return "vht", 0.0, width
    symbol = 3.6 if known & 0x04 and flags & 0x04 else 4.0
    return "vht", _rate(_SUBCARRIERS[width or 20], index, streams, symbol), width


def he(field: bytes) -> Modulation:
    """Read radiotap's HE field, 12 octets."""
    known, known2, data3, _, data5, data6 = unpack("<6H", field)
    width, tones = 0, 0.0
    if known & 0x4000 and data5 & 0x0F < len(_HE_UNITS):
        width, tones = _HE_UNITS[data5 & 0x0F]
    index, streams, guard = data3 >> 8 & 0x0F, data6 & 0x0F, data5 >> 4 & 0x03
    if not known & 0x20 or index > 11 or not streams:
        return "he", 0.0, width
    if known & 0x0200 and data3 & 0x8000:  # STBC sends each stream twice
        streams = streams + 1 >> 1
    if known & 0x40 and data3 & 0x1000:  # DCM sends each bit on two tones
        tones = (tones or _TONES[20]) / 2
    symbol = 12.8 + (_GUARDS[guard] if known2 & 0x02 and guard < len(_GUARDS) else 0.8)
    return "he", _rate(tones or _TONES[20], index, streams, symbol), width


def eht(usig: bytes, field: bytes) -> Modulation:
    """Read radiotap's U-SIG and EHT fields; either may be empty or truncated (the missing octets count as 0).

    The resource unit is assumed to fill the whole width, so the rate of an OFDMA frame is an upper bound.
    """
    (common,) = unpack_from("<I", usig.ljust(4, b"\0"))
    width = (20, 40, 80, 160, 320, 320, 0, 0)[common >> 15 & 7] if common & 0x02 else 0
    known, data0 = unpack_from("<II", field.ljust(8, b"\0"))
    users = unpack(f"<{len(field[40:]) // 4}I", field[40 : 40 + len(field[40:]) // 4 * 4])
    user = next((user for user in users if user & 0x80), users[0] if users else 0)
    if not user & 0x02:
        return "eht", 0.0, width
    guard = data0 >> 7 & 0x03
    symbol = 12.8 + (_GUARDS[guard] if known & 0x04 and guard < len(_GUARDS) else 0.8)
    streams = (user >> 24 & 0x0F if user & 0x10 else 0) + 1  # encoded as one less
    return "eht", _rate(_TONES[width or 20], user >> 20 & 0x0F, streams, symbol), width

"""The airtime of a frame in microseconds, from its rate, its length and its PHY.

After the TXTIME formulas of IEEE 802.11-2020: 15.3.4 and 16.3.4 (DSSS, HR/DSSS), 17.4.3 (OFDM), 18.5.3 (ERP), 19.4.3
(HT), 21.4.3 (VHT), and IEEE 802.11ax-2021, 27.4.3 (HE). Properties that a monitor does not learn are assumed: the long
DSSS preamble (a short one is 96 us shorter), HT mixed format, the training field of one spatial stream, the symbol
with the long guard interval for HT and VHT, 2x HE-LTF and 0.8 us guard for HE and EHT, no packet extension, no A-MPDU
(each of its frames counts a preamble, which overstates dense aggregates).
"""

from __future__ import annotations

from whimbrel.wifi.rates import DSSS_RATES

_DSSS = (192, 1, 0)
_OFDM = (20, 4, 22)

# Preamble and PHY header in us, symbol in us, bits of service and tail in addition to the octets.
_TIMING: dict[str, tuple[float, float, int]] = {
    "dsss": _DSSS,  # 144 preamble + 48 header; the payload's time is rounded up to 1 us
    "ofdm": _OFDM,  # 8 STF + 8 LTF + 4 SIGNAL
    "ht": (36, 4, 22),  # legacy 20 + 8 HT-SIG + 4 HT-STF + 4 HT-LTF
    "vht": (40, 4, 22),  # legacy 20 + 8 VHT-SIG-A + 4 VHT-STF + 4 VHT-LTF + 4 VHT-SIG-B
    "he": (43.2, 13.6, 22),  # legacy 20 + 4 RL-SIG + 8 HE-SIG-A + 4 HE-STF + 7.2 HE-LTF
    "eht": (47.2, 13.6, 22),  # legacy 20 + 4 RL-SIG + 8 U-SIG + 4 EHT-SIG + 4 EHT-STF + 7.2 EHT-LTF
}
_SIGNAL_EXTENSION = 6.0


def airtime(length: int, rate: float, phy: str = "", *, erp: bool = False) -> float:
    """Return the airtime in us of `length` octets (FCS included) at `rate` Mbit/s; 0 if the rate is unknown (0).

    `phy` is that of `whimbrel.wifi.frames.Frame`; if it is empty, the rate distinguishes DSSS from OFDM. `erp` means
    OFDM in 2.4 GHz, where OFDM, HT, HE and EHT add the signal extension (IEEE 802.11-2020, 18.3.2.4).
    """
    if rate <= 0:
        return 0.0
    preamble, symbol, extra = _TIMING.get(phy) or (_DSSS if rate in DSSS_RATES else _OFDM)
    symbols = -(-(8 * length + extra) // (rate * symbol))
    if erp and extra:
        preamble += _SIGNAL_EXTENSION
    return preamble + symbol * symbols

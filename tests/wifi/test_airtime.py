from __future__ import annotations

import pytest

from whimbrel.wifi.airtime import airtime


@pytest.mark.parametrize(
    ("length", "rate", "phy", "us"),
    [
        (14, 1.0, "dsss", 304),  # an ACK: 192 + 112
        (14, 11.0, "dsss", 203),  # 10.2 rounded up
        (1536, 11.0, "dsss", 1310),
        (14, 6.0, "ofdm", 44),  # 134 bits, 24 a symbol: 6 symbols
        (14, 24.0, "ofdm", 28),  # 2 symbols
        (1536, 54.0, "ofdm", 248),  # 12310 bits, 216 a symbol: 57 symbols
        (1536, 65.0, "ht", 228),  # 260 a symbol: 48 symbols
        (1536, 433.3, "vht", 72),  # 8 symbols
        (1536, 143.4, "he", 138.4),  # 1950 a symbol: 7 symbols of 13.6
        (300, 1.0, "", 2592),
        (300, 6.0, "", 424),
        (300, 0.0, "ofdm", 0),
    ],
)
def test_times_of_the_standards_formulas(length: int, rate: float, phy: str, us: float) -> None:
    assert airtime(length, rate, phy) == pytest.approx(us)


def test_signal_extension_is_for_ofdm_in_2_4_ghz() -> None:
    assert airtime(14, 6.0, "ofdm", erp=True) == 50
    assert airtime(14, 1.0, "dsss", erp=True) == 304


@pytest.mark.parametrize("phy", ["dsss", "ofdm", "ht", "vht", "he", "eht"])
def test_longer_takes_longer_and_faster_takes_less(phy: str) -> None:
    assert 0 < airtime(100, 12.0, phy) < airtime(1000, 12.0, phy)
    assert airtime(1000, 48.0, phy) < airtime(1000, 12.0, phy)

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whimbrel.capture.radiotap_header import radiotap_header
from whimbrel.wifi.linktypes import RADIOTAP, parse

DEAUTH = bytes.fromhex("c0000000ffffffffffff02112233445502112233445510000700")


def read(**known: Any) -> Any:
    frame = parse(RADIOTAP, (1.0, radiotap_header(**known) + DEAUTH, len(radiotap_header(**known) + DEAUTH)))
    assert frame.malformed is None
    assert frame.raw[frame.start : frame.end] == DEAUTH
    return frame


@pytest.mark.parametrize(("rate", "phy"), [(1.0, "dsss"), (5.5, "dsss"), (11.0, "dsss"), (6.0, "ofdm"), (54.0, "ofdm")])
def test_what_is_known_is_read_back(rate: float, phy: str) -> None:
    frame = read(tsft=2**40 + 1, rate=rate, freq=5180, phy=phy, rssi=-71, noise=-96)
    assert (frame.tsft, frame.rate, frame.freq, frame.phy) == (2**40 + 1, rate, 5180, phy)
    assert (frame.rssi, frame.noise, frame.bad_fcs) == (-71, -96, False)


def test_nothing_known() -> None:
    frame = read()
    assert (frame.tsft, frame.rate, frame.freq, frame.rssi, frame.noise) == (None, 0.0, 0, None, None)


def test_the_rate_of_a_newer_modulation_is_left_out() -> None:
    assert read(rate=52.0, phy="ht", freq=2437).rate == 0.0
    assert read(rate=866.7, freq=5180).rate == 0.0


def test_a_damaged_frame_is_marked() -> None:
    assert read(damaged=True).bad_fcs


@settings(deadline=None)
@given(
    tsft=st.none() | st.integers(),
    rate=st.floats(0, 1e4),
    freq=st.integers(0, 1 << 20),
    phy=st.sampled_from(["", "dsss", "ofdm", "ht", "eht"]),
    rssi=st.none() | st.integers(-300, 300),
    noise=st.none() | st.integers(-300, 300),
    damaged=st.booleans(),
)
def test_any_values_make_a_header_that_can_be_read(**known: Any) -> None:
    read(**known)

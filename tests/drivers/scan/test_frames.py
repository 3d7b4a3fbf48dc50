from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import Dot11Beacon, Dot11Elt, Dot11ProbeResp, RadioTap
from tests.drivers.scan.machine import BSSID

from whimbrel.drivers.nl80211.scanning import ScannedBss
from whimbrel.drivers.scan.frames import News, records
from whimbrel.hearing.hearing import Hearing
from whimbrel.wifi import linktypes
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import BEACON, PROBE_RESP

HOME = b"\x00\x04home\x03\x01\x01"


def bss(
    seen: float,
    beacon: bytes | None = HOME,
    beacon_tsf: int = 1_000_000,
    response: bytes | None = None,
    response_tsf: int = 0,
    *,
    bssid: bytes = BSSID,
    freq: int = 2412,
    signal: int | None = -42,
) -> ScannedBss:
    return ScannedBss(bssid, freq, 100, 0x0431, signal, seen, beacon, beacon_tsf, response, response_tsf)


def parsed(octets: bytes) -> Frame:
    return linktypes.parser_for(linktypes.RADIOTAP)((0.0, octets, len(octets)))


def kinds(news: News, *table: ScannedBss) -> list[tuple[float, int]]:
    return [(at, parsed(octets).kind) for at, octets in news.take(table)]


def test_a_beacon_is_what_it_was() -> None:
    ((at, octets),) = News(0.0).take([bss(12.5, beacon_tsf=123_456)])
    assert at == 12.5
    frame = parsed(octets)
    assert (frame.kind, frame.malformed, frame.freq, frame.rssi) == (BEACON, None, 2412, -42)
    assert (frame.bssid, frame.ta, frame.group) == (BSSID, BSSID, True)
    seen = RadioTap(octets)
    assert (seen[Dot11Beacon].timestamp, seen[Dot11Beacon].beacon_interval) == (123_456, 100)
    assert bytes(seen[Dot11Elt]) == HOME
    assert seen.ChannelFrequency == 2412
    assert seen.dBm_AntSignal == -42


def test_a_probe_response_is_what_it_was() -> None:
    ((_, octets),) = News(0.0).take([bss(12.5, None, 0, HOME, 99)])
    assert parsed(octets).kind == PROBE_RESP
    assert RadioTap(octets)[Dot11ProbeResp].timestamp == 99


@pytest.mark.parametrize("freq", [2412, 5180, 5955])
@pytest.mark.parametrize("signal", [None, -95, -1])
def test_channel_and_level_are_told_if_known(freq: int, signal: int | None) -> None:
    ((_, octets),) = News(0.0).take([bss(1.0, freq=freq, signal=signal)])
    frame = parsed(octets)
    assert (frame.freq, frame.rssi, frame.malformed) == (freq, signal, None)


def test_what_was_heard_before_the_beginning_is_no_news() -> None:
    assert kinds(News(10.0), bss(9.9), bss(10.1, freq=5180)) == [(10.1, BEACON)]


def test_what_was_not_heard_again_is_no_news() -> None:
    news = News(0.0)
    assert kinds(news, bss(5.0)) == [(5.0, BEACON)]
    assert kinds(news, bss(5.0)) == []
    assert kinds(news, bss(5.01)) == [], "the age wavers by the kernel's tick"
    assert kinds(news, bss(8.0, beacon_tsf=4_000_000)) == [(8.0, BEACON)]


def test_an_entry_that_comes_back_is_news_if_it_was_heard_again() -> None:
    news = News(0.0)
    assert kinds(news, bss(5.0)) == [(5.0, BEACON)]
    assert kinds(news) == []
    assert kinds(news, bss(40.0)) == [(40.0, BEACON)]


def test_two_networks_of_one_address_are_two() -> None:
    other = b"\x00\x05other"
    news = News(0.0)
    assert len(news.take([bss(5.0), bss(5.0, other), bss(5.0, freq=2437)])) == 3
    assert len(news.take([bss(5.0), bss(6.0, other), bss(5.0, freq=2437)])) == 1


def test_of_entries_that_cannot_be_told_apart_the_latest_counts() -> None:
    news = News(0.0)
    assert len(news.take([bss(5.0), bss(4.0)])) == 2
    assert news.take([bss(5.0), bss(4.0)]) == []


def test_beacon_and_probe_response_of_one_entry_have_their_own_times() -> None:
    news = News(0.0)
    assert kinds(news, bss(5.0, beacon_tsf=1_000_000)) == [(5.0, BEACON)]
    both = bss(9.0, beacon_tsf=4_500_000, response=HOME, response_tsf=5_000_000)
    assert kinds(news, both) == [(8.5, BEACON), (9.0, PROBE_RESP)]
    assert kinds(news, both._replace(seen=12.0, beacon_tsf=8_000_000)) == [(12.0, BEACON)], "an old response is none"


def test_an_old_response_in_the_first_table_is_no_news() -> None:
    assert kinds(News(8.0), bss(9.0, beacon_tsf=60_000_000, response=HOME, response_tsf=1_000_000)) == [(9.0, BEACON)]


def test_without_timestamps_the_beacon_is_taken() -> None:
    assert kinds(News(0.0), bss(9.0, beacon_tsf=0, response=HOME)) == [(9.0, BEACON)]


def test_a_network_in_the_beacon_of_another_is_left_to_the_survey() -> None:
    assert kinds(News(0.0), bss(5.0, HOME + b"\x55\x03\x01\x01\x00")) == []


def test_records_are_in_the_order_of_time_and_have_the_systems_time() -> None:
    heard = News(0.0).take([bss(3.0, freq=2462), bss(1.0), bss(2.0, freq=2437)])
    assert [(at, length) for at, _, length in records(heard, 1000.0)] == [
        (1000.0 + at, len(octets)) for at, octets in heard
    ]
    assert [at for at, _ in heard] == [1.0, 2.0, 3.0]


def test_the_receiver_has_no_faults() -> None:
    hearing = Hearing(live=True)
    table = [bss(float(n), bssid=struct.pack(">HI", 0x0200, n), beacon_tsf=n) for n in range(1, 200)]
    heard = records(News(0.0).take(table), 1.7e9)
    parts = [
        part for first in range(0, 199, 64) for part in hearing.take(linktypes.RADIOTAP, heard[first : first + 64])
    ]
    frames = [frame for part in [*parts, *hearing.release()] for frame in part]  # type: ignore[union-attr]
    assert len(frames) == 199
    assert not any(isinstance(part, tuple) for part in parts)


@given(st.binary(max_size=80), st.binary(max_size=80) | st.none(), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_elements_of_any_kind_raise_nothing(beacon: bytes, response: bytes | None, tsf: int, other: int) -> None:
    news = News(0.0)
    for seen in (1.0, 2.0):
        for at, octets in news.take([bss(seen, beacon, tsf, response, other)]):
            assert 0.0 < at <= seen
            assert parsed(octets).bssid == BSSID

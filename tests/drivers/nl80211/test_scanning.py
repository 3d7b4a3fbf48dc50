from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drivers.scan.machine import BSSID, Entry

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.codec import (
    Attributes,
    pack_attribute,
    pack_nested,
    unpack_attributes,
    unpack_nested,
    unpack_number,
)
from whimbrel.drivers.nl80211.scanning import ScannedBss, parse_bss, trigger_request

NOW = 1000.0


def parsed(entry: Entry) -> ScannedBss | None:
    return parse_bss(unpack_attributes(entry.packed(NOW)), NOW)


@given(index=st.integers(1, 2**31), freqs=st.lists(st.integers(2412, 7125), max_size=100))
def test_a_passive_scan_names_no_ssid_so_nothing_is_transmitted(index: int, freqs: list[int]) -> None:
    told = unpack_attributes(trigger_request(index, freqs=freqs))
    assert told.keys() <= {nl.ATTR_IFINDEX, nl.ATTR_SCAN_FREQUENCIES}
    assert unpack_number(told[nl.ATTR_IFINDEX]) == index
    assert [*map(unpack_number, unpack_nested(told.get(nl.ATTR_SCAN_FREQUENCIES)).values())] == freqs


def test_an_active_scan_has_the_wildcard_ssid_alone() -> None:
    told = unpack_attributes(trigger_request(3, active=True))
    assert list(unpack_nested(told[nl.ATTR_SCAN_SSIDS]).values()) == [b""]


def test_an_entry_of_a_beacon() -> None:
    assert parsed(Entry(seen=990.5, beacon_tsf=77)) == ScannedBss(
        bssid=BSSID, freq=2412, interval=100, capability=0x0411, signal=-42, seen=990.5, beacon=b"\x00\x04home",
        beacon_tsf=77, response=None, response_tsf=0,
    )  # fmt: skip


def test_an_entry_of_both_kinds_of_frames_has_both() -> None:
    found = parsed(Entry(beacon=b"\x00\x00", beacon_tsf=5, response=b"\x00\x01x", response_tsf=9))
    assert found is not None
    assert (found.beacon, found.beacon_tsf, found.response, found.response_tsf) == (b"\x00\x00", 5, b"\x00\x01x", 9)


def test_an_entry_of_a_probe_response_alone() -> None:
    found = parsed(Entry(beacon=None, response=b"\x00\x01x", response_tsf=9))
    assert found is not None
    assert found.beacon is None
    assert found.response == b"\x00\x01x"


def test_a_driver_that_does_not_tell_the_kind_means_beacons() -> None:
    found = parsed(Entry(vague=True, beacon_tsf=0))
    assert found is not None
    assert (found.beacon, found.beacon_tsf, found.response) == (b"\x00\x04home", 0, None)


def test_the_age_tells_the_time_where_the_kernel_has_no_better() -> None:
    found = parsed(Entry(seen=997.75, aged=True))
    assert found is not None
    assert found.seen == pytest.approx(997.75)


@pytest.mark.parametrize(("told", "level"), [(-4250, -42), (-20000, -128), (None, None)])
def test_levels_are_whole_dbm(told: int | None, level: int | None) -> None:
    found = parsed(Entry(signal=told))
    assert found is not None
    assert found.signal == level


@pytest.mark.parametrize("entry", [Entry(bssid=b"\x02\x00"), Entry(freq=0), Entry(freq=70_000)])
def test_an_entry_without_address_or_channel_is_none(entry: Entry) -> None:
    assert parsed(entry) is None


def test_an_entry_without_elements_is_none() -> None:
    attribute = pack_nested(nl.ATTR_BSS, [pack_attribute(nl.BSS_BSSID, BSSID)])
    assert parse_bss(unpack_attributes(attribute), NOW) is None


_NUMBERS = st.integers(0, 25)


@given(st.binary(max_size=200))
def test_octets_of_any_kind_raise_nothing(octets: bytes) -> None:
    parse_bss({nl.ATTR_BSS: octets}, NOW)


@given(st.dictionaries(_NUMBERS, st.binary(max_size=40) | st.just(b"\xff" * 300)))
def test_attributes_of_any_size_raise_nothing(told: Attributes) -> None:
    packed = b"".join(pack_attribute(number, value) for number, value in told.items())
    found = parse_bss({nl.ATTR_BSS: packed}, NOW)
    if found is not None:
        assert len(found.bssid) == 6
        assert 0 < found.freq <= 0xFFFF
        assert found.beacon is not None or found.response is not None
        struct.pack("<QQHHb", found.beacon_tsf, found.response_tsf, found.interval, found.capability, found.signal or 0)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import AKMSuite, Dot11EltRSN, PMKIDListPacket, RSNCipherSuite

from whimbrel.wifi.rsn import AKMS, CIPHERS, Rsn, akm_name, cipher_name, parse_rsn, parse_wapi, parse_wpa

CCMP, PSK = b"\x00\x0f\xac\x04", b"\x00\x0f\xac\x02"
WHOLE = bytes.fromhex("0100 000fac04 0100 000fac04 0100 000fac02 8000 0100" + "11" * 16 + "000fac06")


def test_scapys_element_reads_as_it_was_built() -> None:
    built = Dot11EltRSN(
        group_cipher_suite=RSNCipherSuite(cipher=2),
        pairwise_cipher_suites=[RSNCipherSuite(cipher=4), RSNCipherSuite(cipher=9)],
        akm_suites=[AKMSuite(suite=1), AKMSuite(suite=4)],
        mfp_capable=1,
        mfp_required=1,
        pmkids=PMKIDListPacket(nb_pmkids=0),
        group_management_cipher_suite=RSNCipherSuite(cipher=6),
    )
    raw = bytes(built)
    rsn = parse_rsn(raw, 2, len(raw))
    assert (rsn.version, cipher_name(rsn.group)) == (1, "TKIP")
    assert [cipher_name(suite) for suite in rsn.pairwise] == ["CCMP-128", "GCMP-256"]
    assert [akm_name(suite) for suite in rsn.akms] == ["802.1X", "FT-PSK"]
    assert (rsn.pmf_capable, rsn.pmf_required) == (True, True)
    assert (rsn.pmkid_count, cipher_name(rsn.group_mgmt), rsn.cut) == (0, "BIP-CMAC-128", False)


def test_whole_element() -> None:
    assert parse_rsn(WHOLE, 0, len(WHOLE)) == Rsn(1, CCMP, (CCMP,), (PSK,), 0x80, 1, b"\x00\x0f\xac\x06", False)


def test_elements_may_end_behind_any_field_and_are_cut_inside_one() -> None:
    whole_at = {2, 6, 12, 18, 20, 38, 42}
    for end in range(len(WHOLE) + 1):
        rsn = parse_rsn(WHOLE, 0, end)
        assert rsn.cut == (end not in whole_at), end
        assert rsn.group == (CCMP if end >= 6 else b"")
        assert rsn.pairwise == ((CCMP,) if end >= 12 else ())
        assert rsn.akms == ((PSK,) if end >= 18 else ())
        assert rsn.pmf_capable == (end >= 20)


def test_count_beyond_the_end_gives_the_suites_that_are_there() -> None:
    raw = bytes.fromhex("0100 000fac04 ffff 000fac04 000fac02 000f")
    rsn = parse_rsn(raw, 0, len(raw))
    assert rsn.pairwise == (CCMP, b"\x00\x0f\xac\x02")
    assert rsn.akms == ()
    assert rsn.cut


def test_wpa_ends_with_its_key_managements_or_its_capabilities() -> None:
    raw = bytes.fromhex("0100 0050f202 0200 0050f204 0050f202 0100 0050f202 0000")
    wpa = parse_wpa(raw, 0, len(raw))
    assert (wpa.version, wpa.group) == (1, b"\x00\x50\xf2\x02")
    assert [cipher_name(suite) for suite in wpa.pairwise] == ["CCMP-128", "TKIP"]
    assert [akm_name(suite) for suite in wpa.akms] == ["PSK"]
    assert not wpa.cut
    assert parse_wpa(raw, 0, 15).cut


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        ("000fac08", "GCMP-128"),
        ("000fac0d", "BIP-CMAC-256"),
        ("0050f205", "WEP-104"),
        ("00147201", "SMS4"),
        ("00904c01", "00-90-4C:1"),
        ("", ""),
    ],
)
def test_cipher_names(suite: str, name: str) -> None:
    assert cipher_name(bytes.fromhex(suite)) == name


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        ("000fac09", "FT-SAE"),
        ("000fac12", "OWE"),
        ("000fac18", "SAE-EXT-KEY"),
        ("506f9a02", "DPP"),
        ("000facff", "00-0F-AC:255"),
    ],
)
def test_akm_names(suite: str, name: str) -> None:
    assert akm_name(bytes.fromhex(suite)) == name


def test_names_are_told_apart() -> None:
    ieee = [name for suite, name in AKMS.items() if suite.startswith(b"\x00\x0f\xac")]
    assert len(set(ieee)) == len(ieee) == 25
    assert all(len(suite) == 4 for suite in (*AKMS, *CIPHERS))


@given(st.binary(max_size=260), st.integers(0, 10), st.integers(0, 300))
def test_any_bytes_are_an_element(raw: bytes, start: int, end: int) -> None:
    rsn = parse_rsn(raw, start, end)
    wpa = parse_wpa(raw, start, end)
    for suite in (*rsn.pairwise, *rsn.akms, *wpa.pairwise, *wpa.akms):
        assert len(suite) == 4


def test_wapi() -> None:
    raw = bytes.fromhex("010002000014720200147201010000147201001472010000")
    wapi = parse_wapi(raw, 0, len(raw))
    assert [akm_name(suite) for suite in wapi.akms] == ["WAPI-PSK", "WAPI-CERT"]
    assert [cipher_name(suite) for suite in (*wapi.pairwise, wapi.group)] == ["SMS4", "SMS4"]
    assert (wapi.version, wapi.cut) == (1, False)
    assert parse_wapi(raw, 0, 10).cut
    assert parse_wapi(raw, 0, 20).cut


@given(st.binary(max_size=260), st.integers(0, 10), st.integers(0, 300))
def test_any_bytes_are_a_wapi_element(raw: bytes, start: int, end: int) -> None:
    assert all(len(suite) == 4 for suite in parse_wapi(raw, start, end).akms)

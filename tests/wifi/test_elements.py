from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import (
    AKMSuite,
    Dot11Beacon,
    Dot11Elt,
    Dot11EltCountry,
    Dot11EltCountryConstraintTriplet,
    Dot11EltHTCapabilities,
    Dot11EltMicrosoftWPA,
    Dot11EltRates,
    Dot11EltRSN,
    RSNCipherSuite,
)

from whimbrel.wifi.elements import EXTENSION, Elements, beacon_fixed, find_element, find_ssid, parse_elements
from whimbrel.wifi.multiple_bssid import nontransmitted
from whimbrel.wifi.operation import BssLoad, ChannelSwitch, Tim


def element(number: int, payload: bytes) -> bytes:
    return bytes([number, len(payload)]) + payload


def extension(number: int, payload: bytes) -> bytes:
    return element(255, bytes([number]) + payload)


def parse(*parts: bytes) -> Elements:
    raw = b"".join(parts)
    return parse_elements(raw, 0, len(raw))


def everything(elements: Elements) -> list[object]:
    """Ask for all that there is to know; what it costs to be total."""
    found = [
        getattr(elements, name) for name in dir(Elements) if not name.startswith("_") and name not in {"get", "raw"}
    ]
    for profile in nontransmitted(elements):
        found += [profile.bssid(b"\x02\x00\x00\x00\x00\x07"), profile.inherits(48), everything(profile.elements)]
    return found


def test_scapys_beacon_reads_as_it_was_built() -> None:
    built = (
        Dot11Beacon(timestamp=123456789, beacon_interval=100, cap="ESS+privacy")
        / Dot11Elt(ID="SSID", info=b"Tide line")
        / Dot11EltRates(rates=[0x82, 0x84, 0x8B, 0x96, 0x24, 0x6C])
        / Dot11Elt(ID="DSSS Set", info=b"\x0b")
        / Dot11Elt(ID="TIM", info=b"\x01\x03\x01\x00")
        / Dot11EltCountry(
            country_string=b"NO ",
            descriptors=[Dot11EltCountryConstraintTriplet(first_channel_number=1, num_channels=13, mtp=20)],
        )
        / Dot11EltRSN(
            group_cipher_suite=RSNCipherSuite(cipher=4),
            pairwise_cipher_suites=[RSNCipherSuite(cipher=4)],
            akm_suites=[AKMSuite(suite=2), AKMSuite(suite=8)],
            mfp_capable=1,
            mfp_required=0,
        )
        / Dot11EltHTCapabilities()
        / Dot11EltMicrosoftWPA(
            group_cipher_suite=RSNCipherSuite(oui=0x0050F2, cipher=2),
            pairwise_cipher_suites=[RSNCipherSuite(oui=0x0050F2, cipher=2)],
            akm_suites=[AKMSuite(oui=0x0050F2, suite=2)],
        )
    )
    raw = b"header" + bytes(built)
    assert beacon_fixed(raw, 6, len(raw)) == (123456789, 100, 0x0011)
    elements = parse_elements(raw, 18, len(raw))
    assert elements.malformed is None
    assert elements.ssid == b"Tide line"
    assert elements.rates == (1.0, 2.0, 5.5, 11.0, 18.0, 54.0)
    assert elements.ds_channel == 11
    assert elements.tim == Tim(1, 3, True)
    assert elements.country == "NO"
    assert elements.rsn is not None
    assert elements.rsn.akms == (b"\x00\x0f\xac\x02", b"\x00\x0f\xac\x08")
    assert (elements.rsn.pmf_capable, elements.rsn.pmf_required) == (True, False)
    assert elements.wpa is not None
    assert elements.wpa.group == b"\x00\x50\xf2\x02"
    assert elements.wpa.akms == (b"\x00\x50\xf2\x02",)
    assert elements.operation.channel == 11
    assert elements.ht
    assert elements.phy_generation == "n"
    assert elements.vendors == ((b"\x00\x50\xf2", 1),)


def test_spans_name_each_payload_in_order() -> None:
    raw = b"??" + element(0, b"ab") + extension(35, b"xyz") + element(0, b"") + b"beyond"
    elements = parse_elements(raw, 2, 2 + 4 + 6 + 2)
    assert elements.spans == [(0, 4, 6), (EXTENSION + 35, 9, 12), (0, 14, 14)]
    assert [raw[start:end] for _, start, end in elements.spans] == [b"ab", b"xyz", b""]
    assert elements.malformed is None


@pytest.mark.parametrize(
    ("raw", "malformed", "known"),
    [
        (element(0, b"a") + b"\x30\x14\x01", "element 48 runs past the end", 1),
        (element(0, b"a") + b"\x30", "one octet after the last element", 1),
        (b"\xff\x00" + element(0, b"a"), "extension element without its number", 1),
        (b"\xff\x00\x30\x09", "extension element without its number", 0),
        (b"", None, 0),
    ],
)
def test_broken_sequences_give_what_came_before(raw: bytes, malformed: str | None, known: int) -> None:
    elements = parse_elements(raw, 0, len(raw))
    assert elements.malformed == malformed
    assert len(elements.spans) == known


def test_end_beyond_the_bytes_is_their_end() -> None:
    raw = element(0, b"abc")
    assert parse_elements(raw, 0, 100).ssid == b"abc"


@pytest.mark.parametrize(
    ("payload", "ssid"),
    [(b"", b""), (bytes(8), bytes(8)), (b"x" * 32, b"x" * 32), (b"x" * 33, b"x" * 32)],
)
def test_ssid_is_bytes_and_bounded(payload: bytes, ssid: bytes) -> None:
    elements = parse(element(0, payload), element(0, b"second"))
    assert elements.ssid == ssid


def test_what_is_absent_is_none() -> None:
    elements = parse()
    absent = ("ssid", "ds_channel", "tim", "country", "csa", "rsn", "wpa", "wps", "bss_load", "mobility_domain")
    assert [getattr(elements, name) for name in absent] == [None] * len(absent)
    assert elements.owe_transition is None
    assert elements.phy_generation == ""
    assert (elements.rates, elements.vendors, elements.neighbours, nontransmitted(elements)) == ((), (), (), ())


def test_rates_leave_membership_selectors_out_and_join_both_elements() -> None:
    elements = parse(element(1, b"\x82\xff\xfb"), element(50, b"\x6c\x00\x81"))
    assert elements.rates == (1.0, 54.0, 0.5)


@pytest.mark.parametrize(("payload", "country"), [(b"DE ", "DE"), (b"00\x04", "00"), (b"\x1b[ ", None), (b"D", None)])
def test_country_is_printable_or_none(payload: bytes, country: str | None) -> None:
    assert parse(element(7, payload)).country == country


def test_channel_switch_prefers_the_extended_element() -> None:
    plain, extended = element(37, b"\x01\x0b\x05"), element(60, b"\x00\x83\x25\x02")
    assert parse(plain).csa == ChannelSwitch(11, 5, 1, None)
    assert parse(plain, extended).csa == ChannelSwitch(37, 2, 0, 131)
    assert parse(plain, element(60, b"\x00")).csa == ChannelSwitch(11, 5, 1, None)
    assert parse(element(37, b"\x01")).csa is None


def test_load_and_mobility_domain() -> None:
    elements = parse(element(11, b"\x03\x01\xff\x00\x00"), element(54, b"\x12\x34\x01"))
    assert elements.bss_load == BssLoad(259, 1.0)
    assert elements.mobility_domain == b"\x12\x34"
    assert parse(element(11, b"\x03"), element(54, b"\x12")).bss_load is None


def test_owe_transition_names_the_other_half() -> None:
    other = bytes.fromhex("02aabbccddee")
    assert parse(element(221, b"\x50\x6f\x9a\x1c" + other + b"\x04cafe")).owe_transition == (other, b"cafe")
    assert parse(element(221, b"\x50\x6f\x9a\x1c" + other + b"\x05cafe")).owe_transition is None
    assert parse(element(221, b"\x50\x6f\x9a\x1c" + other[:3])).owe_transition is None


def test_vendors_keep_their_order_and_lack_a_type_where_there_is_none() -> None:
    elements = parse(element(221, b"\x00\x17\xf2\x0a\x01"), element(221, b"\x00\x10\x18"), element(221, b"\x00\x10"))
    assert elements.vendors == ((b"\x00\x17\xf2", 10), (b"\x00\x10\x18", -1))


@pytest.mark.parametrize(
    ("parts", "generation"),
    [
        ([element(1, b"\x82\x84")], "b"),
        ([element(1, b"\x82\x84\x0c")], "g"),
        ([element(1, b"\x8c\x12"), element(3, b"\x01")], "g"),
        ([element(1, b"\x8c\x12")], "a"),
        ([element(45, b"")], "n"),
        ([element(45, b""), element(191, b"")], "ac"),
        ([element(45, b""), element(191, b""), extension(35, b"")], "ax"),
        ([extension(35, b""), extension(108, b"")], "be"),
    ],
)
def test_generation_is_the_newest(parts: list[bytes], generation: str) -> None:
    assert parse(*parts).phy_generation == generation


@given(st.lists(st.binary(max_size=6).map(lambda body: bytes([len(body) % 4, len(body)]) + body)), st.integers(0, 60))
def test_one_element_is_found_where_all_are(parts: list[bytes], end: int) -> None:
    raw = b"".join(parts)
    for number in range(4):
        spans = parse_elements(raw, 0, end).spans_of(number)
        assert find_element(raw, 0, end, number) == (spans[0] if spans else None)


@given(
    st.lists(st.builds(element, st.sampled_from((0, 1, 255)), st.binary(max_size=40)), max_size=4), st.integers(0, 90)
)
def test_a_name_alone_is_that_of_all_elements(parts: list[bytes], end: int) -> None:
    raw = b"".join(parts)
    assert find_ssid(raw, 0, end) == parse_elements(raw, 0, end).ssid


@given(st.binary(max_size=400), st.integers(0, 20), st.integers(0, 420))
def test_any_bytes_are_read_without_an_error(raw: bytes, start: int, end: int) -> None:
    elements = parse_elements(raw, start, end)
    everything(elements)
    for _, first, last in elements.spans:
        assert start <= first <= last <= min(end, len(raw))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 3, 5, 7, 11, 37, 45, 48, 50, 54, 60, 61, 71, 191, 192, 201, 221, 244, 255]),
            st.one_of(
                st.binary(max_size=60),
                st.builds(
                    bytes.__add__,
                    st.sampled_from(
                        [b"\x00\x50\xf2\x01", b"\x00\x50\xf2\x04", b"\x50\x6f\x9a\x1c", b"\x24", b"\x6a", b"\x23"]
                    ),
                    st.binary(max_size=60),
                ),
            ),
        ),
        max_size=12,
    )
)
def test_any_payload_of_a_known_element_is_read_without_an_error(parts: list[tuple[int, bytes]]) -> None:
    elements = parse(*(element(number, payload) for number, payload in parts))
    assert elements.malformed in {None, "extension element without its number"}
    everything(elements)


def test_vendor_element_too_short_for_its_type_is_not_completed_by_what_follows() -> None:
    for wpa_or_wps in (1, 4):
        found = parse_elements(raw := b"\xdd\x03\x00\x50\xf2" + bytes((wpa_or_wps, 0)), 0, len(raw))
        assert found.wpa is None
        assert found.wps is None


def test_rsn_overrides_and_wapi() -> None:
    sae = bytes.fromhex("0100000fac040100000fac040100000fac08c000")
    raw = element(221, b"\x50\x6f\x9a\x2a" + sae) + element(221, b"\x50\x6f\x9a\x29" + sae[:6])
    raw += element(68, bytes.fromhex("0100010000147202"))
    found = parse_elements(raw, 0, len(raw))
    assert [(rsn.akms, rsn.pmf_required, rsn.cut) for rsn in found.rsn_overrides] == [
        ((), False, False),
        ((b"\x00\x0f\xac\x08",), True, False),
    ]
    assert found.rsn is None
    assert found.wapi is not None
    assert found.wapi.akms == (b"\x00\x14\x72\x02",)
    assert parse_elements(b"", 0, 0).wapi is None

"""The Multi-Link element. What tshark of Debian 12 reads of it: its number and the reduced neighbour report beside
it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, strategies
from tests.lab.pcap import pcap_header, pcap_record
from tests.survey.air import RATES, RSN, beacon, ds, element, tim

from whimbrel.wifi.elements import ELEMENTS_AT, MULTI_LINK, parse_elements
from whimbrel.wifi.multi_link import (
    BASIC,
    RECONFIGURATION,
    LinkProfile,
    MultiLink,
    joined,
    parse_multi_link,
)

MLD = bytes.fromhex("02aabbccdd00")
LINK_1 = bytes.fromhex("02aabbccdd01")
LINK_2 = bytes.fromhex("02aabbccdd02")


def basic(link: int, *profiles: bytes, mld: bytes = MLD) -> bytes:
    """Return the payload as hostapd builds it: link ID, change count, EML and MLD capabilities."""
    common = mld + bytes((link, 1)) + b"\0\0" + b"\1\0"
    return (BASIC | 0x01B0).to_bytes(2, "little") + bytes((len(common) + 1,)) + common + b"".join(profiles)


def profile(link: int, address: bytes = b"", *, rest: bytes = b"") -> bytes:
    control = link | 0x10 | (0x20 if address else 0)
    body = control.to_bytes(2, "little") + bytes((1 + len(address),)) + address + rest
    parts = [body[at : at + 255] for at in range(0, len(body), 255)]
    first, *more = parts
    return element(0, first) + b"".join(element(254, part) for part in more)


def reconfiguration(*removals: tuple[int, int]) -> bytes:
    made = b"".join(
        element(0, (link | 0x40).to_bytes(2, "little") + b"\3" + timer.to_bytes(2, "little"))
        for link, timer in removals
    )
    return RECONFIGURATION.to_bytes(2, "little") + b"\1" + made


def as_elements(payload: bytes, number: int = 107) -> bytes:
    """Return the element with the fragments that it needs."""
    first, rest = payload[:254], payload[254:]
    made = element(255, bytes((number,)) + first)
    return made + b"".join(element(242, rest[at : at + 255]) for at in range(0, len(rest), 255))


def read(raw: bytes) -> tuple[MultiLink, ...]:
    return parse_elements(raw, 0, len(raw)).multi_links


def test_a_basic_element() -> None:
    [found] = read(as_elements(basic(1, profile(0, LINK_1), profile(2, rest=b"\1\0abc"))))
    assert found == MultiLink(
        BASIC, MLD, 1, None, (LinkProfile(0, True, LINK_1, None), LinkProfile(2, True, None, None)), True
    )


def test_an_element_in_fragments() -> None:
    links = [profile(n, LINK_1, rest=bytes(300)) for n in range(3)]
    [found] = read(element(0, b"x") + as_elements(basic(3, *links)) + element(1, b"\x82"))
    assert [each.link for each in found.links] == [0, 1, 2]
    assert found.whole


def test_profiles_around_the_length_that_continues_in_a_fragment() -> None:
    """Only a fragment behind 255 octets continues a profile."""
    full = profile(0, LINK_1, rest=bytes(255 - 9))
    assert full[:2] == b"\0\xff"
    assert len(full) == 257
    long = (2 | 0x20).to_bytes(2, "little") + b"\xff" + LINK_2 + bytes(255 - 7)
    parts = element(0, long[:255]) + element(254, long[255:])
    found = parse_multi_link(basic(3, full, parts, profile(1), element(254, b"to nothing")))
    assert [(each.link, each.address) for each in found.links] == [(0, LINK_1), (2, LINK_2), (1, None)]
    assert found.whole
    assert not parse_multi_link(basic(3, parts[:257])).whole


@pytest.mark.parametrize("bits", range(64))
def test_each_field_is_read_where_its_bit_says_that_it_is(bits: int) -> None:
    """Table 9-417d: link ID, change count, medium synchronisation, EML and MLD capabilities, MLD ID."""
    sizes = (1, 1, 2, 2, 2, 1)
    fields = b"".join(bytes((n + 1,)) * size for n, size in enumerate(sizes) if bits >> n & 1)
    payload = (BASIC | bits << 4).to_bytes(2, "little") + bytes((7 + len(fields),)) + MLD + fields
    expected = MultiLink(BASIC, MLD, 1 if bits & 1 else None, 6 if bits >> 5 else None, (), True)
    assert parse_multi_link(payload) == expected
    assert not parse_multi_link(payload[:-1]).whole


def test_the_removal_of_links() -> None:
    raw = as_elements(basic(0)) + as_elements(reconfiguration((1, 100), (2, 0xFFFF)))
    _, found = read(raw)
    assert found.kind == RECONFIGURATION
    assert [(each.link, each.removal) for each in found.links] == [(1, 100), (2, 0xFFFF)]
    assert found.mld is None


def test_a_reconfiguration_with_an_address() -> None:
    payload = (RECONFIGURATION | 0x10).to_bytes(2, "little") + b"\7" + MLD
    assert parse_multi_link(payload) == MultiLink(RECONFIGURATION, MLD, None, None, (), True)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xb0",
        b"\xb0\1",
        b"\xb0\1\0",
        b"\xb0\1\x0d\2\2\2",
        basic(1)[:-1],
        basic(1, b"\0\x20ab"),
        basic(1, b"\0\2\1\0"),
    ],
)
def test_elements_that_break_off(payload: bytes) -> None:
    found = parse_multi_link(payload)
    assert not found.whole
    assert found.links == ()


@given(strategies.binary(max_size=600))
def test_any_octets(payload: bytes) -> None:
    found = parse_multi_link(payload)
    assert found.mld is None or len(found.mld) == 6
    assert found.link is None or 0 <= found.link < 16
    assert all(each.address is None or len(each.address) <= 6 for each in found.links)


@given(strategies.binary(min_size=3, max_size=900))
def test_fragments_are_joined(payload: bytes) -> None:
    raw = as_elements(payload)
    elements = parse_elements(raw, 0, len(raw))
    assert elements.spans[0][0] == MULTI_LINK
    assert joined(raw, elements.spans, 0) == payload


@pytest.mark.skipif(shutil.which("tshark") is None, reason="needs tshark")
def test_tshark_finds_the_same_elements_and_links(tmp_path: Path) -> None:
    sets = b"".join(
        b"\xff" + bssid + b"\x11\x22\x33\x44" + b"\x4e\x14" + bytes((0, link, 0))
        for link, bssid in ((1, LINK_1), (2, LINK_2))
    )
    report = element(201, bytes((0x10, 16, 131, 37)) + sets)
    made = beacon(element(0, b"seven") + RATES + ds(6) + tim() + RSN + report + as_elements(basic(0)))
    capture = tmp_path / "c.pcap"
    capture.write_bytes(pcap_header(link_type=105) + pcap_record(made.raw))
    fields = ("wlan.ext_tag.number", "wlan.rnr.tbtt_info.mld_parameters.link_id", "wlan.rnr.tbtt_info.bssid")
    args = [argument for field in fields for argument in ("-e", field)]
    done = subprocess.run(["tshark", "-r", capture, "-T", "fields", *args], capture_output=True, text=True, check=True)
    numbers, links, bssids = done.stdout.strip("\n").split("\t")
    elements = parse_elements(made.raw, made.body + ELEMENTS_AT[made.kind], made.end)
    assert "107" in numbers.split(",")
    assert [int(number, 0) for number in links.split(",")] == [1, 2]
    assert bssids.split(",") == [bssid.hex() for each in elements.neighbours for bssid in each.bssids if bssid]
    assert elements.multi_links[0].mld == MLD

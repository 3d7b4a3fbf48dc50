from __future__ import annotations

import struct
from binascii import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.capture.files import enhanced, interface, section
from tests.capture.reading import read
from tests.lab.pcap import pcap_header, pcap_record

from whimbrel.capture.link_types import link_name, true_link_type
from whimbrel.wifi.linktypes import AVS, IEEE802_11, PPI, PRISM, RADIOTAP

AP, STATION, EVERYONE = bytes.fromhex("020000102030"), bytes.fromhex("020000a0b0c0"), b"\xff" * 6
HEADER = b"\x00\x00" + AP + AP + b"\x10\x00"
NAME = b"\x00\x04Home"
BEACON = b"\x80\x00\x00\x00" + EVERYONE + HEADER[2:] + bytes(8) + b"\x64\x00\x11\x04" + NAME + b"\x01\x02\x82\x84"
ASSOCIATION = b"\x00\x00\x3a\x01" + AP + STATION + AP + b"\x20\x00" + b"\x11\x04\x0a\x00" + NAME + b"\x01\x02\x82\x84"
DATA = b"\x88\x42\x30\x00" + STATION + AP + AP + b"\x30\x00\x00\x00" + bytes(8) + b"\x5a" * 40
BARE = [BEACON, ASSOCIATION, BEACON, DATA]

HEADERS = {
    RADIOTAP: struct.pack("<BBHIBxHHbx", 0, 0, 16, 0x2A, 0, 2437, 0xA0, -50),
    PPI: struct.pack("<BBHI", 0, 0, 8, 105),
    AVS: struct.pack(">II", 0x80211001, 64) + bytes(56),
    PRISM: struct.pack("<II16s", 0x44, 24, b"wlan0"),
}


def records(frames: list[bytes], link_type: int = IEEE802_11) -> list[tuple[float, bytes, int]]:
    header = HEADERS.get(link_type, b"")
    return [(1.0, header + frame, len(header + frame)) for frame in frames]


@pytest.mark.parametrize("link_type", [*HEADERS, IEEE802_11])
@pytest.mark.parametrize("claimed", [*HEADERS, IEEE802_11])
def test_frames_show_their_link_type_whatever_is_claimed(claimed: int, link_type: int) -> None:
    if {claimed, link_type} == {AVS, PRISM}:
        link_type = claimed  # one parser reads both: captures mix them up, and it does not matter
    assert true_link_type(claimed, records(BARE, link_type)) == link_type


@pytest.mark.parametrize("link_type", HEADERS)
def test_a_capture_header_is_known_under_a_foreign_link_type_too(link_type: int) -> None:
    assert true_link_type(1, records(BARE, link_type)) == link_type


def test_ethernet_is_not_taken_for_wifi() -> None:
    padding = bytes(46)
    arp = EVERYONE + STATION + b"\x08\x06" + padding
    for receiver in (EVERYONE, bytes.fromhex("080027aabbcc"), bytes(6), bytes.fromhex("000010000000"), AP):
        assert true_link_type(1, records([receiver + arp[6:]] * 8)) is None


def test_an_association_request_is_not_taken_for_a_radiotap_header() -> None:
    for duration in range(0, 512, 4):
        frame = ASSOCIATION[:2] + struct.pack("<H", duration) + ASSOCIATION[4:]
        assert true_link_type(IEEE802_11, records([frame])) == IEEE802_11


@pytest.mark.parametrize("claimed", [1, IEEE802_11, RADIOTAP])
def test_rubbish_shows_no_link_type(claimed: int) -> None:
    assert true_link_type(claimed, records([b"\x07" * 40])) is None


def test_a_check_sequence_shows_a_frame_of_any_kind() -> None:
    data = DATA + struct.pack("<I", crc32(DATA))
    assert true_link_type(RADIOTAP, records([data])) == IEEE802_11
    assert true_link_type(IEEE802_11, records([DATA])) is None


@given(st.integers(0, 300), st.lists(st.binary(max_size=120), max_size=4))
def test_any_octets_have_a_link_type_or_none(claimed: int, octets: list[bytes]) -> None:
    found = true_link_type(claimed, records(octets))
    assert found is None or found == claimed or found in {*HEADERS, IEEE802_11}


def test_a_mislabelled_file_is_read_rightly_and_noted() -> None:
    header = HEADERS[RADIOTAP]
    whole = [header + frame for frame in BARE * 20]
    pcap = read(pcap_header(link_type=IEEE802_11) + b"".join(map(pcap_record, whole)))
    assert {number for number, _ in pcap.batches} == {RADIOTAP}
    assert (pcap.frames, pcap.error, pcap.mislabelled) == (whole, None, {IEEE802_11: RADIOTAP})
    pcapng = read(section() + interface(IEEE802_11) + b"".join(map(enhanced, whole)))
    assert (pcapng.frames, pcapng.mislabelled) == (whole, {IEEE802_11: RADIOTAP})


def test_a_file_that_begins_with_rubbish_is_judged_by_what_follows() -> None:
    frames = [b"\x07" * 40] * 64 + [HEADERS[RADIOTAP] + BEACON] * 64
    outcome = read(pcap_header(link_type=IEEE802_11) + b"".join(map(pcap_record, frames)))
    assert [number for number, _ in outcome.batches] == [IEEE802_11, RADIOTAP]
    assert outcome.frames == frames


def test_link_types_have_names() -> None:
    assert [link_name(number) for number in (127, 1, 9999)] == ["127 (radiotap)", "1 (Ethernet)", "9999"]


def test_a_header_with_tlvs_is_judged_like_any_other() -> None:
    """Bit 28 announces TLVs, which have no size of their own (found by fuzzing)."""
    header = struct.pack("<BBHIBxHHbx", 0, 0, 20, 0x1000002A, 0, 2437, 0xA0, -50) + bytes(4)
    records = [(0.0, header + raw, len(header + raw)) for raw in BARE]
    assert true_link_type(IEEE802_11, records) == RADIOTAP

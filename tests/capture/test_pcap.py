from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.capture.files import FRAME
from tests.capture.reading import read
from tests.lab.pcap import MICRO, MODIFIED, NANO, pcap_header, pcap_record

from whimbrel.capture.chunks import MAX_RECORD, Damaged, NotACapture, UnknownLinkType


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "ticks"), [(MICRO, 250_000), (NANO, 250_000_000), (MODIFIED, 250_000)])
def test_every_variant_gives_the_same_frames(order: str, magic: int, ticks: int) -> None:
    extra = bytes(8) if magic == MODIFIED else b""
    records = [pcap_record(FRAME + bytes([n]), 1_700_000_000 + n, ticks, order=order, extra=extra) for n in range(3)]
    outcome = read(pcap_header(order, magic) + b"".join(records))
    assert outcome.error is None
    assert outcome.records == [(1_700_000_000.25 + n, FRAME + bytes([n]), len(FRAME) + 1) for n in range(3)]


@pytest.mark.parametrize("link_type", [127, 105, 119, 192])
def test_wifi_link_types_are_taken(link_type: int) -> None:
    assert [number for number, _ in read(pcap_header(link_type=link_type) + pcap_record(FRAME)).batches] == [link_type]


def test_what_the_upper_half_says_of_the_fcs_is_not_part_of_the_link_type() -> None:
    assert read(pcap_header(link_type=0x24000000 | 105) + pcap_record(FRAME)).batches[0][0] == 105


def test_another_link_type_is_named() -> None:
    outcome = read(pcap_header(link_type=1) + pcap_record(FRAME))
    assert isinstance(outcome.error, UnknownLinkType)
    assert "1 (Ethernet)" in str(outcome.error)
    assert "127 (radiotap)" in str(outcome.error)


def test_a_file_of_another_link_type_is_refused_at_its_beginning() -> None:
    outcome = read(pcap_header(link_type=1) + pcap_record(FRAME) * 1000 + b"damage")
    assert isinstance(outcome.error, UnknownLinkType)


def test_the_length_on_the_air_is_kept_and_never_less_than_what_was_captured() -> None:
    outcome = read(pcap_header() + pcap_record(FRAME, length=1500) + pcap_record(FRAME, length=0))
    assert [length for _, _, length in outcome.records] == [1500, len(FRAME)]


def test_batches_are_full_but_the_last() -> None:
    assert [len(records) for _, records in read(pcap_header() + pcap_record(FRAME) * 150).batches] == [64, 64, 22]


@pytest.mark.parametrize("missing", [1, len(FRAME), len(FRAME) + 5])
def test_a_file_cut_short_gives_every_whole_frame(missing: int) -> None:
    data = pcap_header() + pcap_record(FRAME) * 70
    outcome = read(data[:-missing])
    assert len(outcome.frames) == 69
    assert isinstance(outcome.error, Damaged)
    assert f"octet {24 + 69 * (16 + len(FRAME))}" in str(outcome.error)


def test_a_file_cut_short_in_its_header_is_damaged() -> None:
    assert isinstance(read(pcap_header()[:20]).error, Damaged)


@pytest.mark.parametrize("claimed", [MAX_RECORD + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_an_absurd_record_is_refused_without_reading_for_it(claimed: int) -> None:
    data = pcap_header() + pcap_record(FRAME) * 2 + struct.pack("<IIII", 0, 0, claimed, claimed) + bytes(4096)
    outcome = read(data + bytes(2 * MAX_RECORD))
    assert len(outcome.frames) == 2
    assert isinstance(outcome.error, Damaged)
    assert str(claimed) in str(outcome.error)


def test_the_largest_record_is_read() -> None:
    outcome = read(pcap_header() + pcap_record(bytes(MAX_RECORD)) + pcap_record(FRAME))
    assert outcome.error is None
    assert [len(frame) for frame in outcome.frames] == [MAX_RECORD, len(FRAME)]


@pytest.mark.parametrize(("data", "said"), [(b"", "empty"), (b"hello", "68 65 6c 6c"), (b"\xd4\xc3", "d4 c3")])
def test_what_is_no_capture_is_refused(data: bytes, said: str) -> None:
    outcome = read(data)
    assert isinstance(outcome.error, NotACapture)
    assert said in str(outcome.error)


def test_any_chunking_gives_the_same() -> None:
    data = pcap_header() + b"".join(pcap_record(FRAME + bytes(n), n) for n in range(40))
    whole = read(data)
    for most in (1, 7, 16, 100):
        assert read(data, most) == whole


@given(st.binary(max_size=400), st.sampled_from(["<", ">"]), st.sampled_from([MICRO, NANO, MODIFIED]))
def test_any_octets_end_in_frames_or_in_damage(tail: bytes, order: str, magic: int) -> None:
    outcome = read(pcap_header(order, magic) + tail)
    header = 24 if magic == MODIFIED else 16
    used = sum(header + len(frame) for frame in outcome.frames)
    assert used == len(tail) or (used < len(tail) and isinstance(outcome.error, Damaged))

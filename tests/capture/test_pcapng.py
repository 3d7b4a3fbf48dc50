from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.capture.files import FRAME, block, enhanced, interface, obsolete, option, section, simple
from tests.capture.reading import read

from whimbrel.capture.chunks import MAX_RECORD, CaptureError, Damaged, UnknownLinkType

TICKS = 1_700_000_000_250_000


@pytest.mark.parametrize("order", ["<", ">"])
def test_packets_of_every_kind(order: str) -> None:
    outcome = read(
        section(order)
        + interface(order=order)
        + enhanced(FRAME + b"1", TICKS, order=order)
        + obsolete(FRAME + b"2", TICKS + 1_000_000, order=order)
        + simple(FRAME + b"3", order)
        + enhanced(FRAME + b"44", TICKS + 2_000_000, order=order, length=99, options=option(1, b"note", order))
    )
    assert outcome.error is None
    assert outcome.batches == [
        (
            127,
            [
                (1_700_000_000.25, FRAME + b"1", 17),
                (1_700_000_001.25, FRAME + b"2", 17),
                (1_700_000_001.25, FRAME + b"3", 17),
                (1_700_000_002.25, FRAME + b"44", 99),
            ],
        )
    ]


@pytest.mark.parametrize(
    ("resolution", "ticks"),
    [(b"\x06", 1_500_000), (b"\x09", 1_500_000_000), (b"\x00", 1), (b"\x81", 3), (b"\xa0", 3 << 31)],
)
def test_the_clock_of_an_interface(resolution: bytes, ticks: int) -> None:
    options = option(9, resolution) + option(0, b"")
    (record,) = read(section() + interface(options=options) + enhanced(FRAME, ticks)).records
    assert record[0] == (1.0 if resolution == b"\x00" else 1.5)


def test_the_offset_of_a_clock() -> None:
    options = option(2, b"wlan0") + option(14, struct.pack("<q", -100))
    (record,) = read(section() + interface(options=options) + enhanced(FRAME, 150_000_000)).records
    assert record[0] == 50.0


@pytest.mark.parametrize(("offset", "time"), [(-(2**63), 0.0), (2**63 - 1, 253_402_300_799.0)])
def test_absurd_times_stay_dates(offset: int, time: float) -> None:
    data = section() + interface(options=option(14, struct.pack("<q", offset))) + enhanced(FRAME, 5) * 2
    assert [record[0] for record in read(data).records] == [time, time]


def test_interfaces_have_link_types_of_their_own() -> None:
    data = section() + interface(127) + interface(105)
    outcome = read(data + enhanced(b"a", number=0) * 2 + enhanced(b"b", number=1) + enhanced(b"c", number=0))
    assert outcome.error is None
    assert [(number, [octets for _, octets, _ in batch]) for number, batch in outcome.batches] == [
        (127, [b"a", b"a"]),
        (105, [b"b"]),
        (127, [b"c"]),
    ]


def test_a_new_section_forgets_interfaces_and_byte_order() -> None:
    data = section() + interface(127) + enhanced(b"a") + section(">") + interface(105, ">") + enhanced(b"b", order=">")
    assert [number for number, _ in read(data).batches] == [127, 105]
    outcome = read(section() + interface() + enhanced(b"a") + section() + enhanced(b"b"))
    assert outcome.frames == [b"a"]
    assert isinstance(outcome.error, Damaged)
    assert "interface 0" in str(outcome.error)


def test_unknown_blocks_are_skipped_however_long() -> None:
    data = section() + interface() + block(0xBAD, bytes(3 * MAX_RECORD)) + enhanced(b"a") + block(5, bytes(8))
    outcome = read(data)
    assert outcome.error is None
    assert outcome.frames == [b"a"]
    cut = read(section() + interface() + enhanced(b"a") + block(0xBAD, bytes(MAX_RECORD))[:-4])
    assert cut.frames == [b"a"]
    assert isinstance(cut.error, Damaged)


ETHERNET = bytes.fromhex("080027aabbcc080027ddeeff0800") + bytes(46)


OTHERS = enhanced(ETHERNET) * 3


@pytest.mark.parametrize("wanted", [1, 100])
@pytest.mark.parametrize(
    ("form", "number"),
    [
        pytest.param((section(), interface(1), OTHERS, section(), interface(127), b"W"), 0, id="Ethernet first"),
        pytest.param((section(), interface(127), b"W", section(), interface(1), OTHERS), 0, id="Ethernet last"),
        pytest.param((section(), interface(1), OTHERS, interface(127), b"W"), 1, id="Wi-Fi described later"),
        pytest.param((section(), interface(1), interface(127), b"W", OTHERS), 1, id="both described"),
        pytest.param((section(">"), interface(1, ">"), section(), interface(127), b"W", OTHERS[:0]), 0, id="no frame"),
    ],
)
def test_what_is_not_wifi_is_left_out_wherever_it_stands(form: tuple[bytes, ...], number: int, wanted: int) -> None:
    frames = [FRAME + bytes([n]) for n in range(wanted)]
    wifi = b"".join(enhanced(frame, n, number) for n, frame in enumerate(frames))
    outcome = read(b"".join(wifi if part == b"W" else part for part in form))
    assert (outcome.frames, outcome.error) == (frames, None)
    assert outcome.left_out == ({1: 3} if OTHERS in form else {})


def test_wifi_frames_between_others_travel_in_full_batches() -> None:
    pairs = (enhanced(ETHERNET) + enhanced(FRAME + bytes([n]), n, 1) for n in range(100))
    outcome = read(section() + interface(1) + interface(127) + b"".join(pairs))
    assert [len(records) for _, records in outcome.batches] == [64, 36]
    assert outcome.frames == [FRAME + bytes([n]) for n in range(100)]


def test_a_file_without_any_wifi_frame_is_refused() -> None:
    outcome = read(section() + interface(1) + enhanced(ETHERNET) + section() + interface(113) + enhanced(ETHERNET))
    assert isinstance(outcome.error, UnknownLinkType)
    assert "1 (Ethernet), 113 (Linux cooked capture)" in str(outcome.error)
    assert outcome.left_out == {}, "the error says it"


def test_what_was_left_out_is_told_of_a_damaged_file_too() -> None:
    data = section() + interface(1) + interface(127) + enhanced(ETHERNET) + enhanced(FRAME, number=1) * 2
    outcome = read(data[:-3])
    assert outcome.frames == [FRAME]
    assert isinstance(outcome.error, Damaged)
    assert outcome.left_out == {1: 1}


@given(st.lists(st.binary(max_size=70), min_size=1, max_size=5), st.sampled_from("<>"))
def test_blocks_whose_length_lacks_the_padding(tails: list[bytes], order: str) -> None:
    def unpadded(frame: bytes) -> bytes:
        whole = enhanced(frame, order=order)
        length = struct.pack(order + "I", len(whole) - -len(frame) % 4)
        return whole[:4] + length + whole[8:-4] + length

    frames = [FRAME + tail for tail in tails]
    outcome = read(section(order) + interface(order=order) + b"".join(map(unpadded, frames)))
    assert outcome.error is None
    assert outcome.frames == frames


def test_a_simple_packet_is_cut_at_the_snap_length() -> None:
    data = section() + interface(snap=4) + simple(b"abcd", length=1000)
    assert read(data).records == [(0.0, b"abcd", 1000)]


@pytest.mark.parametrize("missing", [1, 4, 31, 47])
def test_a_file_cut_short_gives_every_whole_frame(missing: int) -> None:
    data = section() + interface() + enhanced(FRAME) * 70
    outcome = read(data[:-missing])
    assert len(outcome.frames) == 69
    assert isinstance(outcome.error, Damaged)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(struct.pack("<III", 6, 0x7FFFFFFC, 0) + bytes(64), id="absurd block"),
        pytest.param(struct.pack("<III", 6, 8, 8), id="block shorter than its header"),
        pytest.param(struct.pack("<III", 6, 29, 0) + bytes(24), id="block shorter than its header, padded"),
        pytest.param(enhanced(FRAME)[:-4] + b"\0\0\0\0", id="lengths differ"),
        pytest.param(enhanced(FRAME, number=7), id="interface not described"),
        pytest.param(block(6, struct.pack("<IIIII", 0, 0, 0, 500, 500) + bytes(16)), id="frame longer than its block"),
        pytest.param(block(6, struct.pack("<IIIII", 0, 0, 0, MAX_RECORD + 4, 0) + bytes(MAX_RECORD + 4)), id="absurd"),
        pytest.param(block(0x0A0D0D0A, bytes(16)), id="section without byte order"),
        pytest.param(block(1, b""), id="interface without description"),
    ],
)
def test_broken_blocks_end_the_file_behind_the_frames_before(broken: bytes) -> None:
    outcome = read(section() + interface() + enhanced(FRAME) * 3 + broken + enhanced(FRAME))
    assert len(outcome.frames) == 3
    assert isinstance(outcome.error, Damaged)


def test_any_chunking_gives_the_same() -> None:
    frames = b"".join(enhanced(FRAME + bytes(n), n) + block(0xBAD, bytes(n)) for n in range(70))
    data = section() + interface() + frames
    whole = read(data)
    assert len(whole.frames) == 70
    for most in (1, 7, 28, 100):
        assert read(data, most) == whole


@given(st.lists(st.binary(max_size=80), max_size=6), st.binary(max_size=100))
def test_any_octets_end_in_frames_or_in_an_error(bodies: list[bytes], tail: bytes) -> None:
    blocks = b"".join(block(1 + n % 6, body) for n, body in enumerate(bodies))
    outcome = read(section() + interface() + enhanced(FRAME) + blocks + tail)
    assert outcome.frames[0] == FRAME
    assert outcome.error is None or isinstance(outcome.error, CaptureError)

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.radiotap import RadiotapParser
from whimbrel.wifi.radiotap_fields import CHANNEL, FLAGS, NO_PSDU, RATE, RX_FLAGS, SIZES, TSFT, VHT, fields

STATION, AP = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\xaa"
BEACON = b"\x80\0\0\0" + b"\xff" * 6 + AP + AP + b"\x30\x12" + bytes(12) + b"\0\x03tit"
FCS = b"\xde\xad\xbe\xef"


def header(*words: int, data: bytes = b"", length: int | None = None) -> bytes:
    """A radiotap header; `data` follows the presence words and is not aligned for you."""
    size = 4 + 4 * len(words) + len(data) if length is None else length
    return struct.pack(f"<BxH{len(words)}I", 0, size, *words) + data


def read(raw: bytes, original: int | None = None) -> Frame:
    """Parse twice, so that both what learns and what knows are seen; they agree on every field."""
    record = (1.5, raw, len(raw) if original is None else original)
    parser = RadiotapParser()
    first, second, slow = parser.parse(record), parser.parse(record), parser.parse_any(record)
    assert values(first) == values(second) == values(slow)
    return second


def values(frame: Frame) -> dict[str, Any]:
    mode = frame.mode  # like frames may have different ones
    named = {name: getattr(frame, name) for name in Frame.__slots__}
    return named | {"mode": None if mode is None else (mode.freq, mode.rate, mode.phy)}


def test_usual_header_of_linux() -> None:
    radio = header(0x482F, data=struct.pack("<QBBHHbBH", 77, 0x10, 2, 2437, 0xA0, -52, 1, 0))
    frame = read(radio + BEACON + FCS)
    assert (frame.time, frame.tsft, frame.freq, frame.rate, frame.phy, frame.rssi) == (1.5, 77, 2437, 1.0, "dsss", -52)
    assert (frame.noise, frame.width, frame.bad_fcs, frame.malformed) == (None, 0, False, None)
    assert frame.raw[frame.start : frame.end] == BEACON
    assert frame.length == len(BEACON) + 4


def test_without_an_fcs_the_length_still_counts_it() -> None:
    frame = read(header(1 << FLAGS, data=b"\0") + BEACON)
    assert frame.raw[frame.start : frame.end] == BEACON
    assert frame.length == len(BEACON) + 4


def test_noise_lies_behind_signal() -> None:
    frame = read(header(0b1100000, data=struct.pack("bb", -60, -95)) + BEACON)
    assert (frame.rssi, frame.noise) == (-60, -95)


@pytest.mark.parametrize("signal", [0, 1, 20, 127, -115, -128])
def test_signals_that_no_receiver_can_have_are_not_told(signal: int) -> None:
    frame = read(header(0b1100000, data=struct.pack("bb", signal, signal)) + BEACON)
    assert (frame.rssi, frame.noise) == (None, None)


@pytest.mark.parametrize(
    ("rate", "channel", "phy"),
    [
        (2, 0xA0, "dsss"),
        (22, 0xC0, "dsss"),
        (12, 0xA0, "ofdm"),
        (108, 0x140, "ofdm"),
        (0, 0x140, "ofdm"),
        (0, 0x80, ""),
    ],
)
def test_phy_by_rate_then_by_channel(rate: int, channel: int, phy: str) -> None:
    frame = read(header(0b1100, data=struct.pack("<BxHH", rate, 5180, channel)) + BEACON)
    assert (frame.freq, frame.rate, frame.phy) == (5180, rate / 2, phy)


def test_narrow_channels_have_a_width() -> None:
    for flag, width in ((0x4000, 10), (0x8000, 5)):
        assert read(header(0b1000, data=struct.pack("<HH", 5180, 0x140 | flag)) + BEACON).width == width


def test_damaged_frames_are_marked_and_read() -> None:
    frame = read(header(1 << FLAGS, data=b"\x50") + BEACON + FCS)
    assert frame.bad_fcs
    assert (frame.kind, frame.bssid, frame.raw[frame.start : frame.end]) == (0x08, AP, BEACON)
    assert read(header(1 << RX_FLAGS, data=b"\x02\0") + BEACON).bad_fcs
    assert not read(header(1 << RX_FLAGS, data=b"\x01\0") + BEACON).bad_fcs


def test_padding_between_header_and_body() -> None:
    qos = b"\x88\x01\0\0" + AP + STATION + AP + b"\0\0" + b"\x05\0"
    frame = read(header(1 << FLAGS, data=b"\x30") + qos + b"\0\0" + b"body" + FCS)
    assert frame.raw[frame.body : frame.end] == b"body"
    assert frame.length == len(qos) + 4 + 4
    assert frame.tid == 5


def test_a_cut_frame_keeps_its_length_on_the_air_and_loses_what_is_left_of_the_fcs() -> None:
    raw = header(1 << FLAGS, data=b"\x10") + BEACON + FCS
    frame = read(raw[:-6], len(raw))
    assert (frame.cut, frame.length) == (True, len(BEACON) + 4)
    assert frame.raw[frame.start : frame.end] == BEACON[:-2]
    frame = read(raw[:-2], len(raw))
    assert (frame.cut, frame.raw[frame.start : frame.end]) == (True, BEACON)


@pytest.mark.parametrize("why", [0, 1, 255])
def test_a_field_that_says_so_is_followed_by_no_frame(why: int) -> None:
    radio = header(1 << FLAGS | 1 << CHANNEL | 1 << NO_PSDU, data=struct.pack("<BxHHB", 0, 5180, 0x140, why))
    frame = read(radio)
    assert (frame.malformed, frame.kind, frame.freq, frame.cut, frame.ta) == (None, -1, 5180, False, None)
    assert frame.start == frame.body == frame.end == len(radio)
    assert read(radio + BEACON).kind == 0x08, "what is there is read whatever the field says"
    without = header(1 << FLAGS, data=b"\0")
    assert read(without).malformed is Malformed.TOO_SHORT


def test_several_antennas() -> None:
    """As mac80211 writes them: the whole receiver in the first word, one more word for each antenna."""
    radio = header(0xA0000020, 0xA0000820, 0x00000820, data=struct.pack("<bbBbB", -50, -58, 0, -44, 1))
    frame = read(radio + BEACON)
    assert frame.rssi == -44


def test_an_antenna_in_the_first_word_counts_where_others_follow() -> None:
    frame = read(header(0xA0000820, 0x00000820, data=struct.pack("<bBbB", -50, 3, -58, 4)) + BEACON)
    assert frame.rssi == -50
    frame = read(header(0x00000820, data=struct.pack("<bB", -50, 3)) + BEACON)
    assert frame.rssi == -50


def test_words_that_differ_only_behind_the_first_do_not_mix_up() -> None:
    two = header(0xA0000020, 0x00000820, data=struct.pack("<bbB", -50, -58, 0)) + BEACON
    three = header(0xA0000020, 0xA0000820, 0x00000820, data=struct.pack("<bbBbB", -50, -58, 0, -44, 1)) + BEACON
    for _ in range(2):
        assert read(two).rssi == -50
        assert read(three).rssi == -44


def test_ht() -> None:
    frame = read(header(1 << 19, data=bytes((0x07, 0x05, 7))) + BEACON)  # 40 MHz, short guard interval, MCS 7
    assert (frame.phy, frame.rate, frame.width) == ("ht", 150.0, 40)


def test_vht() -> None:
    frame = read(header(1 << 21, data=struct.pack("<HBB4BBBH", 0x44, 0, 4, 0x92, 0, 0, 0, 0, 0, 0)) + BEACON)
    assert (frame.phy, frame.rate, frame.width) == ("vht", 780.0, 80)


def test_he() -> None:
    data = struct.pack("<6H", 0x4020, 0x0002, 0x0B00, 0, 0x0002, 0x0002)  # 80 MHz, 0.8 us, MCS 11, two streams
    frame = read(header(1 << 23, data=data) + BEACON)
    assert (frame.phy, frame.rate, frame.width) == ("he", 1201.0, 80)


def test_eht_comes_in_tlvs_behind_other_fields() -> None:
    usig = struct.pack("<HHIII", 33, 12, 0x02 | 4 << 15, 0, 0)
    eht = struct.pack("<HHII", 34, 44, 0x04, 0) + bytes(32) + struct.pack("<I", 0x80 | 0x02 | 0x10 | 13 << 20 | 1 << 24)
    unknown = struct.pack("<HH", 99, 3) + b"abc\0"
    frame = read(header(1 << FLAGS | 1 << 28, data=b"\0\0\0\0" + unknown + usig + eht) + BEACON)
    assert (frame.phy, frame.width, frame.malformed, frame.kind) == ("eht", 320, None, 0x08)
    assert frame.rate == pytest.approx(5764.7)


def test_a_frame_that_a_scan_found_has_no_number() -> None:
    frame = read(header(1 << 30, data=b"\x02\x57\x42\x01\x00\x00") + BEACON)
    assert (frame.seq, frame.malformed, frame.kind) == (None, None, 0x08)
    assert read(header(1 << 30, data=b"\x00\x17\x35\x01\x00\x00") + BEACON).seq is not None


def test_tlv_beyond_the_header() -> None:
    frame = read(header(1 << 28, data=struct.pack("<HH", 33, 100)) + BEACON)
    assert (frame.malformed, frame.bssid) == (Malformed.LINK_HEADER, AP)


def test_60_ghz_says_its_own_mcs_in_the_field_of_ht() -> None:
    frame = read(header(0x80008, data=struct.pack("<HHBBB", 60480, 0, 2, 0, 0)) + BEACON)
    assert (frame.freq, frame.phy, frame.rate) == (60480, "", 0.0)


def test_xchannel_stands_in_for_channel() -> None:
    frame = read(header(1 << 18, data=struct.pack("<IHBB", 0x140, 5220, 44, 20)) + BEACON)
    assert (frame.freq, frame.phy) == (5220, "ofdm")


@pytest.mark.parametrize(("unit", "tsft"), [(0, 5_000_000), (1, 5_000), (3, 5), (2, None), (0x11, None)])
def test_timestamp_stands_in_for_tsft(unit: int, tsft: int | None) -> None:
    frame = read(header(1 << 22, data=struct.pack("<QHBB", 5_000, 0, unit, 0)) + BEACON)
    assert frame.tsft == tsft


def test_vendor_data_is_skipped_by_its_own_length() -> None:
    for size in (2, 5):
        vendor = b"\0\x11\x22\x01" + struct.pack("<H", size) + bytes(size)
        radio = header(0xC0000002, 0xA0000001, 0x00000020, data=b"\x10\0" + vendor + b"\xce")
        frame = read(radio + BEACON + FCS)
        assert (frame.malformed, frame.kind, frame.end) == (None, 0x08, len(radio + BEACON))
        found, whole, lasting = fields(radio) or ([], False, False)
        assert (found[-1], whole, lasting) == ((2, 5, len(radio) - 1), True, False)


def test_fields_beyond_31_have_no_known_size_and_end_the_reading() -> None:
    frame = read(header(0x80000002, 0x107701F7, data=b"\x10" + bytes(20)) + BEACON + FCS)
    assert (frame.malformed, frame.kind, frame.raw[frame.start : frame.end]) == (None, 0x08, BEACON)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\0\x08",
        header(0, length=7) + BEACON,
        header(0, length=500) + BEACON,
        b"\x01" + header(0)[1:] + BEACON,
        header(0x80000000) + BEACON,
        header(*[0x80000000] * 40, 0) + BEACON,
    ],
)
def test_broken_headers(raw: bytes) -> None:
    frame = read(raw)
    assert (frame.malformed, frame.kind) == (Malformed.LINK_HEADER, -1)
    assert frame.start == frame.body == frame.end == len(raw)


def test_fields_that_do_not_fit_leave_those_before_and_the_frame() -> None:
    frame = read(header(0b111, data=b"\0" * 8) + BEACON)
    assert (frame.malformed, frame.bssid, frame.rate) == (Malformed.LINK_HEADER, AP, 0.0)


def test_a_known_layout_does_not_trust_a_shorter_record() -> None:
    radio = header(1 << FLAGS, data=b"\x10")
    assert read(radio + BEACON + FCS).kind == 0x08
    assert read(radio[:-1]).malformed is Malformed.LINK_HEADER
    assert read(radio).malformed is Malformed.TOO_SHORT
    assert read(radio + BEACON[:20] + FCS).malformed is Malformed.TOO_SHORT
    assert read(radio + BEACON[:24] + FCS).malformed is Malformed.BODY


def test_kinds_of_headers_are_remembered_side_by_side() -> None:
    parser = RadiotapParser()
    for number in range(30):
        raw = header(1 << RATE, data=bytes(1 + number)) + BEACON
        parser.parse((0.0, raw, len(raw)))
        assert len(parser.layouts.usual) == number + 1


def test_memories_are_bounded() -> None:
    parser = RadiotapParser()
    for word in range(500):
        raw = header(1 << RATE | word << 3 & 0x30, data=bytes(40 + word)) + BEACON
        assert parser.parse((0.0, raw, len(raw))).kind == 0x08
        assert len(parser.layouts.usual) <= 32
    radio = 0b1010
    for freq in range(2000):
        raw = header(radio, data=struct.pack("<BxHH", 0, freq, 0)) + BEACON
        assert parser.parse((0.0, raw, len(raw))).freq == freq
    usual = parser.layouts.usual[header(radio, data=b"123456")[:8]]
    assert 0 < len(usual[3]) <= 512


SPOKEN = {
    "TSFT": (TSFT, "<Q", ""),
    "rate": (RATE, "<B", ""),
    "RX flags": (RX_FLAGS, "<H", "04x"),
    "flags": (FLAGS, "<B", "02x"),
}


@pytest.mark.captures
def test_vectors_of_radiotap_library(captures: Path) -> None:
    files = sorted((captures / "radiotap").glob("*.bin"))
    assert len(files) == 10
    for file in files:
        raw = file.read_bytes()
        seen = fields(raw)
        assert seen is not None
        found, whole, _ = seen
        expected = file.with_suffix(".out").read_text()
        assert whole is ("malformed" not in expected), file.name
        said = []
        for line in expected.splitlines():
            name, _, value = line.strip().partition(": ")
            if name in SPOKEN:
                said.append((SPOKEN[name][0], value))
        mine = []
        for name, (number, code, shown) in SPOKEN.items():
            for _, field, offset in found:
                if field == number:
                    (value,) = struct.unpack_from(code, raw, offset)
                    mine.append((number, f"{value / 2:.6f}" if name == "rate" else format(value, shown)))
        # That library's own example overrides field 14 to be the FCS, as old OpenBSD wrote it.
        if file.name == "0fcs.bin":
            assert mine.pop() == (RX_FLAGS, "bbaa")
        assert sorted(mine) == sorted(said), file.name


@given(st.integers(0, 0x0FFFFFFF), st.binary(max_size=80), st.integers(0, 80), st.binary(max_size=60))
def test_any_first_word(word: int, data: bytes, length: int, rest: bytes) -> None:
    raw = header(word, data=data, length=8 + length)
    frame = read(raw + rest)
    assert 0 <= frame.start <= frame.body <= frame.end <= len(frame.raw)


@given(st.lists(st.integers(0, 0xFFFFFFFF), min_size=1, max_size=5), st.binary(max_size=120))
def test_any_chain_of_words(words: list[int], data: bytes) -> None:
    raw = struct.pack(f"<BxH{len(words)}I", 0, 4 + 4 * len(words) + len(data) // 2, *words) + data
    frame = read(raw)
    assert 0 <= frame.start <= frame.body <= frame.end <= len(frame.raw)


@given(st.sets(st.integers(0, len(SIZES) - 1)))
def test_fields_keep_their_alignment_and_do_not_overlap(numbers: set[int]) -> None:
    seen = fields(header(sum(1 << number for number in numbers), data=bytes(200)))
    assert seen is not None
    position = 8
    for _, number, offset in seen[0]:
        alignment, size = SIZES[number]
        assert offset % alignment == 0
        assert position <= offset < position + alignment
        position = offset + size
    assert [number for _, number, _ in seen[0]] == sorted(numbers)
    assert SIZES[VHT] == (2, 12)


def test_agrees_with_scapy_on_what_it_builds() -> None:
    from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11Elt, RadioTap

    radio = RadioTap(
        present="TSFT+Flags+Rate+Channel+dBm_AntSignal+dBm_AntNoise+Antenna+RXFlags",
        mac_timestamp=123456789,
        Flags="FCS",
        Rate=5.5,
        ChannelFrequency=2462,
        ChannelFlags="CCK+2GHz",
        dBm_AntSignal=-71,
        dBm_AntNoise=-92,
        Antenna=1,
    )
    beacon = Dot11(addr1="ff:ff:ff:ff:ff:ff", addr2="02:00:00:00:00:aa", addr3="02:00:00:00:00:aa") / Dot11Beacon()
    built = bytes(radio / beacon / Dot11Elt(ID=0, info=b"tit"))
    told = RadioTap(built)
    frame = read(built)
    assert (frame.tsft, frame.freq, frame.rate) == (told.mac_timestamp, told.ChannelFrequency, told.Rate)
    assert (frame.rssi, frame.noise, frame.start) == (told.dBm_AntSignal, told.dBm_AntNoise, told.len)
    assert (frame.phy, frame.bssid, frame.malformed) == ("dsss", AP, None)

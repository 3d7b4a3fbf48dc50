from __future__ import annotations

import binascii
import json
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.wifi import fcs
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.linktypes import AVS, IEEE802_11, NAMES, PPI, PRISM, RADIOTAP, parse, parser_for

LINKTYPES = [IEEE802_11, PRISM, RADIOTAP, AVS, PPI, 1]
AP = b"\x02\0\0\0\0\xaa"
DEAUTH = b"\xc0\0\0\0" + b"\xff" * 6 + AP + AP + b"\x30\x12\x07\0"
BEACON = b"\x80\0\0\0" + b"\xff" * 6 + AP + AP + b"\x30\x12" + bytes(12) + b"\0\x03tit"


def with_fcs(raw: bytes) -> bytes:
    return raw + struct.pack("<I", binascii.crc32(raw))


def prism(frame: bytes) -> bytes:
    items = b"".join(struct.pack("<IHHi", number << 16 | 0x44, 0, 4, 1) for number in range(1, 11))
    return struct.pack("<II16s", 0x44, 144, b"wlan0") + items + frame


WHOLE = {
    IEEE802_11: BEACON,
    RADIOTAP: struct.pack("<BxHIBBHHbb", 0, 16, 0b1101110, 0x10, 2, 2437, 0xA0, -52, -95) + with_fcs(BEACON),
    PRISM: prism(with_fcs(BEACON)),
    AVS: struct.pack(">IIQQIIIIIIiiII", 0x80211001, 64, 5, 0, 4, 6, 10, 0, 0, 2, -50, -95, 0, 0) + BEACON,
    PPI: struct.pack("<BBHI", 0, 0, 32, 105)
    + struct.pack("<HHQHHHHBBbb", 2, 20, 9, 1, 2, 2437, 0xA0, 0, 0, -52, -95)
    + with_fcs(BEACON),
}


@pytest.mark.parametrize("linktype", WHOLE)
def test_a_whole_record_of_each(linktype: int) -> None:
    assert linktype in NAMES
    frame = parser_for(linktype)((7.5, WHOLE[linktype], len(WHOLE[linktype])))
    assert (frame.time, frame.malformed, frame.kind, frame.bssid, frame.seq) == (7.5, None, 0x08, AP, 0x123)
    assert frame.raw is WHOLE[linktype]
    assert frame.raw[frame.start : frame.end] == BEACON
    assert frame.length == len(BEACON) + 4


@pytest.mark.parametrize("linktype", WHOLE)
def test_every_truncation_is_read_to_its_end(linktype: int) -> None:
    raw = WHOLE[linktype]
    for length in range(len(raw)):
        for original in (length, len(raw)):
            frame = parse(linktype, (0.0, raw[:length], original))
            assert 0 <= frame.start <= frame.body <= frame.end <= length
            assert frame.bssid in {None, AP}


@given(st.sampled_from(LINKTYPES), st.binary(max_size=200), st.integers(0, 2**32))
def test_any_bytes_of_any_link_type(linktype: int, raw: bytes, original: int) -> None:
    frame = parse(linktype, (0.0, raw, original))
    assert 0 <= frame.start <= frame.body <= frame.end <= len(raw)


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_any_octet_of_a_whole_record_may_be_wrong(linktype: int, data: st.DataObject) -> None:
    raw = bytearray(WHOLE[linktype])
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    frame = parse(linktype, (0.0, bytes(raw), len(raw)))
    assert 0 <= frame.start <= frame.body <= frame.end <= len(raw)


def test_unknown_link_type() -> None:
    frame = parser_for(1)((1.0, b"ethernet", 8))
    assert (frame.time, frame.raw, frame.malformed, frame.kind) == (1.0, b"ethernet", Malformed.LINK_TYPE, -1)


def test_a_parser_is_made_once_and_few_are_kept() -> None:
    for linktype in NAMES:
        assert parser_for(linktype) is parser_for(linktype)
    for linktype in range(1000, 1100):
        parser_for(linktype)
    assert parser_for.cache_info().currsize <= 32


def test_an_fcs_that_nothing_tells_of_is_known_by_its_crc() -> None:
    for raw in (DEAUTH, BEACON):
        bare = parse(IEEE802_11, (0.0, raw, len(raw)))
        ended = parse(IEEE802_11, (0.0, with_fcs(raw), len(raw) + 4))
        assert bare.raw[bare.start : bare.end] == ended.raw[ended.start : ended.end] == raw
        assert bare.length == ended.length == len(raw) + 4
    cut = parse(IEEE802_11, (0.0, with_fcs(BEACON)[:-5], len(BEACON) + 4))
    assert (cut.cut, cut.end) == (True, len(BEACON) - 1)


def test_whether_the_check_sequence_holds() -> None:
    raw = WHOLE[RADIOTAP]
    assert fcs.holds(parse(RADIOTAP, (0.0, raw, len(raw)))) is True
    assert fcs.holds(parse(RADIOTAP, (0.0, raw[:-1] + b"?", len(raw)))) is False
    assert fcs.holds(parse(RADIOTAP, (0.0, raw[:-1], len(raw)))) is None
    assert fcs.holds(parse(IEEE802_11, (0.0, BEACON, len(BEACON)))) is None


def counted(path: Path) -> tuple[Counter[str], Counter[Malformed]]:
    kinds: Counter[str] = Counter()
    malformed: Counter[Malformed] = Counter()
    with path.open("rb") as stream:
        try:
            for linktype, records in read_capture(stream):
                for frame in map(parser_for(linktype), records):
                    kinds[_key(frame)] += 1
                    if frame.malformed is not None:
                        malformed[frame.malformed] += 1
        except CaptureError:
            pass
    return kinds, malformed


def _key(frame: Frame) -> str:
    return "none" if frame.kind < 0 else f"0x{frame.kind:04x}"


# What tshark does not count as malformed, or reads where we do not, and why.
EXPLAINED: dict[str, tuple[Counter[str], Counter[Malformed]]] = {
    # 17 octets, too few for a Prism header: tshark takes them for a bare association request, cut short.
    "aircrack-ng/wpaclean_crash.pcap": (Counter(none=1), Counter({Malformed.LINK_HEADER: 1})),
    # Radiotap of version 48: tshark calls it invalid and goes on by its length.
    "tcpdump/ieee802.11_meshhdr-oobr.pcap": (Counter(none=1), Counter({Malformed.LINK_HEADER: 1})),
    "tcpdump/ieee802.11_rates_oobr.pcap": (Counter(none=1), Counter({Malformed.LINK_HEADER: 1})),
    "tcpdump/radiotap-heapoverflow.pcap": (Counter(none=1), Counter({Malformed.LINK_HEADER: 1})),
}
# Frames of the named problem elsewhere; the rest of what tshark calls malformed lies within elements.
BROKEN = {
    "tcpdump/ieee802.11_tim_ie_oobr.pcap": Counter({Malformed.TOO_SHORT: 1}),
    "wids-802.11x/100x0.1fap.pcap": Counter({Malformed.VERSION: 2}),
    "wids-802.11x/deauth.pcap": Counter({Malformed.VERSION: 10}),
}


@pytest.mark.captures
def test_kinds_agree_with_tshark_in_every_capture(captures: Path) -> None:
    expected: dict[str, Any] = json.loads((captures / "expected.json").read_text())
    assert len(expected) > 150
    for name, told in expected.items():
        kinds, malformed = counted(captures / name)
        assert sum(kinds.values()) == told["frames"], name
        subtypes, broken = EXPLAINED.get(name, (Counter(told["subtypes"]), BROKEN.get(name, Counter())))
        assert kinds == subtypes, name
        assert malformed == broken, name

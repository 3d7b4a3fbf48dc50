from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers import dot11

from whimbrel.wifi import kinds
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.linktypes import IEEE802_11, RADIOTAP, parse

ONE, TWO, THREE, FOUR = (bytes.fromhex(f"0200000000{last:02x}") for last in (1, 2, 3, 4))
NOTHING = Frame()


def read(raw: bytes, original: int = 0) -> Frame:
    return parse(IEEE802_11, (0.0, raw, max(original, len(raw))))


def mac(control: int, flags: int = 0, *addresses: bytes, duration: int = 0) -> bytes:
    return struct.pack("<BBH", control, flags, duration) + b"".join(addresses)


def text(address: bytes | None) -> str | None:
    return None if address is None else address.hex(":")


def layers() -> Iterator[tuple[int, int, Any]]:
    """A body that scapy knows for each kind of frame, and how long its fixed fields are."""
    bodies = {
        0x00: dot11.Dot11AssoReq(),
        0x01: dot11.Dot11AssoResp(),
        0x02: dot11.Dot11ReassoReq(),
        0x03: dot11.Dot11ReassoResp(),
        0x04: dot11.Dot11ProbeReq() / dot11.Dot11Elt(ID=0, info=b"name"),
        0x05: dot11.Dot11ProbeResp(),
        0x06: b"\0" * 10,
        0x08: dot11.Dot11Beacon() / dot11.Dot11Elt(ID=0, info=b"name"),
        0x09: dot11.Dot11ATIM(),
        0x0A: dot11.Dot11Disas(),
        0x0B: dot11.Dot11Auth(),
        0x0C: dot11.Dot11Deauth(),
        0x0D: b"\x03\0",
        0x0E: b"\x03\0",
    }
    for kind, body in bodies.items():
        yield 0, kind, body
    for subtype in range(16):
        if subtype != 13:
            yield 2, subtype, dot11.Dot11QoS(TID=5) / b"body" if subtype & 8 else b"body"


@pytest.mark.parametrize(
    ("type_", "subtype", "body"), [pytest.param(*row, id=f"{row[0]}-{row[1]:x}") for row in layers()]
)
@pytest.mark.parametrize("ds", range(4))
def test_agrees_with_scapy_on_management_and_data(type_: int, subtype: int, body: Any, ds: int) -> None:
    built = dot11.Dot11(
        type=type_,
        subtype=subtype,
        FCfield=(ds if type_ else 0) | kinds.RETRY,
        ID=314,
        SC=0xABC5,
        addr1=text(ONE),
        addr2=text(TWO),
        addr3=text(THREE),
        addr4=text(FOUR),
    )
    raw = bytes(built / body)
    told = dot11.Dot11(raw)
    frame = read(raw)
    assert (frame.malformed, frame.kind) == (None, type_ << 4 | subtype)
    assert (frame.flags, frame.retry, frame.duration) == (int(told.FCfield), True, 314)
    assert (frame.seq, frame.fragment) == (told.SC >> 4, told.SC & 15)
    assert (text(frame.ra), text(frame.ta), text(frame.addr3)) == (told.addr1, told.addr2, told.addr3)
    assert text(frame.addr4) == (told.addr4 if type_ == 2 and ds == 3 else None)
    assert frame.tid == (5 if type_ == 2 and subtype & 8 else None)
    assert frame.raw[frame.body : frame.end] == (b"body" if type_ else bytes(body))
    roles = [(ONE, TWO, THREE), (THREE, TWO, ONE), (ONE, THREE, TWO), (THREE, FOUR, None)][ds if type_ else 0]
    assert (frame.da, frame.sa, frame.bssid) == roles


@pytest.mark.parametrize("ds", range(4))
def test_the_parts_of_an_amsdu_name_their_own_ends(ds: int) -> None:
    raw = mac(0x88, ds, ONE, TWO, THREE) + b"\0\0" + (FOUR if ds == 3 else b"") + b"\x87\0body"
    frame = read(raw)
    assert (frame.amsdu, frame.tid, frame.raw[frame.body :]) == (True, 7, b"body")
    roles = [(ONE, TWO, THREE), (None, TWO, ONE), (ONE, None, TWO), (None, None, None)][ds]
    assert (frame.da, frame.sa, frame.bssid) == roles


def test_what_marks_an_amsdu_is_reserved_without_data() -> None:
    assert not read(mac(0xC8, 1, ONE, TWO, THREE) + b"\0\0\x87\0").amsdu


def test_ht_control_follows_where_order_says_so() -> None:
    beacon = read(mac(0x80, kinds.ORDER, ONE, TWO, THREE) + b"\0\0" + b"HTC!" + bytes(12) + b"rest")
    assert beacon.raw[beacon.body :] == bytes(12) + b"rest"
    qos = read(mac(0x88, kinds.ORDER | 1, ONE, TWO, THREE) + b"\0\0" + b"\x03\0" + b"HTC!" + b"rest")
    assert (qos.tid, qos.raw[qos.body :]) == (3, b"rest")
    plain = read(mac(0x08, kinds.ORDER | 1, ONE, TWO, THREE) + b"\0\0" + b"rest")
    assert plain.raw[plain.body :] == b"rest"


@pytest.mark.parametrize(
    ("kind", "rest", "transmitter"),
    [
        (kinds.TRIGGER, bytes(8), True),
        (kinds.BEAMFORMING_POLL, b"\0", True),
        (kinds.NDP_ANNOUNCE, b"\0", True),
        (kinds.BLOCK_ACK_REQ, b"\0\0", True),
        (kinds.BLOCK_ACK, b"\0\0", True),
        (kinds.PS_POLL, b"", True),
        (kinds.RTS, b"", True),
        (kinds.CTS, b"", False),
        (kinds.ACK, b"", False),
        (kinds.CF_END, b"", True),
        (kinds.CF_END_ACK, b"", True),
    ],
)
def test_control_frames(kind: int, rest: bytes, transmitter: bool) -> None:
    raw = mac(0x04 | (kind & 15) << 4, 0, ONE, TWO if transmitter else b"", duration=0xC005) + rest
    frame = read(raw)
    assert (frame.malformed, frame.kind, frame.ra, frame.duration) == (None, kind, ONE, 0xC005)
    assert frame.ta == (TWO if transmitter else None)
    assert (frame.addr3, frame.sa, frame.da, frame.seq) == (None, None, None, None)
    assert frame.bssid == (ONE if kind == kinds.PS_POLL else None)
    assert frame.raw[frame.body :] == rest
    told = dot11.Dot11(raw)
    assert told.addr1 == text(frame.ra)
    # scapy reads no second address of a trigger.
    assert getattr(told, "addr2", None) in {text(frame.ta), None}
    if rest:
        assert read(raw[: -len(rest)]).malformed is Malformed.BODY
    assert read(raw[: len(raw) - len(rest) - 1]).malformed is Malformed.TOO_SHORT


def test_a_transmitter_that_signals_bandwidth_is_the_same_transmitter() -> None:
    for first in range(0, 256, 2):
        sender = bytes((first,)) + TWO[1:]
        assert read(mac(0xB4, 0, ONE, sender)).ta == sender
        assert read(mac(0xB4, 0, ONE, bytes((first | 1,)) + TWO[1:])).ta == sender


def test_control_wrapper_carries_another_control_frame() -> None:
    frame = read(mac(0x74, 0, ONE) + b"\xb4\0" + b"HTC!" + TWO)
    assert (frame.kind, frame.ra, frame.ta, frame.malformed) == (kinds.CONTROL_WRAPPER, ONE, TWO, None)
    frame = read(mac(0x74, 0, ONE) + b"\xd4\0" + b"HTC!")
    assert (frame.ra, frame.ta, frame.malformed) == (ONE, None, None)
    assert read(mac(0x74, 0, ONE) + b"\xd4\0").malformed is Malformed.BODY


def test_control_frames_of_dmg_go_on_in_the_place_of_flags() -> None:
    frame = read(mac(0x64, 0x80 | 5, ONE, TWO))
    assert (frame.kind, frame.flags, frame.ra, frame.ta, frame.malformed) == (0x16, 0x80, ONE, TWO, None)
    frame = read(mac(0x64, 6, ONE, TWO, THREE))
    assert (frame.ra, frame.ta, frame.malformed) == (ONE, None, None)
    assert read(mac(0x64, 15, ONE, TWO)).malformed is Malformed.RESERVED


def test_extension_frames_have_their_sender_first() -> None:
    frame = read(mac(0x0C, 0, ONE) + bytes(20))
    assert (frame.kind, frame.bssid, frame.ta, frame.sa, frame.ra) == (kinds.DMG_BEACON, ONE, ONE, ONE, None)
    assert (frame.body, frame.malformed) == (10, None)
    frame = read(mac(0x1C, 0xFF, ONE) + bytes(5))
    assert (frame.kind, frame.bssid, frame.flags, frame.malformed) == (kinds.S1G_BEACON, ONE, 0, None)
    assert read(mac(0x0C, 0, ONE) + bytes(19)).malformed is Malformed.BODY
    assert read(mac(0x2C, 0, ONE) + bytes(20)).malformed is Malformed.RESERVED


@pytest.mark.parametrize("control", [0x70, 0xF0, 0xD8, 0x04, 0x34])
def test_reserved_subtypes_are_told_with_their_kind(control: int) -> None:
    frame = read(mac(control, 0, ONE, TWO, THREE) + bytes(20))
    assert (frame.malformed, frame.kind) == (Malformed.RESERVED, (control & 0x0C) << 2 | control >> 4)


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("length", [2, 30])
def test_other_versions_have_other_headers(version: int, length: int) -> None:
    frame = read(bytes((0x80 | version,)) + bytes(length - 1))
    assert (frame.malformed, frame.kind, frame.ra, frame.body) == (Malformed.VERSION, -1, None, length)


@pytest.mark.parametrize(
    ("control", "fixed"), [(0x80, 12), (0x50, 12), (0x10, 6), (0x20, 10), (0xB0, 6), (0xC0, 2), (0xD0, 1)]
)
def test_a_management_body_without_its_fixed_fields(control: int, fixed: int) -> None:
    raw = mac(control, 0, ONE, TWO, THREE) + b"\0\0" + bytes(fixed)
    assert read(raw).malformed is None
    short = read(raw[:-1])
    assert (short.malformed, short.kind, short.bssid) == (Malformed.BODY, control >> 4, THREE)
    # What is encrypted says nothing of what is inside.
    assert read(raw[:1] + b"\x40" + raw[2:-1]).malformed is None


@pytest.mark.parametrize("length", range(24))
def test_a_frame_shorter_than_its_header(length: int) -> None:
    for control in (0x80, 0x08, 0x88):
        frame = read((mac(control, 1, ONE, TWO, THREE) + b"\0\0")[:length])
        assert (frame.malformed, frame.kind) == (Malformed.TOO_SHORT, frame.kind if length >= 2 else -1)
        assert frame.ra == (ONE if length >= 10 else None)
        assert frame.ta == (TWO if length >= 16 else None)
        assert (frame.addr3, frame.body, frame.end) == (None, length, length)


def test_a_data_frame_that_ends_within_the_rest_of_its_header() -> None:
    wds = mac(0x88, 3, ONE, TWO, THREE) + b"\0\0" + FOUR + b"\x05\0"
    assert read(wds).malformed is None
    for length in range(24, 32):
        frame = read(wds[:length])
        assert (frame.malformed, frame.addr4, frame.body) == (Malformed.TOO_SHORT, None, length)


@given(st.binary(max_size=64))
def test_any_bytes(raw: bytes) -> None:
    frame = read(raw)
    assert frame.start <= frame.body <= frame.end <= len(raw)
    assert (frame.kind == -1) == (len(raw) < 2 or raw[0] & 3 != 0)
    for address in (frame.ra, frame.ta, frame.addr3, frame.addr4, frame.bssid, frame.sa, frame.da):
        assert address is None or len(address) == 6


@given(st.integers(0, 255), st.integers(0, 255), st.binary(min_size=22, max_size=60))
def test_radiotap_reads_the_same_header(control: int, flags: int, rest: bytes) -> None:
    raw = bytes((control, flags)) + rest
    bare = read(raw)
    radio = struct.pack("<BxHIBB", 0, 10, 0b10, 0, 0)
    for _ in range(2):
        frame = parse(RADIOTAP, (0.0, radio + raw, len(radio) + len(raw)))
        for name in Frame.__slots__:
            mine, other = getattr(bare, name), getattr(frame, name)
            if name in {"start", "body", "end"}:
                other -= len(radio)
            if name != "raw":
                assert mine == other, name


def test_what_is_known_of_nothing() -> None:
    assert all(hasattr(NOTHING, name) for name in Frame.__slots__)
    assert (NOTHING.kind, NOTHING.group, NOTHING.protected, NOTHING.retry) == (-1, False, False, False)
    assert read(mac(0xD4, kinds.PROTECTED, b"\xff" * 6)).group

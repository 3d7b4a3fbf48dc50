"""What a data frame carries, however it is wrapped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.air import AP, RAW, STA, key
from tests.wifi.wrapped import (
    A_MSDU,
    IP,
    QOS,
    WRAPS,
    Wrap,
    amsdu_second,
    filled,
    four_addresses_qos,
    header,
    made,
    mesh_control,
    name_of,
    plain,
    posing_as_amsdu,
    qos,
    subframe,
)

from whimbrel.wifi.linktypes import parse
from whimbrel.wifi.payloads import SNAP, eapol_packets, ethertype, fills_as_amsdu, payloads, poses_as_amsdu

_SENT = key(1, 1)
PACKET = _SENT.raw[_SENT.body : _SENT.end]
"""Message 1 of a handshake, from its LLC header on."""


@pytest.mark.parametrize("wrap", WRAPS, ids=name_of)
@pytest.mark.parametrize(("ra", "ta"), [(STA, AP), (AP, STA)], ids=["down", "up"])
def test_a_packet_is_found_in_every_wrapping(wrap: Wrap, ra: bytes, ta: bytes) -> None:
    frame = made(wrap(PACKET, ra, ta, 9))
    found = [frame.raw[start:end] for start, end in payloads(frame)]
    assert PACKET in [each[: len(PACKET)] for each in found]
    [packet] = eapol_packets(frame)
    assert (packet.message, packet.replay) == ("M1", 1)
    assert frame.raw[packet.start : packet.start + len(PACKET)] == PACKET


def test_all_packets_of_an_amsdu_in_their_order() -> None:
    parts = [b"\xaa\xaa\x03\0\0\0\x08" + bytes((number,)) * (number + 1) for number in range(9)]
    body = b"".join(filled(subframe(each)) for each in parts)
    frame = made(header(QOS, 0x01, [AP, STA, AP], 1, bytes((A_MSDU, 0))) + body)
    assert [frame.raw[start:end] for start, end in payloads(frame)] == parts


def test_what_poses_as_an_amsdu_is_read_both_ways() -> None:
    frame = made(posing_as_amsdu(PACKET, STA, AP, 1))
    assert poses_as_amsdu(frame)
    assert payloads(frame)[0] == (frame.body, frame.end)
    assert not poses_as_amsdu(made(amsdu_second(PACKET, STA, AP, 1)))
    assert not poses_as_amsdu(made(qos(PACKET, STA, AP, 1)))


def test_what_was_made_to_be_read_as_an_amsdu_is_known_by_its_lengths() -> None:
    start = header(QOS, 0x01, [AP, STA, AP], 1, bytes((A_MSDU, 0)))
    first, second = filled(subframe(bytes(9), da=SNAP)), subframe(PACKET)
    raw = start + first + second
    frame = made(raw)
    assert poses_as_amsdu(frame)
    assert fills_as_amsdu(frame)
    assert [packet.message for packet in eapol_packets(frame)] == ["M1"]
    assert not fills_as_amsdu(made(raw[:-1])), "the last one is longer than the frame"
    assert not fills_as_amsdu(made(raw + bytes(4))), "octets are left over"
    assert not fills_as_amsdu(made(start + first)), "one subframe is what chance makes"
    assert not fills_as_amsdu(made(posing_as_amsdu(PACKET, STA, AP, 1)))


@pytest.mark.parametrize("kind", [0x48, 0xC8, 0xD8, 0xE8, 0x80, 0xB4], ids=hex)
def test_frames_without_data_carry_nothing(kind: int) -> None:
    assert payloads(made(bytes((kind,)) + plain(PACKET, STA, AP, 1)[1:])) == ()


@pytest.mark.parametrize("wrap", WRAPS, ids=name_of)
def test_what_is_encrypted_is_not_looked_into(wrap: Wrap) -> None:
    raw = bytearray(wrap(PACKET, STA, AP, 1))
    raw[1] |= 0x40
    assert payloads(made(bytes(raw))) == ()


def test_a_queue_size_is_no_mesh_control() -> None:
    # 0x42 0x42 0x03, a spanning tree's: no SNAP header, and the bit of mesh control is set by a queue's size.
    packet = b"\x42\x42\x03" + bytes(35)
    frame = made(four_addresses_qos(packet, STA, AP, 1))
    assert payloads(frame) == ((frame.body, frame.end),)


def test_a_group_frame_of_a_mesh_has_mesh_control_too() -> None:
    group = b"\x01\0\x5e\0\0\x16"
    for extension in (0, 1):
        control = mesh_control(extension)
        frame = made(header(QOS, 0x02, [group, AP, STA], 1, b"\0\x01") + control + IP)
        assert payloads(frame) == ((frame.body + len(control), frame.end),)


def test_ethertypes() -> None:
    assert ethertype(IP, 0, len(IP)) == b"\x08\0"
    assert ethertype(b"x" + IP, 1, 9) == b"\x08\0"
    assert ethertype(IP, 0, 7) == b""
    assert ethertype(b"\x42\x42\x03" + bytes(9), 0, 12) == b""


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=20), st.booleans(), st.integers(0, 2))
def test_what_was_put_into_an_amsdu_comes_out(parts: list[bytes], mesh: bool, extension: int) -> None:
    control = mesh_control(extension) if mesh else b""
    body = b"".join(filled(subframe(control + each, size=len(each))) for each in parts)
    frame = made(header(QOS, 0x03, [AP, STA, AP, STA], 1, bytes((A_MSDU, mesh))) + body)
    found = [frame.raw[start:end] for start, end in payloads(frame)]
    assert found[-len(parts) :] == parts if parts else not found


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=120), st.sampled_from([b"", SNAP, PACKET[:40]]))
def test_any_octets_have_payloads_within_the_frame(control: int, flags: int, rest: bytes, packet: bytes) -> None:
    raw = bytes((control, flags)) + rest + packet
    frame = parse(RAW, (1000.0, raw, len(raw)))
    for start, end in payloads(frame):
        assert frame.body <= start < end <= frame.end
    assert all(packet.end <= frame.end for packet in eapol_packets(frame))


@given(st.sampled_from(WRAPS), st.integers(24, 200), st.lists(st.tuples(st.integers(24, 160), st.integers(0, 255))))
def test_frames_cut_short_and_damaged(wrap: Wrap, length: int, damage: list[tuple[int, int]]) -> None:
    raw = bytearray(wrap(PACKET, STA, AP, 1))
    for at, octet in damage:
        raw[at % len(raw)] = octet
    cut = bytes(raw[:length])
    frame = parse(RAW, (1000.0, cut, len(raw)))
    assert all(frame.body <= start and end <= frame.end for start, end in payloads(frame))
    eapol_packets(frame)


def test_many_empty_subframes_are_walked_once() -> None:
    frame = made(header(QOS, 0x01, [AP, STA, AP], 1, bytes((A_MSDU, 0))) + filled(subframe(b"")) * 700)
    assert not payloads(frame)

"""Remote ID: its messages, alone and in packs, in beacons and in NAN frames."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.wifi.remote_id import RemoteId, parse_action, parse_element


def basic(uas_id: bytes, aircraft: int = 2) -> bytes:
    return bytes((0x02, 0x10 | aircraft)) + uas_id.ljust(20, b"\0") + bytes(3)


def _place(latitude: float, longitude: float) -> bytes:
    return b"".join(round(each * 1e7).to_bytes(4, "little", signed=True) for each in (latitude, longitude))


def location(latitude: float, longitude: float, *, speed: int = 20, fast: bool = False, height: int = 2200) -> bytes:
    head = bytes((0x12, 0x20 | fast, 90, speed, 0))
    return head + _place(latitude, longitude) + bytes(4) + height.to_bytes(2, "little") + bytes(6)


def system(latitude: float, longitude: float) -> bytes:
    return b"\x42\x01" + _place(latitude, longitude) + bytes(15)


def operator(text: bytes) -> bytes:
    return b"\x52\x00" + text.ljust(20, b"\0") + bytes(3)


def words(text: bytes) -> bytes:
    return b"\x32\x00" + text.ljust(23, b"\0")


def pack(*messages: bytes) -> bytes:
    return bytes((0xF2, 25, len(messages))) + b"".join(messages)


def nan(messages: bytes) -> bytes:
    info = b"\x07" + messages
    descriptor = b"\x88\x69\x19\x9d\x92\x09" + b"\x01\x00\x10" + bytes((len(info),)) + info
    cluster = b"\x01\x0d\x00" + bytes(13)
    return b"\x04\x09\x50\x6f\x9a\x13" + cluster + b"\x03" + len(descriptor).to_bytes(2, "little") + descriptor


def element(messages: bytes) -> RemoteId | None:
    payload = b"\xfa\x0b\xbc\x0d\x01" + messages
    return parse_element(payload, 4, len(payload))


def test_everything_in_a_pack() -> None:
    whole = pack(basic(b"1596F1"), location(48.2, -16.37), words(b"survey"), system(48.21, 0.5), operator(b"AUT-1"))
    assert element(whole) == RemoteId(
        uas_id=b"1596F1",
        aircraft="helicopter or multirotor",
        position=(48.2, -16.37),
        height=100.0,
        speed=5.0,
        pilot=(48.21, 0.5),
        operator=b"AUT-1",
        words=b"survey",
    )


def test_the_same_in_service_discovery() -> None:
    body = nan(pack(basic(b"1596F1"), location(1.5, 2.5)))
    said = parse_action(body, 0, len(body))
    assert said is not None
    assert (said.uas_id, said.position) == (b"1596F1", (1.5, 2.5))


def test_fast_ones_count_in_larger_steps() -> None:
    said = element(location(1, 1, speed=10, fast=True))
    assert said is not None
    assert said.speed == 71.25


def test_what_is_not_known_is_not_told() -> None:
    said = element(location(0, 0, speed=255, fast=True, height=0))
    assert said is not None
    assert (said.position, said.speed, said.height) == (None, None, None)
    nowhere = element(location(95, 10))
    assert nowhere is not None
    assert nowhere.position is None


def test_what_is_no_message_is_none() -> None:
    assert element(b"") is None
    assert element(b"\x02" * 24) is None
    assert element(bytes((0xF2, 24, 1)) + bytes(25)) is None
    assert element(bytes((0xF2, 25))) is None
    assert element(pack(bytes((0x72,)) + bytes(24))) is None
    body = nan(pack(basic(b"X")))
    assert parse_action(body[:30], 0, 30) is None
    assert parse_action(b"\x04\x09\x50\x6f\x9a\x09" + body[6:], 0, len(body)) is None


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_any_octets(raw: bytes, start: int, end: int) -> None:
    parse_element(raw, start, end)
    parse_action(raw, start, end)
    body = nan(raw[:200])
    parse_action(body, 0, min(end, len(body)))


def test_a_later_frame_takes_the_place_of_what_it_knows() -> None:
    before = RemoteId(uas_id=b"112", aircraft="glider", height=12.0, speed=8.0)
    landed = before.updated(RemoteId(height=0.0, speed=0.0, operator=b"OP"))
    assert landed == RemoteId(uas_id=b"112", aircraft="glider", height=0.0, speed=0.0, operator=b"OP")

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.survey.air import RATES, RSN, beacon, ds, element, load, tim

from whimbrel.survey.beacons import Announcement
from whimbrel.wifi.elements import parse_elements
from whimbrel.wifi.frames import Frame


def announce(frame: Frame, volatile: frozenset[int | bytes] = frozenset()) -> Announcement:
    raw, body, end = frame.raw, frame.body, frame.end
    elements = parse_elements(raw, body + 12, end)
    interval = int.from_bytes(raw[body + 8 : body + 10], "little")
    made = Announcement(elements, interval, int.from_bytes(raw[body + 10 : body + 12], "little"), 0)
    made.cut_up(body, end, volatile)
    return made


def matches(said: Announcement, frame: Frame) -> bool:
    return said.matches(frame.raw, frame.body, frame.end)


numbers = st.sampled_from([0, 1, 3, 5, 5, 11, 48, 61, 221, 255, 66])
elements = st.lists(st.builds(element, numbers, st.binary(max_size=12)), max_size=6).map(b"".join)
bodies = st.one_of(elements, st.binary(max_size=40))


@given(first=bodies, second=bodies)
def test_what_matches_means_the_same(first: bytes, second: bytes) -> None:
    said, other = beacon(first), beacon(second, tsf=99)
    if matches(announce(said), other):
        assert announce(other).meaning == announce(said).meaning
        assert [number for number, *_ in announce(other).spans] == [number for number, *_ in announce(said).spans]


@given(body=bodies, tsf=st.integers(0, 2**64 - 1))
def test_every_body_matches_itself_at_any_time(body: bytes, tsf: int) -> None:
    assert matches(announce(beacon(body)), beacon(body, tsf=tsf))


@given(body=elements, at=st.integers(0, 60), bit=st.integers(0, 7))
def test_no_changed_bit_of_a_meaningful_element_is_missed(body: bytes, at: int, bit: int) -> None:
    rest = element(0, b"harbour") + RATES + ds(6) + RSN
    changed = bytearray(rest)
    changed[at % len(rest)] ^= 1 << bit
    assert not matches(announce(beacon(rest + tim() + body)), beacon(bytes(changed) + tim() + body))


@given(garbage=st.binary(max_size=60), cut=st.integers(0, 80))
def test_total_for_any_bytes(garbage: bytes, cut: int) -> None:
    said = announce(beacon(element(0, b"x") + RATES + tim() + garbage))
    raw = beacon(element(0, b"x") + RATES + tim() + garbage).raw
    said.matches(raw[:cut], 24, min(cut, len(raw)))
    said.matches(garbage, 24, len(garbage))


def test_traffic_map_of_any_length() -> None:
    front, back = element(0, b"x") + RATES, load(1, 2) + RSN
    said = announce(beacon(front + tim(b"\1") + back))
    for size in range(1, 251):
        assert matches(said, beacon(front + tim(bytes(size)) + load(size, 9) + RSN))


def test_traffic_map_does_not_hide_what_follows_it() -> None:
    said = announce(beacon(element(0, b"x") + tim(b"\0") + RSN))
    assert not matches(said, beacon(element(0, b"x") + tim(b"\0") + element(66, b"\1") + RSN))
    assert not matches(said, beacon(element(0, b"x") + tim(b"\0") + RSN + b"\0\0"))
    assert not matches(said, beacon(element(0, b"x") + tim(b"\0") + RSN[:-1]))


def test_nothing_but_a_traffic_map_id() -> None:
    said = announce(beacon(tim()))
    frame = beacon(b"\x05")
    assert not matches(said, frame)


def test_several_volatile_elements() -> None:
    churning = element(221, b"\0\x0c\x42\0aaaa")
    calm = element(221, b"\0\x0c\x43\0aaaa")
    said = announce(beacon(element(0, b"x") + tim() + load(1, 1) + churning + RSN), frozenset({b"\0\x0c\x42\0"}))
    assert matches(said, beacon(element(0, b"x") + tim(b"\0\0") + load(2, 2) + churning[:-4] + b"bbbb" + RSN))
    assert not matches(said, beacon(element(0, b"x") + tim() + load(1, 1) + calm + RSN))

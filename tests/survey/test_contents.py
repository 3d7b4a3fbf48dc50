from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.survey.air import RATES, RSN, beacon, ds, element, load, tim
from tests.survey.test_beacons import announce, elements, numbers

from whimbrel.survey.beacons import Announcement
from whimbrel.survey.contents import Contents

names = st.one_of(st.binary(max_size=40), st.binary(max_size=3).map(lambda name: name + b"\0\0"))


def parts(said: Announcement) -> dict[str, object]:
    shown = {slot: getattr(said, slot) for slot in Announcement.__slots__ if slot not in {"_fingerprint", "content"}}
    return shown | {"fingerprint": said.fingerprint}


@given(first=names, second=names, rest=elements, tail=st.binary(max_size=3), tsf=st.integers(0, 2**64 - 1))
def test_a_frame_with_another_name_says_what_it_would_say_parsed(
    first: bytes, second: bytes, rest: bytes, tail: bytes, tsf: int
) -> None:
    contents = Contents()
    one = beacon(element(0, first) + RATES + ds(6) + tim() + rest + tail)
    contents.keep(one, announce(one))
    other = beacon(element(0, second) + RATES + ds(6) + tim() + rest + tail, tsf=tsf)
    found = contents.find(other)
    if found is not None:
        assert parts(found) == parts(announce(other))


def test_two_names_of_one_content_share_what_is_noted_about_it() -> None:
    contents = Contents()
    one, other = (beacon(element(0, name) + RATES + ds(6)) for name in (b"harbour", b"kitchen"))
    said = announce(one)
    contents.keep(one, said)
    found = contents.find(other)
    assert found is not None
    assert found.content is said.content
    assert announce(other).content is not said.content


@given(first=st.lists(st.builds(element, numbers, st.binary(max_size=12)), max_size=4), data=st.data())
def test_a_frame_that_says_something_else_is_not_found(first: list[bytes], data: st.DataObject) -> None:
    contents = Contents()
    one = beacon(element(0, b"harbour") + ds(6) + b"".join(first))
    contents.keep(one, announce(one))
    changed = bytearray(element(0, b"harbour") + ds(6) + b"".join(first))
    at = data.draw(st.integers(9, len(changed) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    assert contents.find(beacon(bytes(changed))) is None


def test_the_second_access_point_of_a_building_is_known_by_the_first() -> None:
    contents = Contents()
    one = beacon(element(0, b"harbour") + RATES + ds(6) + tim() + RSN)
    contents.keep(one, announce(one))
    found = contents.find(beacon(element(0, b"seaside") + RATES + ds(6) + tim() + RSN, tsf=7))
    assert found is not None
    assert found.ssid == b"seaside"
    assert found.security is announce(one).security


def test_hidden_names_further_networks_and_frames_without_a_channel_are_left_out() -> None:
    multiple = element(71, b"\x01")
    for body in (
        element(0, b"") + ds(6),
        element(0, bytes(7)) + ds(6),
        element(0, b"harbour") + RATES,
        element(0, b"harbour") + ds(6) + multiple,
        ds(6) + element(0, b"harbour"),
        element(0, b"n" * 33) + ds(6),
    ):
        contents = Contents()
        frame = beacon(body)
        contents.keep(frame, announce(frame))
        assert contents.find(frame) is None


def test_a_name_that_hides_is_parsed() -> None:
    contents = Contents()
    one = beacon(element(0, b"harbour") + RATES + ds(6))
    contents.keep(one, announce(one))
    assert contents.find(beacon(element(0, bytes(7)) + RATES + ds(6))) is None


def test_a_flood_of_contents_keeps_the_newest() -> None:
    contents = Contents()
    frames = [beacon(element(0, b"harbour") + ds(6) + load(number, number)) for number in range(200)]
    for frame in frames:
        contents.keep(frame, announce(frame))
    assert contents.find(frames[0]) is None
    assert contents.find(frames[-1]) is not None

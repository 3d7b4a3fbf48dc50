from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.capture.reading import read
from tests.lab import frames as made
from tests.recording.frames import NOW, data_frame, heard

from whimbrel.capture import pcapng_blocks
from whimbrel.geo import Position
from whimbrel.recording.packing import packed, packed_place
from whimbrel.recording.selection import Payload
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import AVS, IEEE802_11, PPI, PRISM, RADIOTAP, parse

HEAD = pcapng_blocks.section(application="a test") + pcapng_blocks.interface()


def back(frame: Frame, payload: Payload = Payload.KEEP, snap_length: int = 0) -> Frame:
    outcome = read(HEAD + packed(frame, payload, snap_length))
    assert outcome.error is None
    return parse(RADIOTAP, outcome.records[0])


@pytest.mark.parametrize("captured", [len(made.BEACON), len(made.BEACON) - 6])
def test_a_frame_is_written_as_it_was_captured(captured: int) -> None:
    frame = heard(made.BEACON[:captured], length=len(made.BEACON))
    again = back(frame)
    assert (again.raw, again.time, again.length, again.cut) == (frame.raw, NOW, frame.length, frame.cut)


def test_a_frame_that_is_cut_says_how_long_it_was() -> None:
    frame = data_frame(bytes(200), protected=True)
    again = back(frame, Payload.CUT)
    assert len(again.raw) == frame.body + 8
    assert (again.length, again.cut, again.kind, again.ta) == (frame.length, True, frame.kind, frame.ta)


@pytest.mark.parametrize("link_type", [IEEE802_11, PRISM, AVS, PPI])
@settings(deadline=None)
@given(octets=st.binary(max_size=80), length=st.integers(0, 400))
def test_frames_with_another_header_get_one_of_radiotap(link_type: int, octets: bytes, length: int) -> None:
    frame = parse(link_type, (NOW, octets, max(length, len(octets))))
    again = back(frame)
    assert again.raw[again.start :] == frame.raw[frame.start : max(frame.start, frame.end)]


def test_a_bare_frame_keeps_its_length() -> None:
    frame = parse(IEEE802_11, (NOW, made.BEACON[len(made.RADIOTAP) :], 300))
    again = back(frame)
    assert (again.length, again.kind, again.cut) == (frame.length, frame.kind, True)


@settings(deadline=None)
@given(st.binary(max_size=120), st.integers(0, 300), st.floats(-1e9, 4e9), st.sampled_from(Payload), st.integers(0, 60))
def test_any_octets_are_written_and_read_back(
    octets: bytes, length: int, time: float, payload: Payload, snap_length: int
) -> None:
    frame = heard(octets, time, length)
    outcome = read(HEAD + packed(frame, payload, snap_length, ["told"], 3))
    assert outcome.error is None
    assert len(outcome.records) == 1


def test_a_place_is_written_with_a_frame() -> None:
    place = packed_place(Position(latitude=54.1, longitude=8.1, altitude=12.0, error=5.0, time=NOW))
    assert place == pcapng_blocks.position(54.1, 8.1, 12.0)
    assert place in packed(heard(made.BEACON), Payload.KEEP, 0, place=place)

"""Frames kept as evidence: the first, the last, and not too much."""

from __future__ import annotations

from tests.survey.air import AP, STA, frame

from whimbrel.detections.evidence import FIRST, LAST, OCTETS, KeptFrames


def test_the_first_and_the_last_are_kept() -> None:
    frames = [frame(0x0C, STA, AP, AP, b"\7\0", seq=n) for n in range(1000)]
    evidence = KeptFrames(frames)
    assert [each.seq for each in evidence.frames] == [*range(FIRST), *range(1000 - LAST, 1000)]
    assert len(evidence) == FIRST + LAST
    assert evidence.left_out == 1000 - FIRST - LAST


def test_a_frame_that_two_rules_have_named_is_kept_once() -> None:
    one, two = frame(0x0C, STA, AP, AP, b"\7\0"), frame(0x0C, STA, AP, AP, b"\7\0")
    assert len(KeptFrames([one, one, two, two])) == 2


def test_the_newest_of_many_is_kept_once_too() -> None:
    frames = [frame(0x0C, STA, AP, AP, b"\7\0", seq=n) for n in range(FIRST + 2)]
    evidence = KeptFrames([*frames, frames[-1]])
    evidence.add(frames[-1])
    assert evidence.frames == tuple(frames)
    evidence.add(frames[0])
    assert len(evidence) == FIRST + 3, "only the newest is compared"


def test_large_frames_make_room_sooner() -> None:
    frames = [frame(0x08, STA, AP, AP, bytes(2000), seq=n) for n in range(100)]
    evidence = KeptFrames(frames)
    assert sum(len(each.raw) for each in evidence.frames) <= OCTETS
    assert evidence.frames[0] is frames[0]
    assert evidence.frames[-1] is frames[-1]
    assert len(evidence) + evidence.left_out == 100

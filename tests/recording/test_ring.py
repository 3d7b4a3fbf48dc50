from __future__ import annotations

import gc
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab import frames as made
from tests.recording.frames import NOW, data_frame, numbered

from whimbrel.recording.counts import Counts
from whimbrel.recording.packing import octets_of, packed, time_of
from whimbrel.recording.ring import OVERHEAD, RECORD_OVERHEAD, FrameRing
from whimbrel.recording.selection import Payload
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import IEEE802_11, RADIOTAP, parse


def size_of(frames: list[Frame]) -> int:
    return sum(len(frame.raw) + RECORD_OVERHEAD for frame in frames)


def held(ring: FrameRing) -> list[list[Frame | CaptureRecord]]:
    return [list(batch.heard) for batch in ring.batches()]


def records_of(frames: list[Frame]) -> list[CaptureRecord]:
    return [(frame.time, frame.raw, len(frame.raw)) for frame in frames]


@pytest.mark.parametrize("told", [True, False])
def test_it_holds_the_very_octets_and_no_frame(told: bool) -> None:
    ring = FrameRing(1 << 20, 60.0)
    first, second = numbered(0, 3), numbered(3, 2)
    known = [sys.getrefcount(frame) for frame in (first[0], second[1])]
    for frames in (first, second):
        ring.add(frames, records_of(frames) if told else ())
    assert [sys.getrefcount(frame) for frame in (first[0], second[1])] == known
    heard = [record for batch in held(ring) for record in batch]
    assert heard == records_of(first + second)
    assert all(octets_of(record) is frame.raw for record, frame in zip(heard, first + second, strict=True))
    assert ring.octets == size_of(first + second)


def test_records_are_held_as_they_came() -> None:
    ring = FrameRing(1 << 20, 60.0)
    frames = numbered(0, 3)
    records = records_of(frames)
    ring.add(frames, records)
    assert ring.batches()[0].heard is records


def test_frames_without_a_radiotap_header_stay_frames() -> None:
    ring = FrameRing(1 << 20, 60.0)
    bare = [parse(IEEE802_11, (NOW, frame.raw[frame.start :], len(frame.raw))) for frame in numbered(0, 3)]
    ring.add(bare)
    assert held(ring) == [bare]
    assert ring.octets == sum(len(frame.raw) + OVERHEAD for frame in bare)


AIR = (made.BEACON, data_frame(bytes(60), protected=True).raw, data_frame(bytes(60), protected=False).raw)
OCTETS = st.binary(max_size=60) | st.tuples(st.sampled_from(AIR), st.integers(0, 200)).map(lambda cut: cut[0][: cut[1]])


@given(st.lists(st.tuples(OCTETS, st.integers(0, 400)), min_size=1, max_size=8), st.sampled_from(Payload))
def test_what_is_written_of_it_is_what_is_written_of_the_frames(
    records: list[tuple[bytes, int]], payload: Payload
) -> None:
    frames = [parse(RADIOTAP, (NOW, raw, len(raw) + more)) for raw, more in records]
    ring = FrameRing(1 << 20, 60.0)
    ring.add(frames)
    (batch,) = held(ring)
    assert [packed(record, payload) for record in batch] == [packed(frame, payload) for frame in frames]


def test_what_is_older_than_its_time_goes() -> None:
    ring = FrameRing(1 << 20, 10.0)
    for number in range(20):
        ring.add(numbered(number, 1, begin=NOW + number))
    assert len(ring.batches()) == 11
    assert ring.seconds == 10.0


def test_a_clock_that_is_set_does_not_empty_it() -> None:
    ring = FrameRing(1 << 20, 10.0)
    ring.add(numbered(0, 1, begin=NOW))
    ring.shift(1e6)
    ring.add(numbered(1, 1, begin=NOW + 1e6 + 1))
    assert len(ring.batches()) == 2
    ring.add(numbered(2, 1, begin=NOW + 1e6 + 12))
    assert len(ring.batches()) == 1


@given(st.lists(st.tuples(st.integers(1, 64), st.floats(-5, 50)), min_size=1, max_size=30), st.integers(0, 100_000))
def test_it_takes_no_more_than_it_may_and_keeps_the_newest(batches: list[tuple[int, float]], octets: int) -> None:
    ring = FrameRing(octets, 20.0)
    now = NOW
    for count, gap in batches:
        now += gap
        frames = numbered(0, count, begin=now, pace=0)
        ring.add(frames)
        kept = held(ring)
        assert [octets_of(record) for record in kept[-1]] == [frame.raw for frame in frames]
        assert ring.octets == sum(len(octets_of(record)) + RECORD_OVERHEAD for batch in kept for record in batch)
        assert ring.octets <= octets or len(kept) == 1
        assert time_of(kept[0][-1]) >= now - 20.0


def test_a_frame_takes_no_more_memory_than_is_counted() -> None:
    ring = FrameRing(1 << 30, 1e6)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(100):
            frames = numbered(64 * number, 64, size=200)
            ring.add(frames, records_of(frames))
            del frames
        taken = tracemalloc.get_traced_memory()[0] - before
        assert taken <= ring.octets <= 2 * taken
    finally:
        tracemalloc.stop()


def test_the_garbage_collector_has_next_to_nothing_to_follow() -> None:
    ring = FrameRing(1 << 30, 1e6)
    gc.collect()
    before = len(gc.get_objects())
    for number in range(100):
        frames = numbered(64 * number, 64)
        ring.add(frames, records_of(frames))
    del frames
    gc.collect()
    assert len(gc.get_objects()) - before <= 100 * 5


def test_a_frame_that_is_kept_as_one_takes_no_more_either() -> None:
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        batches = [numbered(64 * i, 64, size=200) for i in range(40)]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    counted = sum(len(frame.raw) + OVERHEAD for batch in batches for frame in batch)
    assert taken <= counted <= 2 * taken


def test_gaps_and_the_counts_of_the_radio_are_beside_the_batches() -> None:
    ring = FrameRing(1 << 20, 10.0)
    ring.lose(5)
    assert not ring.batches()
    for second in range(3):
        ring.add(numbered(second, 1, begin=NOW + second), counts=Counts(second, 0))
        ring.lose(second)
    assert [(len(each.heard), each.lost, each.counts.received) for each in ring.batches()] == [
        (1, 5, 0),
        (1, 0, 1),
        (1, 1, 2),
        (0, 2, 2),
    ]
    ring.add(numbered(9, 1, begin=NOW + 12), counts=Counts(9, 0))
    assert [(each.lost, each.counts.received) for each in ring.batches()] == [(1, 2), (2, 9)]

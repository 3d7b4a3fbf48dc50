from __future__ import annotations

import gc
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st
from tests.recording.frames import NOW, numbered

from whimbrel.recording.ring import OVERHEAD, FrameRing
from whimbrel.wifi.frames import Frame


def size_of(frames: list[Frame]) -> int:
    return sum(len(frame.raw) + OVERHEAD for frame in frames)


def test_it_holds_the_very_batches() -> None:
    ring = FrameRing(1 << 20, 60.0)
    first, second = numbered(0, 3), numbered(3, 2)
    ring.add(first)
    ring.add(second)
    assert [batch is given for batch, given in zip(ring.batches(), (first, second), strict=True)] == [True, True]
    assert ring.octets == size_of(first + second)


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
        held = ring.batches()
        assert held[-1] is frames
        assert ring.octets == sum(size_of(list(batch)) for batch in held)
        assert ring.octets <= octets or len(held) == 1
        assert held[0][-1].time >= now - 20.0


def test_a_frame_takes_no_more_memory_than_is_counted() -> None:
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        batches = [numbered(64 * i, 64, size=200) for i in range(40)]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    counted = sum(size_of(batch) for batch in batches)
    assert taken <= counted <= 2 * taken

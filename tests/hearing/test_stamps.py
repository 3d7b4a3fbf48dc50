from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.hearing.stamps import BACK, LONGEST, SILENCE, Stamps, Stretch, moved
from whimbrel.wifi.capture_record import CaptureRecord

NOW = 1_700_000_000.0


def records(stamps: list[float]) -> list[CaptureRecord]:
    return [(stamp, b"%d" % number, 9) for number, stamp in enumerate(stamps)]


def believed(stamps: list[float], batch: int = 64, keeper: Stamps | None = None) -> tuple[list[float], list[float]]:
    """Return the accepted times of `stamps`, and the steps of the clock; every record comes out, in order."""
    keeper = keeper or Stamps()
    stretches: list[Stretch] = []
    sent = records(stamps)
    for first in range(0, len(sent), batch):
        part = sent[first : first + batch]
        stretches += [(0.0, part)] if keeper.go_on(part) else keeper.take(part, wait=True)
    stretches += keeper.release()
    out = [record for _, part in stretches for record in part]
    assert [record[1:] for record in out] == [record[1:] for record in sent]
    return [record[0] for record in out], [step for step, _ in stretches if step]


def steady(count: int, start: float = NOW, apart: float = 0.1) -> list[float]:
    return [start + apart * number for number in range(count)]


batches = pytest.mark.parametrize("batch", [1, 2, 3, 7, 64])


@batches
def test_what_goes_on_is_believed(batch: int) -> None:
    stamps = steady(200)
    assert believed(stamps, batch) == (stamps, [])


@batches
@pytest.mark.parametrize("wild", [-8e-6, 0.0, -5e8, NOW - 3.0, NOW + 90, NOW + 4294.97, NOW + 5e8, 4294967295.0, 1e300])
@pytest.mark.parametrize("place", [1, 2, 57, 100, 198, 199])
def test_one_wild_stamp_moves_nothing(batch: int, wild: float, place: int) -> None:
    stamps = steady(200)
    odd = [*stamps[:place], wild, *stamps[place + 1 :]]
    times, steps = believed(odd, batch)
    assert steps == []
    assert [time for index, time in enumerate(times) if index != place] == stamps[:place] + stamps[place + 1 :]
    assert abs(times[place] - stamps[place]) <= 0.2


@pytest.mark.parametrize("wild", [-5e8, 0.0, NOW + 4294.97, NOW + 5e8])
def test_a_wild_stamp_at_the_beginning_moves_nothing(wild: float) -> None:
    stamps = steady(50)
    times, steps = believed([wild, *stamps])
    assert (times, steps) == ([NOW, *stamps], [])


@batches
@pytest.mark.parametrize("step", [-1.7e9, -3600.0, -10.0, SILENCE + 10, 1.7e9])
def test_a_clock_that_was_set_is_told_in_its_place(batch: int, step: float) -> None:
    stamps = steady(30) + steady(30, NOW + 3 + step)
    times, steps = believed(stamps, batch)
    assert times == stamps
    assert steps == [pytest.approx(step + 0.1, abs=0.01)]


@batches
@pytest.mark.parametrize("gap", [5.0, 59.0, 600.0, LONGEST - 1, LONGEST + 10, 86400.0, SILENCE - 10])
def test_silence_is_time_that_passes(batch: int, gap: float) -> None:
    stamps = steady(30) + steady(30, NOW + 3 + gap)
    assert believed(stamps, batch) == (stamps, [])


@batches
def test_frames_that_are_far_apart_are_believed(batch: int) -> None:
    stamps = steady(40, apart=59.0)
    assert believed(stamps, batch) == (stamps, [])


@batches
def test_two_clocks_in_turn_never_go_ahead(batch: int) -> None:
    stamps = list(itertools.chain.from_iterable(zip(steady(50), steady(50, NOW - 7), strict=True)))
    times, steps = believed(stamps, batch)
    assert steps == []
    assert times == sorted(times)
    assert math.isclose(times[-1], NOW + 4.9)


def test_a_few_frames_of_each_of_two_clocks_in_turn_never_go_ahead() -> None:
    stamps = []
    for turn in range(20):
        stamps += steady(6, NOW + turn) + steady(6, NOW + turn - 7)
    _, steps = believed(stamps)
    assert abs(sum(steps)) <= 8


@given(st.data())
def test_no_damage_reaches_the_sound_stamps(data: st.DataObject) -> None:
    stamps = steady(40)
    places = data.draw(st.sets(st.integers(1, 12), max_size=4).map(lambda chosen: {3 * place for place in chosen}))
    wild = st.one_of(st.floats(-4e9, NOW - 3), st.floats(NOW + 70, 5e9))
    odd = [data.draw(wild) if place in places else stamp for place, stamp in enumerate(stamps)]
    times, steps = believed(odd, data.draw(st.sampled_from([1, 5, 64])))
    assert steps == []
    assert all(
        time == stamp for place, (time, stamp) in enumerate(zip(times, stamps, strict=True)) if place not in places
    )


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), max_size=60))
def test_believed_times_less_their_steps_never_jump(stamps: list[float]) -> None:
    keeper = Stamps()
    stretches = keeper.take(records(stamps), wait=True) + keeper.release() if stamps else []
    clock = None
    for step, part in stretches:
        if step and clock is not None:
            clock += step
        for time, _, _ in part:
            assert clock is None or clock - BACK <= time <= clock + SILENCE or math.isclose(time, clock, abs_tol=1.0)
            clock = time if clock is None else max(clock, time)


@pytest.mark.parametrize("step", [-1.7e9, -3600.0, -5.0, 5.0, 3600.0, 1.7e9])
def test_frames_from_before_a_step_that_was_told_are_moved(step: float) -> None:
    keeper = Stamps(LONGEST)
    stamps = steady(10)
    assert believed(stamps, keeper=keeper) == (stamps, [])
    keeper.told(step)
    late = steady(4, NOW + 1)
    new = steady(10, NOW + 1.4 + step)
    times, steps = believed(late + new, keeper=keeper)
    assert steps == []
    assert times == [pytest.approx(stamp + step) for stamp in late] + new


def test_moved_is_to_the_nearer_side() -> None:
    assert moved(5.0, 100.0, 105.0) == 105.0
    assert moved(105.0, 100.0, 105.0) == 105.0
    assert moved(5.0, 0.0, 105.0) == 5.0

from __future__ import annotations

import functools
import itertools
import statistics
import time
import tracemalloc

import pytest
from tests.drivers.sim.scenes import START, build, one, parsed, play

from whimbrel.drivers.sim import library, world
from whimbrel.wifi import fcs, kinds
from whimbrel.wifi.capture_record import CaptureRecord

SCENES = library.names()


@functools.cache
def heard(scene: str, seconds: float, freq: int | None = None) -> list[CaptureRecord]:
    """Return the records of seed 1; several tests look at the same."""
    return records(scene, 1, seconds, freq)


def records(scene: str, seed: int, seconds: float, freq: int | None = None) -> list[CaptureRecord]:
    air = world.build(library.load(scene), seed, start=START).air
    air.tune(freq)
    return list(air.until(seconds))


@pytest.mark.parametrize("scene", SCENES)
def test_the_same_seed_gives_the_same_bytes_at_the_same_times(scene: str) -> None:
    first, second = records(scene, 3, 10), records(scene, 3, 10)
    assert first == second
    assert records(scene, 4, 10) != first


@pytest.mark.parametrize("scene", SCENES)
def test_times_never_go_back_and_are_the_scenes_own(scene: str) -> None:
    times = [when for when, _, _ in heard(scene, 30)]
    assert times == sorted(times)
    assert times[0] >= START
    assert START + 29 < times[-1] <= START + 30


def test_how_far_the_air_is_asked_at_a_time_changes_nothing() -> None:
    whole = records("home", 1, 6)
    air = world.build(library.load("home"), 1, start=START).air
    parts = [list(air.until(step / 7)) for step in range(1, 43)]
    assert list(itertools.chain.from_iterable(parts)) == whole


def test_a_tuned_radio_hears_only_its_channel_and_the_neighbours_faintly() -> None:
    everything = heard("home", 30)
    on_36 = records("home", 1, 30, 5180)
    assert on_36 == [r for r, f in zip(everything, parsed(everything), strict=True) if f.freq == 5180]
    own = {f.bssid: f.rssi for f in parsed(records("home", 1, 30, 2437)) if f.kind == kinds.BEACON}
    beside = {f.bssid: f.rssi for f in parsed(records("home", 1, 30, 2432)) if f.kind == kinds.BEACON}
    both = own.keys() & beside.keys()
    assert both
    assert all((own[b] or 0) - (beside[b] or 0) >= 8 for b in both if own[b] is not None and b in _on(everything, 2437))


def _on(everything: list[CaptureRecord], freq: int) -> set[bytes | None]:
    return {f.bssid for f in parsed(everything) if f.freq == freq and f.kind == kinds.BEACON}


def test_radiotap_tells_the_channel_of_the_receiver() -> None:
    heard = records("home", 1, 20, 2432)
    assert {frame.freq for frame in parsed(heard)} == {2432}


def test_what_is_heard_changes_nothing_that_is_sent() -> None:
    moved = world.build(library.load("home"), 1, start=START).air
    heard = []
    for step, freq in enumerate([2412, 5180, 2437, None, 5975, None]):
        moved.tune(freq)
        heard += list(moved.until((step + 1) * 3))
    everything = records("home", 1, 18)
    tail = [r for r in everything if r[0] > START + 15]
    assert [r for r in heard if r[0] > START + 15] == tail


def test_frames_end_with_a_right_fcs_unless_the_receiver_says_otherwise() -> None:
    frames = list(parsed(heard("home", 30)))
    assert all(fcs.holds(frame) is not False for frame in frames if not frame.bad_fcs)
    without = build(one(), fcs=False)
    assert all(fcs.holds(frame) is None for frame in parsed(without.air.until(2)))


def test_the_faintest_arrive_damaged_now_and_then_and_say_so() -> None:
    text = "radios: [{name: far, channel: 1, position: [68, 0], networks: [{ssid: far, security: open}]}]"
    frames = play(text, 300)
    damaged = [frame for frame in frames if frame.bad_fcs]
    assert damaged
    assert len(damaged) < len(frames)
    assert all(frame.rssi is not None and frame.rssi < -86 for frame in damaged)


def test_nothing_malformed_comes_of_benign_scenes() -> None:
    for scene in ("home", "cafe"):
        broken = [frame for frame in parsed(heard(scene, 30)) if frame.malformed and not frame.bad_fcs]
        assert not broken


def test_a_day_passes_in_bounded_memory() -> None:
    text = one(station="habit: sensor, visit: {stays: 10min, away: 10min}", more="beacon_interval: 5000")
    air = build(text).air
    frames = 0
    for _ in air.until(7200):
        frames += 1
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in air.until(86_400):
            frames += 1
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert frames > 86_400 / 5.12
    assert after - before < 100_000


def test_an_empty_scene_is_silent() -> None:
    air = build("about: nobody").air
    assert list(air.until(60)) == []


def test_sending_a_frame_costs_a_small_part_of_building_it() -> None:
    made = build(one())
    bss = made.networks[0]
    clock = time.process_time
    ratios = []
    for turn in range(5):
        begun = clock()
        for _ in range(20):
            bss.build(None, [])
        building = (clock() - begun) / 40  # a beacon and a probe response each
        begun = clock()
        sent = sum(1 for _ in made.air.until((turn + 1) * 120))
        ratios.append(building / ((clock() - begun) / sent))
    assert statistics.median(ratios) > 20

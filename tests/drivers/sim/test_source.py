from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.drivers.sim.scenes import START, one, parsed

from whimbrel.drivers.ports import RadioGone, TuneError
from whimbrel.drivers.registry import SOURCES, TUNERS
from whimbrel.drivers.sim.settings import SimSettings
from whimbrel.drivers.sim.source import SimSource
from whimbrel.drivers.sim.tuner import SimTuner
from whimbrel.module import NotReady
from whimbrel.settings import Duration, evolve
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.linktypes import RADIOTAP


class Catch:
    """Collects delivered frames, and signals when there are enough."""

    def __init__(self, enough: int = 0) -> None:
        self.records: list[CaptureRecord] = []
        self.calls: list[int] = []
        self.enough = asyncio.Event()
        self._enough = enough

    def __call__(self, linktype: int, records: Sequence[CaptureRecord]) -> None:
        assert linktype == RADIOTAP
        self.calls.append(len(records))
        self.records += records
        if self._enough and len(self.records) >= self._enough:
            self.enough.set()


def fast(scene: str = "home", seconds: float = 5, seed: int = 7) -> SimSource:
    settings = SimSettings(scene=scene, seed=seed, speed=0, duration=Duration(seconds))
    return SimSource(settings, clock=lambda: START)


async def played(source: SimSource) -> Catch:
    catch = Catch()
    await source.open()
    await source.run(catch)
    return catch


async def test_it_ends_after_its_duration_and_counts_what_it_delivered() -> None:
    source = fast()
    catch = await played(source)
    assert max(catch.calls) <= 64
    assert source.losses() == (len(catch.records), 0)
    assert START <= catch.records[0][0] < catch.records[-1][0] <= START + 5
    await source.close()
    await source.close()


async def test_it_begins_anew_after_a_close() -> None:
    source = fast()
    first = await played(source)
    await source.close()
    second = await played(source)
    assert first.records == second.records


async def test_the_loop_gets_a_turn_between_deliveries() -> None:
    source = fast()
    await source.open()
    turns = 0
    seen: list[int] = []

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await source.run(lambda _linktype, _records: seen.append(turns))
    counting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await counting
    assert len(seen) > 10
    assert len(set(seen)) == len(seen)


async def test_it_keeps_time_with_the_loop() -> None:
    source = SimSource(SimSettings(speed=50.0, duration=Duration(20.0)))
    loop = asyncio.get_running_loop()
    await source.open()
    begun = loop.time()
    catch = Catch()
    await source.run(catch)
    assert loop.time() - begun >= 0.4
    assert catch.records[-1][0] - catch.records[0][0] > 19


async def test_it_can_be_cancelled_and_goes_on_where_it_was() -> None:
    source = SimSource(SimSettings(speed=20.0))
    await source.open()
    catch = Catch(200)
    running = asyncio.create_task(source.run(catch))
    await catch.enough.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    more = Catch(200)
    running = asyncio.create_task(source.run(more))
    await more.enough.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    times = [record[0] for record in catch.records + more.records]
    assert times == sorted(times)
    assert len({record[1] for record in more.records} & {record[1] for record in catch.records}) == 0


async def test_a_close_ends_a_run() -> None:
    source = SimSource(SimSettings(speed=20.0))
    await source.open()
    catch = Catch(50)
    running = asyncio.create_task(source.run(catch))
    await catch.enough.wait()
    await source.close()
    with pytest.raises(RadioGone):
        await running


async def test_the_tuner_says_what_is_heard() -> None:
    source = fast(seconds=10)
    tuner = SimTuner(source)
    await tuner.open()
    await tuner.tune(Channel(5180))
    catch = await played(source)
    assert catch.records
    assert {frame.freq for frame in parsed(catch.records)} == {5180}
    await tuner.close()


async def test_channels_are_those_of_the_bands_by_frequency() -> None:
    tuner = SimTuner(SimSource(SimSettings(bands=("6", "2.4"))))
    freqs = [channel.freq for channel in tuner.channels()]
    assert freqs == sorted(freqs)
    assert freqs[:2] == [2412, 2417]
    assert freqs[-1] == 7115
    assert not [freq for freq in freqs if 2500 < freq < 5950]


async def test_a_channel_that_the_radio_lacks_is_refused_for_good() -> None:
    tuner = SimTuner(SimSource(SimSettings(bands=("2.4",))))
    with pytest.raises(TuneError) as caught:
        await tuner.tune(Channel(5180))
    assert caught.value.forbidden


@pytest.mark.parametrize(("settings", "said"), [
    (SimSettings(scene="hmoe"), "neither a file nor one of"),
    (SimSettings(speed=0), "needs a duration"),
])  # fmt: skip
async def test_what_cannot_be_played_is_said(settings: SimSettings, said: str) -> None:
    with pytest.raises(NotReady, match=said):
        await SimSource(settings).open()


async def test_a_broken_scene_is_one_line_with_every_mistake(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("colour: red\nbeacon_interval: 3\n")
    with pytest.raises(NotReady) as caught:
        await SimSource(SimSettings(scene=str(path))).open()
    assert "broken.yaml:1" in str(caught.value)
    assert "broken.yaml:2" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cure", "helps"), [("retune", "retune"), ("retune", "cycle"), ("cycle", "recreate"), ("recreate", "cycle")]
)
async def test_a_deaf_radio_hears_again_once_it_is_cured(tmp_path: Path, cure: str, helps: str) -> None:
    path = tmp_path / "deaf.yaml"
    path.write_text(one(more=f"deafness: [{{at: 2s, cure: {cure}}}]"))
    source = fast(str(path), 4)
    tuner = SimTuner(source)
    before = await played(source)
    assert before.records[-1][0] < START + 2.1
    await {"retune": lambda: tuner.tune(Channel(2437)), "cycle": tuner.cycle, "recreate": tuner.recreate}[helps]()
    source.settings = evolve(source.settings, duration=Duration(8.0))
    after = await played(source)
    rungs = ["retune", "cycle", "recreate"]
    assert bool(after.records) == (rungs.index(helps) >= rungs.index(cure))


def test_the_registry_finds_both() -> None:
    source = SOURCES.load("sim")(SimSettings())
    assert isinstance(source, SimSource)
    assert isinstance(TUNERS.load("sim")(source), SimTuner)


async def test_two_in_one_air_hear_the_same_from_their_places() -> None:
    def listener(*position: float) -> SimSource:
        return SimSource(SimSettings(speed=20.0, position=position))

    near, far = listener(), listener(30.0, 10.0)
    first, second, late = Catch(2000), Catch(), Catch(200)
    await asyncio.gather(near.open(), far.open())
    tasks = [asyncio.ensure_future(near.run(first)), asyncio.ensure_future(far.run(second))]
    await asyncio.wait_for(first.enough.wait(), 60)
    third = listener()
    await third.open()
    tasks.append(asyncio.ensure_future(third.run(late)))
    await asyncio.wait_for(late.enough.wait(), 60)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for source in (near, far, third):
        await source.close()
    # What differs is the level, in the radiotap header, and with it the rate of damage.
    frames = {record[1][24:]: record[0] for record in first.records}
    assert sum(frames.get(record[1][24:]) == record[0] for record in second.records) > 200
    assert second.records[0][0] >= first.records[0][0]
    levels = [{record[1][24:]: record[1][22] for record in catch.records} for catch in (first, second)]
    both = levels[0].keys() & levels[1].keys()
    assert sum(levels[0][each] != levels[1][each] for each in both) > len(both) // 2, "each has its own place"
    assert late.records[0][0] > first.records[100][0], "who comes late has missed the beginning"


def test_a_position_has_two_coordinates() -> None:
    with pytest.raises(ValueError, match="position: expected metres east and metres north, found 1 numbers"):
        SimSettings(position=(1.0,)).check()
    SimSettings(position=(1.0, -2.0)).check()

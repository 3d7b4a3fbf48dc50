"""The contract of every driver of the port `Tuner`."""

from __future__ import annotations

import asyncio
import functools
import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from tests.contracts.benches import bench_for
from tests.drivers.helper.helping import helper_of
from tests.drivers.nl80211.machine import PHY, Machine, Phy, Port

from whimbrel.drivers.helper.access import HelperAccess
from whimbrel.drivers.nl80211.tuner import Nl80211Tuner, RadioTuner
from whimbrel.drivers.ports import TuneError, Tuner
from whimbrel.drivers.registry import TUNERS
from whimbrel.drivers.sim.settings import SimSettings
from whimbrel.drivers.sim.source import SimSource
from whimbrel.drivers.sim.tuner import SimTuner
from whimbrel.settings import Duration
from whimbrel.testing import PATIENCE
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.channels import BANDS, Channel, parse_channel


class Bench:
    """A tuner of a radio that may be listened on `wide`, and may not on `forbidden`."""

    tuner: Tuner
    wide: ClassVar[Channel] = parse_channel("36/80")
    forbidden: ClassVar[Channel] = Channel(2472)

    async def where(self) -> int:
        """Return the frequency in MHz that the radio really is at."""
        raise NotImplementedError


class SimBench(Bench):
    forbidden = Channel(5955)

    def __init__(self) -> None:
        self.source = SimSource(SimSettings(bands=("2.4", "5"), speed=0, duration=Duration(3.0)))
        self.tuner = SimTuner(self.source)

    async def where(self) -> int:
        """Return the channels in the frames' headers."""
        heard: list[CaptureRecord] = []
        await self.source.close()
        await self.source.open()
        await self.source.run(lambda _, records: heard.extend(records))
        # The scene has something on every channel that is asked about; its radiotap headers have one layout.
        (freq,) = {int.from_bytes(octets[18:20], "little") for _, octets, _ in heard}
        return freq


class Nl80211Bench(Bench):
    def __init__(self) -> None:
        self.machine = Machine([Phy("phy0", PHY | {5200: (), 5220: (), 5240: ()})], {1: Port("wlan0", 0, up=True)})
        self.before = self.machine.state()
        self.tuner = Nl80211Tuner(timeout=PATIENCE, connect=self.machine.connect)

    async def where(self) -> int:
        return next(port.freq for port in self.machine.ports.values() if port.name == "phy0mon")


class HelperBench(Nl80211Bench):
    """The same radio, behind the helper."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tuner = RadioTuner(HelperAccess(str(path)).control(""))


BENCHES: dict[str, Callable[[], Bench]] = {"sim": SimBench, "nl80211": Nl80211Bench}


@pytest.fixture(params=[*TUNERS.drivers, "helper"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made: Bench
    if request.param == "helper":
        path = tmp_path / "radio.sock"
        made = HelperBench(path)
        with helper_of(made.machine, path):
            yield made
    else:
        made = bench_for(TUNERS, request.param, BENCHES, __name__)()
        yield made
    if isinstance(made, Nl80211Bench):
        made.machine.close()


@pytest.fixture
async def tuner(bench: Bench) -> Tuner:
    await bench.tuner.open()
    return bench.tuner


async def test_channels_are_narrow_known_and_in_order(tuner: Tuner) -> None:
    channels = list(tuner.channels())
    assert channels
    assert channels == sorted(set(channels))
    assert all(channel.width == 20 and channel.number and channel.band in BANDS for channel in channels)
    await tuner.close()


async def test_every_channel_that_is_listed_can_be_gone_to(tuner: Tuner) -> None:
    for channel in tuner.channels():
        await tuner.tune(channel)
    await tuner.close()


async def test_the_radio_is_where_it_was_sent(bench: Bench, tuner: Tuner) -> None:
    for channel in (Channel(2437), bench.wide, Channel(2412)):
        await tuner.tune(channel)
        assert await bench.where() == channel.freq
    await tuner.close()


async def test_a_channel_that_is_not_listed_is_forbidden(bench: Bench, tuner: Tuner) -> None:
    await tuner.tune(Channel(2437))
    assert bench.forbidden not in tuner.channels()
    with pytest.raises(TuneError, match=r"\d") as caught:
        await tuner.tune(bench.forbidden)
    assert caught.value.forbidden
    assert str(caught.value).isprintable()
    assert await bench.where() == 2437
    await tuner.close()


@pytest.mark.parametrize("step", ["cycle", "recreate"])
async def test_after_each_step_of_the_recovery_it_can_be_tuned(bench: Bench, tuner: Tuner, step: str) -> None:
    await tuner.tune(Channel(2412))
    channels = list(tuner.channels())
    await getattr(tuner, step)()
    assert list(tuner.channels()) == channels
    await tuner.tune(Channel(2437))
    assert await bench.where() == 2437
    await tuner.close()


async def test_the_loop_turns_while_the_radio_is_told(tuner: Tuner) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    for action in (functools.partial(tuner.tune, Channel(2437)), tuner.cycle, tuner.recreate):
        before = turns
        await action()
        assert turns > before
    counting.cancel()
    await asyncio.wait([counting])
    await tuner.close()


async def test_a_request_that_is_cancelled_does_not_spoil_the_next(bench: Bench, tuner: Tuner) -> None:
    task = asyncio.ensure_future(tuner.tune(Channel(2412)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await tuner.tune(Channel(2437))
    assert await bench.where() == 2437
    await tuner.close()


async def test_closing_is_idempotent_and_works_before_opening(bench: Bench) -> None:
    await bench.tuner.close()
    await bench.tuner.open()
    await bench.tuner.close()
    await bench.tuner.close()


async def test_it_can_be_opened_anew(bench: Bench) -> None:
    for _ in range(2):
        await bench.tuner.open()
        await bench.tuner.tune(Channel(2437))
        assert await bench.where() == 2437
        await bench.tuner.close()


async def test_nothing_stays_behind(bench: Bench) -> None:
    gc.collect()
    tasks = asyncio.all_tasks()
    await bench.tuner.open()
    await bench.tuner.tune(Channel(2437))
    await bench.tuner.close()
    assert asyncio.all_tasks() == tasks
    assert not [thread for thread in threading.enumerate() if thread.name == "tuner" and not await_end(thread)]
    if isinstance(bench, Nl80211Bench):
        assert bench.machine.state() == bench.before


def await_end(thread: threading.Thread) -> bool:
    thread.join(5)
    return not thread.is_alive()

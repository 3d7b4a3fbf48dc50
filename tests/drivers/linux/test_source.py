from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.lab.collector import Collector, capturing
from tests.lab.frames import BEACON, LLC_EAPOL, control, data, number_of, numbered, radiotap
from tests.lab.tun import ETHERNET, RAW, MonitorTun, skip_without_tun
from tests.lab.waiting import until

from whimbrel.drivers.linux import source as source_module
from whimbrel.drivers.linux.filter import FrameClass
from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.linux.tuning import make_tuner
from whimbrel.drivers.ports import Losses, RadioGone
from whimbrel.events.base import Body
from whimbrel.events.radio import ClockStepped
from whimbrel.module import NotReady
from whimbrel.settings import Size

pytestmark = pytest.mark.tun


async def open_on(tun: MonitorTun, settings: LinuxSettings | None = None) -> LinuxSource:
    source = LinuxSource(settings or LinuxSettings(interface=tun.name))
    with tun.inside():
        await source.open()
    return source


async def refusal(tun: MonitorTun, settings: LinuxSettings | None = None) -> str:
    with pytest.raises(NotReady) as refused:
        await open_on(tun, settings)
    return str(refused.value)


async def test_frames_arrive_whole_in_order_and_in_time(tun: MonitorTun) -> None:
    source = await open_on(tun)
    collector = Collector()
    begin = time.time()
    frames = [numbered(n, size=n % 3000) for n in range(300)]
    async with capturing(source, collector):
        for frame in frames:
            tun.write(frame)
        await collector.wait_for(300)
    assert collector.frames == frames
    assert collector.link_types == {127}
    assert [length for _, _, length in collector.records] == [len(frame) for frame in frames]
    times = [at for at, _, _ in collector.records]
    assert times == sorted(times)
    assert begin - 0.1 <= times[0] <= times[-1] <= time.time() + 0.1


async def test_no_frame_is_lost_at_5000_a_second(tun: MonitorTun) -> None:
    # Room for all of them, so that it is not the machine that is tested, which may be busy for a second.
    source = await open_on(tun, LinuxSettings(interface=tun.name, buffer=Size(16 * 1024 * 1024)))
    collector = Collector()
    async with capturing(source, collector):
        feeder = tun.feed([numbered(n, size=200) for n in range(5000)], per_second=5000, repeat=3)
        await collector.wait_for(15_000)
        assert await asyncio.to_thread(feeder.wait) == 0
        assert source.losses() == Losses(15_000, 0)
    assert [number_of(frame) for frame in collector.frames] == list(range(5000)) * 3


async def test_a_patient_source_wakes_seldom_and_loses_nothing(tun: MonitorTun) -> None:
    source = await open_on(tun)
    source.patience = 0.1
    collector = Collector()
    loop = asyncio.get_running_loop()
    async with capturing(source, collector):
        began = loop.time()
        feeder = tun.feed([numbered(n) for n in range(200)], per_second=200)
        await collector.wait_for(200)
        took = loop.time() - began
        assert await asyncio.to_thread(feeder.wait) == 0
    assert [number_of(frame) for frame in collector.frames] == list(range(200))
    # A machine that is held up makes larger batches after it, not more of them.
    assert len(collector.sizes) <= took / 0.1 + 200 / 64 + 2


async def test_frames_stay_in_the_kernel_while_there_is_no_room(tun: MonitorTun) -> None:
    source = await open_on(tun)
    collector = Collector()
    asked: list[bool] = []

    def has_room() -> bool:
        asked.append(False)
        return room

    room, source.has_room = False, has_room
    async with capturing(source, collector):
        for number in range(10):
            tun.write(numbered(number))
        await until(lambda: len(asked) > 5)
        assert not collector.frames
        source.hurry()  # the radio moves: what was heard on this channel is wanted first
        await collector.wait_for(10)
        await until(lambda: time.monotonic() > source._hurried_until)
        tun.write(numbered(10))
        seen = len(asked)
        await until(lambda: len(asked) > seen + 5)
        room = True
        await collector.wait_for(11)
    assert source.losses() == Losses(11, 0)


async def test_what_waits_comes_when_the_radio_moves(tun: MonitorTun) -> None:
    source = await open_on(tun, LinuxSettings(interface=tun.name, buffer=Size(64 * 1024 * 1024)))
    source.patience = 3600.0
    collector = Collector()
    loop = asyncio.get_running_loop()
    async with capturing(source, collector):
        tun.write(numbered(0))
        await collector.wait_for(1)  # after silence, at once
        began = loop.time()
        tun.write(numbered(1))
        source.hurry()
        # What the kernel holds back for a block's age comes too, and does not wait for the ring to be half full.
        await collector.wait_for(2)
        assert source._ring is not None
        assert loop.time() - began < source._ring.span / 2


async def test_a_small_ring_does_not_let_frames_wait(tun: MonitorTun) -> None:
    source = await open_on(tun, LinuxSettings(interface=tun.name, buffer=Size(128 * 1024)))
    source.patience = 3600.0
    collector = Collector()
    async with capturing(source, collector):
        for number in range(20):
            tun.write(numbered(number))
            await collector.wait_for(number + 1)
        assert source.losses() == Losses(20, 0)


async def test_a_patient_source_finds_out_that_its_interface_is_gone(tun: MonitorTun) -> None:
    source = await open_on(tun)
    source.patience = 0.1
    collector = Collector()
    async with capturing(source, collector) as running:
        tun.write(numbered(1))
        await collector.wait_for(1)
        tun.delete()
        with pytest.raises(RadioGone, match=tun.name):
            await running


async def test_the_kernel_leaves_out_what_was_not_chosen(tun: MonitorTun) -> None:
    wanted = (FrameClass.BEACONS, FrameClass.EAPOL)
    source = await open_on(tun, LinuxSettings(interface=tun.name, frames=wanted))
    eapol = radiotap(data(8, LLC_EAPOL + bytes(95)))
    collector = Collector()
    async with capturing(source, collector):
        for frame in (radiotap(control(13)), BEACON, radiotap(data(8, bytes(80), flags=0x41)), eapol) * 50:
            tun.write(frame)
        await collector.wait_for(100)
        assert source.losses() == Losses(100, 0)
    assert collector.frames == [BEACON, eapol] * 50


async def test_an_expression_filters_in_the_kernel_too(tun: MonitorTun) -> None:
    try:
        source = await open_on(tun, LinuxSettings(interface=tun.name, filter="type ctl and not subtype ack"))
    except NotReady as missing:
        if "libpcap0.8" in str(missing):
            pytest.skip(str(missing))
        raise
    collector = Collector()
    async with capturing(source, collector):
        for frame in (radiotap(control(13)), BEACON, radiotap(control(11))) * 20:
            tun.write(frame)
        await collector.wait_for(20)
        assert source.losses() == Losses(20, 0)
    assert set(collector.frames) == {radiotap(control(11))}


async def test_what_the_kernel_drops_is_counted(tun: MonitorTun) -> None:
    source = await open_on(tun, LinuxSettings(interface=tun.name, buffer=Size(128 * 1024)))
    sent = 2000
    for n in range(sent):
        tun.write(numbered(n, size=1000))
    before = source.losses()
    assert before.dropped > 0
    assert before.received + before.dropped == sent
    collector = Collector()
    async with capturing(source, collector):
        await collector.wait_for(before.received)
        assert source.losses() == before
        tun.write(numbered(sent))
        await collector.wait_for(before.received + 1)
    # The kernel's counts are gone with each reading and with the socket: the totals are not.
    assert source.losses() == Losses(before.received + 1, before.dropped)
    assert len(collector.records) == before.received + 1
    assert [number_of(frame) for frame in collector.frames[:10]] == list(range(10))


@pytest.mark.parametrize("how", ["delete", "down"])
async def test_an_interface_that_goes_away_and_comes_back(tun: MonitorTun, how: str) -> None:
    source = await open_on(tun)
    collector = Collector()
    async with capturing(source, collector) as running:
        tun.write(numbered(1))
        await collector.wait_for(1)
        tun.delete() if how == "delete" else tun.down()
        with pytest.raises(RadioGone, match=tun.name):
            await running
        assert "plug it in" in await refusal(tun) if how == "delete" else "is down" in await refusal(tun)
        tun.create() if how == "delete" else tun.up()
        with tun.inside():
            await source.open()
        async with capturing(source, collector):
            tun.write(numbered(2))
            await collector.wait_for(2)
            assert source.losses() == Losses(1, 0)


async def test_closing_ends_the_run(tun: MonitorTun) -> None:
    source = await open_on(tun)
    running = asyncio.ensure_future(source.run(Collector()))
    await asyncio.sleep(0)
    await source.close()
    await running


async def test_what_deliver_raises_reaches_who_awaits_the_run(tun: MonitorTun) -> None:
    def fail(_link_type: int, _records: object) -> None:
        raise KeyError("defect")

    source = await open_on(tun)
    tun.write(BEACON)
    with pytest.raises(KeyError, match="defect"):
        await source.run(fail)
    await source.close()


async def test_a_clock_that_is_set_is_told_before_the_next_frames(
    tun: MonitorTun, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = source_module._clock_offset
    source = await open_on(tun)
    collector = Collector()
    told: list[tuple[float, int]] = []

    def note(body: Body) -> None:
        assert isinstance(body, ClockStepped)
        told.append((round(body.delta), len(collector.records)))

    source.on_event = note
    async with capturing(source, collector):
        tun.write(numbered(1))
        await collector.wait_for(1)
        monkeypatch.setattr(source_module, "_clock_offset", lambda: real() + 3600)
        tun.write(numbered(2))
        await collector.wait_for(2)
        tun.write(numbered(3))
        await collector.wait_for(3)
    assert told == [(3600, 1)]


async def test_raw_frames_have_their_own_link_type() -> None:
    skip_without_tun()
    with MonitorTun(link_type=RAW) as tun:
        source = await open_on(tun, LinuxSettings(interface=tun.name, frames=(FrameClass.CONTROL,)))
        collector = Collector()
        async with capturing(source, collector):
            tun.write(bytes(30))
            tun.write(control(13))
            await collector.wait_for(1)
        assert collector.link_types == {105}
        assert collector.frames == [control(13)]


async def test_an_interface_in_another_mode_is_refused() -> None:
    skip_without_tun()
    with MonitorTun(link_type=ETHERNET) as tun:
        said = await refusal(tun)
    assert f"{tun.name} is not a monitor interface but an Ethernet or managed Wi-Fi interface" in said
    assert "set type monitor" in said


async def test_a_filter_that_is_none_is_refused(tun: MonitorTun) -> None:
    said = await refusal(tun, LinuxSettings(interface=tun.name, frames=()))
    assert "no class of frames" in said


@pytest.mark.parametrize("name", ["nothere0", "a-name-that-is-too-long", "none\0"])
async def test_an_interface_that_is_not_there_is_refused(tun: MonitorTun, name: str) -> None:
    assert "no network interface is called" in await refusal(tun, LinuxSettings(interface=name))


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_what_was_refused_leaves_nothing_open(tun: MonitorTun) -> None:
    before = descriptors()
    await refusal(tun, LinuxSettings(interface=tun.name, frames=()))
    await refusal(tun, LinuxSettings(interface="nothere0"))
    # Refused by the kernel: no memory for a ring of this size.
    await refusal(tun, LinuxSettings(interface=tun.name, buffer=Size(1 << 40)))
    assert descriptors() == before


UNPRIVILEGED = """
import asyncio, os, sys
from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.linux.tuning import make_tuner
from whimbrel.module import NotReady
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    asyncio.run(LinuxSource(LinuxSettings(interface=sys.argv[1])).open())
except NotReady as refused:
    print(refused)
"""


async def test_a_missing_permission_is_named(tun: MonitorTun) -> None:
    process = tun.spawn([sys.executable, "-c", UNPRIVILEGED, tun.name], stdout=subprocess.PIPE, text=True)
    said, _ = await asyncio.to_thread(process.communicate)
    assert "CAP_NET_RAW" in said
    assert said.count("\n") == 1


async def test_the_tuner_s_interface_is_captured_on(tun: MonitorTun) -> None:
    source = LinuxSource(LinuxSettings(radio="phy7"))
    tuner = make_tuner(source)
    assert tuner.interface == "phy7"
    tuner._control.interface = tun.name  # as after its open()
    collector = Collector()
    with tun.inside():
        await source.open()
    async with capturing(source, collector):
        tun.write(BEACON)
        await collector.wait_for(1)
    assert collector.frames == [BEACON]


async def test_without_a_radio_there_is_nothing_to_make_an_interface_from(tun: MonitorTun) -> None:
    assert await refusal(tun, LinuxSettings())


def test_what_cannot_work_is_found_beforehand(tun: MonitorTun) -> None:
    with tun.inside():
        assert not list(LinuxSource.check(LinuxSettings(interface=tun.name)))
        found = dict(LinuxSource.check(LinuxSettings(interface="nothere0", frames=(), filter="nonsense")))
    assert found.keys() == {"interface", "frames", "filter"}
    assert "'nothere0'" in found["interface"]
    [(key, problem)] = LinuxSource.check(LinuxSettings(radio="phy77"))
    assert key == "radio"
    assert "'phy77'" in problem

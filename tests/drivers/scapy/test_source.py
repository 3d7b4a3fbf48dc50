"""Capturing by scapy's sockets: failures, and points outside the contract."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest
from tests.lab.collector import Collector, capturing
from tests.lab.frames import numbered
from tests.lab.tun import ETHERNET, MonitorTun, skip_without_tun
from tests.lab.waiting import until

from whimbrel.drivers.ports import RadioGone
from whimbrel.drivers.scapy.settings import ScapySettings
from whimbrel.drivers.scapy.source import ScapySource
from whimbrel.module import NotReady
from whimbrel.settings import Size

pytestmark = pytest.mark.tun
Kind = Literal["auto", "libpcap"]


async def opened(tun: MonitorTun, **settings: object) -> ScapySource:
    source = ScapySource(ScapySettings(interface=tun.name, **settings))  # type: ignore[arg-type]
    with tun.inside():
        await source.open()
    return source


@pytest.mark.parametrize("kind", ["auto", "libpcap"])
async def test_an_interface_that_goes_is_told(tun: MonitorTun, kind: Kind) -> None:
    source = await opened(tun, socket=kind)
    collector = Collector()
    async with capturing(source, collector) as task:
        tun.write(numbered(0))
        await collector.wait_for(1)
        tun.delete()
        with pytest.raises(RadioGone, match="is gone"):
            await asyncio.wait_for(asyncio.shield(task), 30)


@pytest.mark.parametrize("kind", ["auto", "libpcap"])
async def test_frames_of_no_monitor_interface_are_refused(kind: Kind) -> None:
    skip_without_tun()
    expected = pytest.raises(NotReady, match="is not in monitor mode, its frames are Ether")
    with MonitorTun(link_type=ETHERNET) as tun, expected:
        await opened(tun, socket=kind)


@pytest.mark.parametrize("kind", ["auto", "libpcap"])
async def test_an_interface_that_is_not_there(tun: MonitorTun, kind: Kind) -> None:
    tun.delete()
    with pytest.raises(NotReady, match=f"scapy cannot capture on {tun.name}"):
        await opened(tun, socket=kind)


async def test_without_a_name_it_says_what_to_set() -> None:
    with pytest.raises(NotReady, match=r"set scapy\.interface"):
        await ScapySource(ScapySettings()).open()
    assert dict(ScapySource.check(ScapySettings()))["interface"].startswith("set scapy.interface")
    assert not list(ScapySource.check(ScapySettings(interface="wlan0")))


@pytest.mark.parametrize("kind", ["auto", "libpcap"])
async def test_what_the_kernel_has_no_room_for_is_counted(tun: MonitorTun, kind: Kind) -> None:
    source = await opened(tun, socket=kind, buffer=Size(64 * 1024))
    offered = 0
    while source.losses().dropped == 0:
        assert offered < 200_000
        for _ in range(500):
            tun.write(numbered(offered))
            offered += 1
    collector = Collector()
    async with capturing(source, collector):
        await until(lambda: source.losses().received >= offered, "every frame taken or lost")
        assert source.losses().received == offered
        assert len(collector.records) == offered - source.losses().dropped


async def test_run_needs_open() -> None:
    with pytest.raises(RuntimeError, match=r"run\(\) before open"):
        await ScapySource(ScapySettings(interface="wlan0")).run(lambda _link_type, _records: None)

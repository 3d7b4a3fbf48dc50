"""The contract of every driver of the port `FrameSource`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from scapy.arch.linux import L2ListenSocket
from scapy.config import conf
from scapy.layers.dot11 import RadioTap
from scapy.supersocket import SuperSocket
from tests.contracts.benches import bench_for
from tests.drivers.helper.helping import helper_of, helper_on
from tests.drivers.scan.machine import Entry, ScanMachine
from tests.lab.collector import Collector, capturing
from tests.lab.frames import numbered
from tests.lab.pcap import pcap_header, pcap_record
from tests.lab.tun import MonitorTun, skip_without_tun
from tests.lab.waiting import until

from whimbrel.drivers.helper.access import HelperAccess
from whimbrel.drivers.linux.access import RadioAccess
from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.pcap import PcapSettings, PcapSource
from whimbrel.drivers.ports import FrameSource
from whimbrel.drivers.registry import SOURCES
from whimbrel.drivers.scan.settings import ScanSettings
from whimbrel.drivers.scan.source import ScanSource
from whimbrel.drivers.scapy.settings import ScapySettings
from whimbrel.drivers.scapy.source import ScapySource
from whimbrel.drivers.sim.settings import SimSettings
from whimbrel.drivers.sim.source import SimSource
from whimbrel.testing import PATIENCE

ENOUGH = 200
"""Frames that every bench brings."""
BEGINNING = time.time()


class Bench:
    """A source on something that brings at least `ENOUGH` frames, the same ones at every opening."""

    source: FrameSource
    steps_back = 0
    """How often the time of a frame may be before that of the previous one."""

    async def open(self) -> None:
        await self.source.open()

    def excite(self) -> None:
        """Let the frames arrive, if they do not by themselves."""


class PcapBench(Bench):
    def __init__(self, folder: Path) -> None:
        now = int(BEGINNING)
        path = folder / "frames.pcap"
        path.write_bytes(pcap_header() + b"".join(pcap_record(numbered(n), now, n) for n in range(ENOUGH)))
        self.source = PcapSource(PcapSettings(files=(path,)))


class LinuxBench(Bench):
    def __init__(self, tun: MonitorTun) -> None:
        self.tun = tun
        self.source = LinuxSource(LinuxSettings(interface=tun.name))

    async def open(self) -> None:
        with self.tun.inside():
            await self.source.open()

    def excite(self) -> None:
        for number in range(ENOUGH):
            self.tun.write(numbered(number))


class HelperBench(LinuxBench):
    """The same source, whose frames come from the helper."""

    def __init__(self, tun: MonitorTun, path: Path) -> None:
        self.tun = tun
        self.source = LinuxSource(LinuxSettings(interface=tun.name), HelperAccess(str(path)))

    async def open(self) -> None:
        await self.source.open()


class ScapyBench(LinuxBench):
    steps_back = 1
    """Linux switches time stamps on a moment after they are asked for, and gives earlier frames the time at which they
    are read (`__sock_recv_timestamp`)."""

    def __init__(self, tun: MonitorTun, kind: Literal["auto", "libpcap"] = "auto") -> None:
        self.tun = tun
        self.source = ScapySource(ScapySettings(interface=tun.name, socket=kind))


class WaitingSocket(SuperSocket):  # type: ignore[misc]  # scapy has no types here
    """Like scapy's blocking sockets, such as those of its remote interfaces."""

    LL = RadioTap

    def __init__(self, iface: Any) -> None:
        self.held = L2ListenSocket(iface=iface)
        self.held.ins.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.ins = self.outs = None

    def recv_raw(self, x: int = 65535) -> Any:
        return self.held.recv_raw(x)

    def fileno(self) -> Any:
        return self.held.fileno()

    def close(self) -> None:
        self.held.close()


class ScapyThreadBench(ScapyBench):
    async def open(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(conf, "L2listen", WaitingSocket)
            await super().open()


class SimBench(Bench):
    def __init__(self) -> None:
        self.source = SimSource(SimSettings(speed=100.0), clock=lambda: BEGINNING)


class ScanBench(Bench):
    def __init__(self, machine: ScanMachine, access: RadioAccess | None = None) -> None:
        self.machine = machine
        self.source = ScanSource(ScanSettings(), timeout=PATIENCE, connect=machine.scanner, access=access)

    async def open(self) -> None:
        self.machine.table = [Entry(bssid=struct.pack(">HI", 0x0200, number)) for number in range(ENOUGH)]
        await super().open()


@contextlib.contextmanager
def _scanning() -> Iterator[Bench]:
    with contextlib.closing(ScanMachine()) as machine:
        yield ScanBench(machine)


@contextlib.contextmanager
def _scanning_by_the_helper(folder: Path) -> Iterator[Bench]:
    path = folder / "radio.sock"
    with contextlib.closing(ScanMachine()) as machine, helper_of(machine, path):
        yield ScanBench(machine, HelperAccess(str(path)))


@contextlib.contextmanager
def _on_a_tun(make: Callable[[MonitorTun], Bench]) -> Iterator[Bench]:
    skip_without_tun()
    with MonitorTun() as tun:
        yield make(tun)


@contextlib.contextmanager
def _by_the_helper(folder: Path) -> Iterator[Bench]:
    skip_without_tun()
    path = folder / "radio.sock"
    with MonitorTun() as tun, helper_on(tun, path):
        yield HelperBench(tun, path)


Make = Callable[[Path], contextlib.AbstractContextManager[Bench]]
BENCHES: dict[str, tuple[Make, ...]] = {
    "linux": (lambda _: _on_a_tun(LinuxBench), _by_the_helper),
    "scapy": (
        lambda _: _on_a_tun(ScapyBench),
        lambda _: _on_a_tun(lambda tun: ScapyBench(tun, "libpcap")),
        lambda _: _on_a_tun(ScapyThreadBench),
    ),
    "scan": (lambda _: _scanning(), _scanning_by_the_helper),
    "pcap": (lambda folder: contextlib.nullcontext(PcapBench(folder)),),
    "sim": (lambda _: contextlib.nullcontext(SimBench()),),
}
LIVE = {"linux", "scapy"}


@pytest.fixture(
    params=[
        pytest.param((name, at), marks=pytest.mark.tun if name in LIVE else (), id=f"{name}{at or ''}")
        for name in SOURCES.drivers
        for at in range(len(BENCHES.get(name, (None,))))
    ]
)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    name, at = request.param
    with bench_for(SOURCES, name, BENCHES, __name__)[at](tmp_path) as made:
        yield made


@contextlib.asynccontextmanager
async def captured(bench: Bench) -> AsyncIterator[tuple[Collector, asyncio.Task[None]]]:
    """Open the source and let it deliver; yields when enough frames are there."""
    collector = Collector()
    await bench.open()
    async with capturing(bench.source, collector) as task:
        bench.excite()
        await collector.wait_for(ENOUGH)
        yield collector, task


def descriptors() -> dict[str, str]:
    found = {}
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found[entry.name] = str(entry.readlink())
    return found


async def test_it_says_in_one_line_what_it_is(bench: Bench) -> None:
    async with captured(bench):
        assert bench.source.description
        assert bench.source.description.isprintable()
        assert isinstance(bench.source.live, bool)


async def test_frames_come_on_the_loop_a_few_at_a_time(bench: Bench) -> None:
    async with captured(bench) as (collector, _):
        # The collector itself checks the thread, the size of each call, and that the loop has a turn between two.
        assert len(collector.sizes) >= ENOUGH / 64
        assert collector.link_types <= {127, 105, 119, 192}


async def test_records_are_plausible_and_in_order(bench: Bench) -> None:
    async with captured(bench) as (collector, _):
        times = [at for at, _, _ in collector.records]
        assert sum(later < earlier for earlier, later in itertools.pairwise(times)) <= bench.steps_back
        assert all(abs(at - time.time()) < 86_400 for at in times)
        assert all(isinstance(octets, bytes) and 0 < len(octets) <= length for _, octets, length in collector.records)


async def test_every_opening_brings_the_same_frames(bench: Bench) -> None:
    async with captured(bench) as (collector, _):
        first = collector.frames[:ENOUGH]
    async with captured(bench) as (collector, _):
        assert collector.frames[:ENOUGH] == first


async def test_totals_only_grow_and_count_what_was_delivered(bench: Bench) -> None:
    collector = Collector()
    await bench.open()
    totals = [bench.source.losses()]

    def deliver(link_type: int, records: Any) -> None:
        collector(link_type, records)
        totals.append(bench.source.losses())
        assert totals[-1].received >= len(collector.records)

    task = asyncio.ensure_future(bench.source.run(deliver))
    bench.excite()
    await collector.wait_for(ENOUGH)
    task.cancel()
    await asyncio.wait([task])
    await bench.source.close()
    totals.append(bench.source.losses())
    assert totals[0].dropped == 0
    for earlier, later in itertools.pairwise(totals):
        assert earlier.received <= later.received
        assert earlier.dropped <= later.dropped
    assert totals[-1].received == totals[-2].received >= ENOUGH


async def test_a_cancelled_run_delivers_no_more(bench: Bench) -> None:
    async with captured(bench) as (collector, task):
        task.cancel()
        await asyncio.wait([task])
        count = len(collector.records)
        bench.excite()
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(collector.records) == count


async def test_closing_is_idempotent_and_works_before_opening(bench: Bench) -> None:
    await bench.source.close()
    async with captured(bench):
        pass
    await bench.source.close()
    await bench.source.close()


async def test_nothing_stays_open(bench: Bench) -> None:
    gc.collect()
    before = descriptors()
    tasks = asyncio.all_tasks()
    async with captured(bench):
        pass
    gc.collect()
    # The helper of some benches, a thread of this process, closes its end a moment later.
    await until(lambda: descriptors() == before, "every descriptor closed")
    assert asyncio.all_tasks() == tasks


async def test_a_run_cancelled_at_once_leaves_nothing_open(bench: Bench) -> None:
    gc.collect()
    before = descriptors()
    await bench.open()
    async with capturing(bench.source, Collector()):
        bench.excite()
        await asyncio.sleep(0)
    # The helper of some benches, a thread of this process, closes its end a moment later.
    await until(lambda: descriptors() == before, "every descriptor closed")

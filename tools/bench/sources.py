"""Receiving by each live frame source, on the same interface: CPU for a frame, and losses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from tests.lab.tun import MonitorTun, unavailable
from tools.bench import capture
from tools.bench.live import Unavailable
from tools.bench.measure import Line, faster, interleave

from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.ports import FrameSource
from whimbrel.drivers.scapy.settings import ScapySettings
from whimbrel.drivers.scapy.source import ScapySource
from whimbrel.wifi.capture_record import CaptureRecord

_Maker = Callable[[str], FrameSource]
_FRAMES = 20_000
_RATE = 5000  # frames a second
_TIMES = 3
_SETTLED = 0.5  # s without a frame after the last was sent


def benchmark() -> list[Line]:
    """Let each source receive the same frames. Raises `Unavailable`."""
    if reason := unavailable():
        raise Unavailable(reason)
    frames = [raw for _, raw, _ in capture.records(capture.large())[:_FRAMES]]
    lost: dict[str, int] = {}

    def linux() -> float:
        return _cost("linux", lambda name: LinuxSource(LinuxSettings(interface=name)))

    def scapy() -> float:
        return _cost("scapy", lambda name: ScapySource(ScapySettings(interface=name)))

    def libpcap() -> float:
        return _cost("libpcap", lambda name: ScapySource(ScapySettings(interface=name, socket="libpcap")))

    def _cost(which: str, make: _Maker) -> float:
        seconds, received = asyncio.run(_receive(make, frames))
        lost[which] = lost.get(which, 0) + len(frames) - received
        return seconds / max(received, 1) * 1e6

    ring, native, pcap = interleave([linux, scapy, libpcap], _TIMES)
    offered = f"{_FRAMES * _TIMES:,} offered at {_RATE:,}/s"
    return [
        faster("source linux", ring, "us", "source scapy", native, None, _lost(lost["linux"], offered)),
        faster("source scapy", native, "us", "source linux", ring, None, _lost(lost["scapy"], offered)),
        faster("source scapy, socket libpcap", pcap, "us", "source linux", ring, None, _lost(lost["libpcap"], offered)),
    ]


def _lost(number: int, offered: str) -> str:
    return f"{number} lost of {offered}"


async def _receive(make: _Maker, frames: Sequence[bytes]) -> tuple[float, int]:
    """Return the CPU seconds of this process from the opening on, and how many frames it got."""
    with MonitorTun() as tun:
        source = make(tun.name)
        with tun.inside():
            await source.open()
        received = 0

        def deliver(_link_type: int, records: Sequence[CaptureRecord]) -> None:
            nonlocal received
            received += len(records)

        running = asyncio.ensure_future(source.run(deliver))
        before = time.process_time()
        feeder = tun.feed(frames, _RATE)
        seen = -1
        while feeder.poll() is None or seen != received:
            seen = received
            await asyncio.sleep(_SETTLED)
        spent = time.process_time() - before
        running.cancel()
        await asyncio.wait([running])
        await source.close()
        return spent, received

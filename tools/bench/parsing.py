"""From bytes to findings, compared with the dissection of the same frames by scapy and dpkt."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.bench import capture
from tools.bench.measure import Line, faster

from whimbrel.bus import Bus
from whimbrel.events.radio import FrameBatch
from whimbrel.module import Context
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.linktypes import RADIOTAP, parser_for

_BATCH = 64
_WARM = 20_000
"""Frames before the first measurement: everybody around has been heard."""
_SLICE = 5 * _BATCH
_REPEAT = 15
_LAZY = "pypacker parses its headers"
"""Its layers are parsed when somebody looks at them: the benchmark looks at the frame's addresses."""


def benchmark() -> list[Line]:
    """Pass slices of the capture, one after the other, to all three in turn."""
    return asyncio.run(_benchmark())


async def _benchmark() -> list[Line]:
    frames = capture.records(capture.large())
    watch = _Watch()
    await watch.take(frames[:_WARM])
    peers = {"scapy": _timed(_scapy()), "dpkt": _timed(_dpkt())}
    if (pypacker := _pypacker()) is not None:
        peers["pypacker"] = _timed(pypacker)
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    for number in range(-1, _REPEAT):
        first = _WARM + (number + 1) * _SLICE
        piece = frames[first : first + _SLICE]
        begin = time.process_time_ns()
        await watch.take(piece)
        took = time.process_time_ns() - begin
        others = {name: run(piece) for name, run in peers.items()}
        if number < 0:
            continue  # the peers' own warming up
        ours.append(took / len(piece) / 1000)
        for name, cost in others.items():
            theirs[name].append(cost)
    await watch.end()
    mine = statistics.median(ours)
    what = "a frame, from bytes to events"
    told = {"scapy": ("scapy dissects it", 200), "dpkt": ("dpkt parses it", 5), "pypacker": (_LAZY, None)}
    return [faster(what, mine, "us", told[name][0], statistics.median(theirs[name]), told[name][1]) for name in peers]


class _Watch:
    """The daemon's path of frames: parsed in batches, on the bus, through the watcher and its callees."""

    def __init__(self) -> None:
        bus = Bus()
        self._watcher = Watcher(Context("watcher", WatcherSettings(remembered=Path(os.devnull)), bus))
        self._task = asyncio.create_task(self._watcher.run())
        self._sender = bus.sender("sniffer")
        self._bus = bus
        self._parse = parser_for(RADIOTAP)
        self._taken = 0

    async def take(self, records: Sequence[CaptureRecord]) -> None:
        """Return once the findings of `records` are on the bus."""
        parse = self._parse
        await asyncio.sleep(0)
        for first in range(0, len(records), _BATCH):
            self._sender.publish(FrameBatch(frames=[parse(record) for record in records[first : first + _BATCH]]))
            await asyncio.sleep(0)
        self._taken += len(records)
        while self._watcher.survey.channels.frames < self._taken:  # noqa: ASYNC110  # the turns are the work
            await asyncio.sleep(0)

    async def end(self) -> None:
        self._bus.close()
        await self._task


def _timed(read: Callable[[bytes], object]) -> Callable[[Sequence[CaptureRecord]], float]:
    def run(records: Sequence[CaptureRecord]) -> float:
        begin = time.process_time_ns()
        for _, raw, _ in records:
            read(raw)
        return (time.process_time_ns() - begin) / len(records) / 1000

    return run


def _scapy() -> Callable[[bytes], object]:
    from scapy.layers.dot11 import RadioTap

    return RadioTap  # type: ignore[no-any-return]


def _pypacker() -> Callable[[bytes], object] | None:
    """Return how pypacker reads a frame; None where it is not installed."""
    try:
        from pypacker.layer12.ieee80211 import IEEE80211
        from pypacker.layer12.radiotap import Radiotap
    except ImportError:
        print("not measured: pypacker, which is not installed", file=sys.stderr)
        return None

    def read(raw: bytes) -> object:
        frame = Radiotap(raw)[IEEE80211]
        return None if frame is None else getattr(frame.upper_layer, "src", None)

    return read


def _dpkt() -> Callable[[bytes], object]:
    from dpkt.dpkt import Error
    from dpkt.radiotap import Radiotap

    def read(raw: bytes) -> object:
        try:
            return Radiotap(raw)
        except (Error, IndexError):  # it supports some kinds of frame only in part
            return None

    return read

"""Collects the frames of a source, and lets a test wait for them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Sequence

from tests.lab.waiting import until

from whimbrel.drivers.ports import FrameSource
from whimbrel.wifi.capture_record import CaptureRecord


class Collector:
    """A `Deliver` that keeps everything and checks the contract of each call."""

    def __init__(self) -> None:
        self.records: list[CaptureRecord] = []
        self.link_types: set[int] = set()
        self.sizes: list[int] = []
        self._thread = threading.get_ident()
        self._news = asyncio.Event()
        self._turn_taken = True

    def __call__(self, link_type: int, records: Sequence[CaptureRecord]) -> None:
        assert threading.get_ident() == self._thread, "delivered from another thread"
        assert 1 <= len(records) <= 64
        assert self._turn_taken, "the loop had no turn between two calls"
        self._turn_taken = False
        asyncio.get_running_loop().call_soon(self._take_turn)
        self.link_types.add(link_type)
        self.sizes.append(len(records))
        self.records.extend(records)
        self._news.set()

    @property
    def frames(self) -> list[bytes]:
        return [octets for _, octets, _ in self.records]

    async def wait_for(self, count: int) -> None:
        """Wait until `count` records are there."""
        await until(lambda: len(self.records) >= count, f"{count} records", changed=self._news)

    def _take_turn(self) -> None:
        self._turn_taken = True


@contextlib.asynccontextmanager
async def capturing(source: FrameSource, collector: Collector) -> AsyncIterator[asyncio.Task[None]]:
    """Run an open source during the block; close it at the end."""
    task = asyncio.ensure_future(source.run(collector))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
        await source.close()

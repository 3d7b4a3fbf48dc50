"""Thinning in the kernel: begun, supplied with what is needed, and ended, by the owner of the source."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from whimbrel.drivers.ports import ThinningSource
from whimbrel.events.base import Event
from whimbrel.events.radio import FrameBatch
from whimbrel.events.thinning import FramesCounted, FramesNeeded, ThinningChanged
from whimbrel.module import Context, NotReady
from whimbrel.radio.tally import Tally

EVERY = 1.0
"""Seconds between two takings of counts."""
_NOTHING = FramesCounted(ways=(), beacons=())


class ThinningControl:
    """Thins while nobody needs more than the detections; says once what is in the way. `paused` tells whether frames
    are ignored at the moment."""

    def __init__(self, ctx: Context[Any], source: ThinningSource, tally: Tally, paused: Callable[[], bool]) -> None:
        self._ctx = ctx
        self._source = source
        self._tally = tally
        self._paused = paused
        self._said: str | None = None  # the last reason, empty while it thins
        self._refused = ""

    async def run(self) -> None:
        """Do so until cancelled."""
        while not self._refused:
            # Who answers it knows what is needed; the first one is empty.
            self._ctx.publish(await self.turn())
            await asyncio.sleep(EVERY)
        await asyncio.Event().wait()

    async def turn(self) -> FramesCounted:
        """Begin, go on or end; return what was counted since the last time."""
        latest = self._ctx.latest(FramesNeeded)
        why = self._why_not(latest)
        counted = _NOTHING
        if not why or not self._said:
            try:
                counted = await self._source.thin(None if why or latest is None else latest.body)
            except NotReady as error:
                why = self._refused = str(error)
        if why != self._said:
            self._said = why
            self._ctx.publish(ThinningChanged(on=not why, reason=why))
        self._tally.count(counted)
        return _NOTHING if self._paused() else counted

    def _why_not(self, latest: Event | None) -> str:
        """Return what is in the way; empty if nothing is."""
        if latest is None:
            return "no detections have said what they need"
        if latest.body.everything:
            return str(latest.body.everything)
        if self._tally.receiver:
            return "the receiver describes its frames wrongly"
        if self._ctx.bus.wanted(FrameBatch, apart_from={latest.source}):
            return "another module needs every frame"
        return ""

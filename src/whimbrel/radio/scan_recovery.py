"""Executes the steps of the recovery of a radio that scans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whimbrel.drivers.ports import AnnouncementSource
from whimbrel.events.radio import NothingHeard
from whimbrel.module import Context
from whimbrel.radio.recovery import Recovery
from whimbrel.tuning.scan_ladder import ScanLadder
from whimbrel.tuning.settings import RecoverySettings, Rung

EMPTY = 5
"""Scans without a network, from the beginning on, that are told."""


class ScanRecovery(Recovery):
    """The recovery of the radio of `source`, whose scans it follows. `clock` returns monotonic seconds."""

    def __init__(
        self, ctx: Context[Any], source: AnnouncementSource, settings: RecoverySettings, clock: Callable[[], float]
    ) -> None:
        self._scans = ScanLadder(settings, now=clock(), cycle=source.lap)
        super().__init__(ctx, self._scans, None, settings, clock)
        self._source = source
        source.on_scan = self._scanned

    def _scanned(self, problem: str) -> None:
        self._scans.cycle = self._source.lap
        if self._scans.empty == EMPTY and not problem:
            self._ctx.publish(NothingHeard(scans=EMPTY))
        recovered = self._scans.scanned(problem, self._now())
        if recovered is not None:
            self._note(recovered)

    async def _restore(self, rung: Rung) -> None:
        await self._source.cycle()

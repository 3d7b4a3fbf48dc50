"""Decides when a radio that scans counts as blind: its scans fail, or find nothing where there were networks before.

A scan that ends as it should is a sign of life. So an empty table is given the longest silence of all, and none where
nothing was ever heard: there may be no network.
"""

from __future__ import annotations

from whimbrel.settings import evolve
from whimbrel.tuning.ladder import Blind, Ladder, LadderStep, Recovered
from whimbrel.tuning.settings import RecoverySettings

FAILURES = 5
"""Scans that fail in a row after which the radio counts as blind."""
RUNGS = ("cycle", "command")
"""The steps that there are for a radio without channels to set."""


class ScanLadder(Ladder):
    """Monitors the scans of one radio. `cycle` is the number of seconds in which all channels are scanned."""

    def __init__(self, settings: RecoverySettings, *, now: float, cycle: float = 0.0) -> None:
        rungs = tuple(rung for rung in settings.rungs if rung in RUNGS)
        super().__init__(evolve(settings, rungs=rungs), now=now, cycle=cycle)
        self._failed = 0
        self._problem = ""
        self._ever = False
        self.empty = 0
        """The number of scans that have succeeded and found nothing, if nothing was ever found."""
        self._failing = False  # whether that is, or was, why the radio is blind

    @property
    def threshold(self) -> float:
        """Seconds of silence after which the radio counts as blind."""
        if self._failed >= FAILURES:
            return 0.0
        return max(self._settings.silence_max, self._settings.silence) if self._ever else float("inf")

    def scanned(self, problem: str, now: float) -> Recovered | None:
        """Note the end of a scan, with the reason if it failed; return `Recovered` if that ends blindness."""
        if problem:
            self._failed += 1
            self._problem = problem
            return None
        self._failed = 0
        self.empty += not self._ever
        return self._see(now) if self._blind and self._failing else None

    def heard(self, frames: int, now: float, *, counts: bool = True) -> Recovered | None:
        """Note that a scan brought so many frames. One that failed proves nothing by them: a connected radio goes on
        hearing its own network."""
        if frames <= 0:
            return None
        self._ever, self.empty = True, 0
        return None if self._failed else super().heard(frames, now, counts=counts)

    def poll(self, now: float) -> Blind | LadderStep | None:
        """Return the next report or step, as `Ladder`."""
        self._failing = self._failed >= FAILURES or (self._blind and self._failing)
        return super().poll(now)

    def report(self, now: float) -> Blind:
        """Return the report of the present blindness."""
        return Blind(self.silent(now), self._problem if self._failing else "")

    def dead(self, now: float) -> str | None:
        """Return the reason why the watchdog should act: not where scans succeed, whoever left the town."""
        return self.exhausted(now) if self._failing else None

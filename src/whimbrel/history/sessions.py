"""The present time of listening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.base import KNOWN_FROM
from whimbrel.history import entries
from whimbrel.history.ageing import LEAP
from whimbrel.history.collecting import is_due
from whimbrel.verbs.history import SessionRow

if TYPE_CHECKING:
    from whimbrel.history.entries import Entry


_APART = 60.0
"""Seconds by which the times of a known clock may be wrong."""


class Session:
    """In the time of the air from the first frame on; before, in the system's time."""

    def __init__(self, number: int, version: str, place: str, wall: float) -> None:
        self.id = number
        self.radio = ""
        """Where the frames come from."""
        self.frames = 0
        self.kernel_lost = 0
        self.bus_lost = 0
        self.not_kept = 0
        self.estimate = False
        """Whether its times are estimates, where the clock is set at all."""
        self._known = True
        self.moved = 0.0
        """Seconds by which told steps of the clock have moved its times."""
        self._set = 0.0
        self._version = version
        self._place = place
        self._began = wall
        self._ended = wall
        self._written = 0.0

    @property
    def clock(self) -> bool:
        """Whether the clock is set by now."""
        return self._ended >= KNOWN_FROM

    def is_due(self, now: float) -> bool:
        """Return whether its continuation at `now` is worth a write."""
        self._go_on(now)
        return is_due(now, self._written)

    def shift(self, delta: float) -> None:
        """Note that the clock was set by `delta` seconds. After a leap ahead, the time before it proves nothing of the
        clock: the session begins there."""
        if self.clock and delta > LEAP:
            self._began = self._ended
        self.moved += delta
        self._settle()
        self._began += delta
        self._ended += delta
        self._written += delta

    def judge(self, *, known: bool, set_by: float) -> None:
        """Note whether the time is known, and by how many seconds the clock was set in this session.

        Only a step that was told (`shift`) has moved what was stamped before: without it, these are still estimates.
        """
        self._known, self._set = known, set_by
        self.estimate = True
        self._settle()

    def _settle(self) -> None:
        if self._known and abs(self._set - self.moved) <= _APART:
            self.estimate = False

    def entry(self, now: float) -> Entry:
        """Return its row; `now` is the time of the air, 0 before any of it was heard."""
        self._go_on(now)
        self._written = self._ended
        row = SessionRow(
            id=self.id,
            began=self._began,
            ended=self._ended,
            clock=self.clock,
            version=self._version,
            radio=self.radio,
            place=self._place,
            frames=self.frames,
            kernel_lost=self.kernel_lost,
            bus_lost=self.bus_lost,
            not_kept=self.not_kept,
            estimate=self.clock and self.estimate,
        )
        values = row.as_dict()
        if values.pop("estimate"):
            values["clock"] = entries.ESTIMATE
        return entries.session(tuple(values.values()))

    def _go_on(self, now: float) -> None:
        if now:
            # A capture that is replayed is older than the clock, and a simulated air may be ahead of it.
            self._began = min(self._began, now)
            self._ended = now

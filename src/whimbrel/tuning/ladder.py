"""Decides when silence means that the radio is blind, and which recovery step comes next.

The allowed silence depends on the rate of frames before it: after a hundred frames a second, ten seconds without one
are no chance; in a field at night they are. An upper limit makes sure that a radio that has died in quiet air is found
too, only later. After the last step the first comes again, with longer pauses, for ever.
"""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.tuning.settings import RecoverySettings, Rung

_SMOOTHING = 120.0  # s over which the rate of frames is averaged
_EXPECTED = 30.0  # frames expected at that rate during a silence that is suspicious
_CYCLES = 2.0  # rounds of the plan that a silence must last: one busy channel among silent ones is normal


class Blind(NamedTuple):
    """The radio was just found to be blind."""

    silent: float
    """Seconds since the last frame."""
    reason: str = ""
    """What was told of it, besides the silence."""


class LadderStep(NamedTuple):
    """Execute this step now, and report its outcome."""

    rung: Rung
    attempt: int
    """The number of the step since the radio went blind, from 1."""


class Recovered(NamedTuple):
    """Frames are received again."""

    blind: float
    """Seconds without a frame."""
    rung: str
    """The last step before; empty if there was none."""


class Ladder:
    """Monitors the frames of one radio. `now` is seconds of a monotonic clock everywhere.

    `cycle` is the number of seconds in which the plan visits every channel; set it again when that changes.
    """

    def __init__(self, settings: RecoverySettings, *, now: float, cycle: float = 0.0) -> None:
        self.cycle = cycle
        self._settings = settings
        self._rungs = tuple(rung for rung in settings.rungs if rung != "command" or settings.command)
        self._rate = 0.0  # frames per second, smoothed
        self._measured = now
        self._frames = 0
        self._heard = now
        self._blind = False
        self._steps = 0
        self._next = 0.0

    @property
    def blind(self) -> bool:
        """Whether the radio counts as blind."""
        return self._blind

    @property
    def threshold(self) -> float:
        """Seconds of silence after which the radio counts as blind at the current rate of frames."""
        longest = max(self._settings.silence_max, self._settings.silence)
        if self._rate * longest <= _EXPECTED:
            return longest
        return min(max(self._settings.silence, _CYCLES * self.cycle, _EXPECTED / self._rate), longest)

    def silent(self, now: float) -> float:
        """Return the seconds since the last frame, or since the start."""
        return max(now - self._heard, 0.0)

    def heard(self, frames: int, now: float, *, counts: bool = True) -> Recovered | None:
        """Note that so many frames were received; return `Recovered` if that ends blindness.

        They count for the rate unless they were heard where the radio does not stay.
        """
        if frames <= 0:
            return None
        recovered = self._see(now) if self._blind else None
        self._frames += frames if counts else 0
        self._heard = now
        self._measure(now)
        return recovered

    def forget(self, now: float) -> None:
        """Reset the rate of frames, because the radio now stays on another channel."""
        self._rate = 0.0
        self._frames = 0
        self._measured = now

    def poll(self, now: float) -> Blind | LadderStep | None:
        """Return the next report or step; call it about once a second, and again after `Blind`."""
        if not self._blind:
            if self.silent(now) < self.threshold:
                return None
            self._blind = True
            self._steps = 0
            self._next = now
            return self.report(now)
        if now < self._next or not self._rungs:
            return None
        rung = self._rungs[self._steps % len(self._rungs)]
        rounds = self._steps // len(self._rungs)
        self._steps += 1
        self._next = now + self._pause(rounds)
        return LadderStep(rung, self._steps)

    def finished(self, now: float) -> None:
        """Note that the step has succeeded or failed: the pause before the next step begins now."""
        if self._blind and self._steps:
            self._next = now + self._pause((self._steps - 1) // len(self._rungs))

    def report(self, now: float) -> Blind:
        """Return the report of the present blindness."""
        return Blind(self.silent(now))

    def dead(self, now: float) -> str | None:
        """Return the reason why the watchdog should act; None while there is a step left to try."""
        return self.exhausted(now)

    def exhausted(self, now: float) -> str | None:
        """Return why this radio is to be given up for another one; None while there is a step left to try."""
        enough = self._settings.watchdog_rounds * len(self._rungs)
        if not self._blind or not enough or self._steps < enough or (self._steps == enough and now < self._next):
            return None
        return f"no frame for {self.silent(now):.0f} s, and {self._steps} recovery steps did not help"

    def _see(self, now: float) -> Recovered:
        """End the blindness."""
        last = self._rungs[(self._steps - 1) % len(self._rungs)] if self._steps else ""
        recovered = Recovered(self.silent(now), last)
        self._blind = False
        self._heard = self._measured = now  # the rate before remains valid: the radio was silent, not the air
        return recovered

    def _pause(self, rounds: int) -> float:
        """Return the seconds to listen after a step: at least one round of the plan, to be conclusive."""
        pause = self._settings.pause * 2.0 ** min(rounds, 16)
        return min(max(pause, self.cycle), max(self._settings.silence_max, self._settings.pause))

    def _measure(self, now: float) -> None:
        passed = now - self._measured
        if passed < 1.0:
            return
        share = min(passed / _SMOOTHING, 1.0)
        self._rate += share * (self._frames / passed - self._rate)
        self._frames = 0
        self._measured = now

"""Executes the steps of the recovery ladder when the radio has gone blind, and reports each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from whimbrel.command import run
from whimbrel.drivers.ports import TuneError
from whimbrel.events.radio import RadioBlind, RadioRecovered, RecoveryStep
from whimbrel.module import Context, ignore
from whimbrel.radio.conductor import Conductor
from whimbrel.tuning.ladder import Blind, Ladder, LadderStep, Recovered
from whimbrel.tuning.settings import RecoverySettings, Rung
from whimbrel.wifi.channels import Channel

_POLL = 1.0
"""Seconds between two checks for silence."""


class Recovery:
    """The recovery of one radio. `clock` returns monotonic seconds; `conductor` is None if it cannot be tuned."""

    def __init__(
        self,
        ctx: Context[Any],
        ladder: Ladder,
        conductor: Conductor | None,
        settings: RecoverySettings,
        clock: Callable[[], float],
    ) -> None:
        self._ctx = ctx
        self._ladder = ladder
        self._conductor = conductor
        self._settings = settings
        self._clock = clock
        self._stood = 0.0  # seconds in which the process stood still
        self.look_around: Callable[[bool], object] = ignore
        """Called with whether the radio is to visit its whole plan, and not only its share."""
        self._around = False
        self._heard_around = False
        self._visited: frozenset[int] = frozenset()
        self._locked: Channel | None = None
        self._climbing = False
        self._recovered: Recovered | None = None

    def heard(self, frames: int) -> None:
        """Note that so many frames were received, which ends blindness."""
        self._heard_around = self._heard_around or frames > 0
        recovered = self._ladder.heard(frames, self._now(), counts=not self._around)
        if recovered is not None:
            self._note(recovered)

    def opened(self) -> None:
        """Tell again that the radio is blind, if it is: it was just opened anew, which cures nothing by itself."""
        if self._ladder.blind:
            self._tell_blind(self._ladder.report(self._now()))

    def dead(self) -> str | None:
        """Return the reason why the watchdog should act; None while a step is in progress or left to try."""
        return None if self._climbing else self._ladder.dead(self._now())

    def exhausted(self) -> str | None:
        """Return the reason to take another radio; None as in `dead`."""
        return None if self._climbing else self._ladder.exhausted(self._now())

    async def run(self) -> None:
        """Watch until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _POLL
            await asyncio.sleep(_POLL)
            # What arrived while the process stood still was not read yet: that is no silence.
            self._stood += max(loop.time() - due, 0.0)
            self._follow()
            self._doubt()
            action = self._ladder.poll(self._now())
            if isinstance(action, Blind):
                self._tell_blind(action)
                action = self._ladder.poll(self._now())
            if isinstance(action, LadderStep):
                await self._take(action)

    def _now(self) -> float:
        """Return the monotonic seconds without those in which the process stood still."""
        return self._clock() - self._stood

    def _follow(self) -> None:
        """Pass the current hopping to the ladder, which judges silence by it."""
        if self._conductor is None:
            return
        self._ladder.cycle = self._conductor.cycle
        posture = self._conductor.posture
        locked = posture.channel if posture.mode == "locked" else None
        visited = self._visited if self._around else self._conductor.visited
        if locked not in (None, self._locked) or (self._visited and visited != self._visited):
            self._ladder.forget(self._now())
        self._locked, self._visited = locked, visited

    def _doubt(self) -> None:
        """Have the radio visit its whole plan before its silence counts, until it hears something: in its share of the
        channels there may be nothing to hear."""
        around = not self._heard_around if self._around else self._is_silent()
        if around != self._around:
            self._around, self._heard_around = around, False
            self.look_around(around)

    def _is_silent(self) -> bool:
        """Return whether nothing was heard in a share of the channels for half of the time that is allowed."""
        conductor = self._conductor
        if conductor is None or len(self._visited) == len(conductor.freqs):
            return False
        return self._ladder.silent(self._now()) >= self._ladder.threshold / 2

    async def _take(self, step: LadderStep) -> None:
        """Execute a step and publish its outcome, then the recovery if it came meanwhile."""
        self._climbing = True
        try:
            outcome = await self._climb(step)
        finally:
            self._climbing = False
        self._ladder.finished(self._now())
        self._ctx.publish(RecoveryStep(rung=step.rung, attempt=step.attempt, outcome=outcome))
        recovered, self._recovered = self._recovered, None
        if recovered is not None:
            self._tell_recovered(recovered)

    async def _climb(self, step: LadderStep) -> str:
        """Execute the action of a step; return its outcome."""
        if step.rung == "command":
            return await run(self._settings.command, self._settings.command_timeout) or "done"
        try:
            await self._restore(step.rung)
        except TuneError as error:
            return str(error)
        return "done"

    async def _restore(self, rung: Rung) -> None:
        """Execute a step other than the command. Raises `TuneError`."""
        if self._conductor is None:
            raise TuneError("this radio cannot be tuned from here")
        await self._conductor.restore(rung)

    def _note(self, recovered: Recovered) -> None:
        """Tell of the end of blindness."""
        if self._climbing:
            self._recovered = recovered  # published after the step that caused it
        else:
            self._tell_recovered(recovered)

    def _tell_blind(self, blind: Blind) -> None:
        self._ctx.publish(RadioBlind(silent=blind.silent, reason=blind.reason))
        text = f"the radio has delivered nothing for {blind.silent:.0f} s"
        if blind.reason:
            text = f"the radio is blind, its scans fail: {blind.reason}"
        self._ctx.warn("blind", text)

    def _tell_recovered(self, recovered: Recovered) -> None:
        self._ctx.publish(RadioRecovered(blind=recovered.blind, rung=recovered.rung))
        self._ctx.clear("blind")

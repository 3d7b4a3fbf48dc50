"""Executes the steps of the recovery ladder when the radio has gone blind, and reports each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from whimbrel.command import run
from whimbrel.drivers.ports import TuneError
from whimbrel.events.radio import RadioBlind, RadioRecovered, RecoveryStep
from whimbrel.module import Context
from whimbrel.radio.conductor import Conductor
from whimbrel.tuning.ladder import Blind, Ladder, LadderStep, Recovered
from whimbrel.tuning.settings import RecoverySettings
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
        self._locked: Channel | None = None
        self._climbing = False
        self._recovered: Recovered | None = None

    def heard(self, frames: int) -> None:
        """Note that so many frames were received, which ends blindness."""
        recovered = self._ladder.heard(frames, self._clock())
        if recovered is None:
            return
        if self._climbing:
            self._recovered = recovered  # published after the step that caused it
        else:
            self._tell_recovered(recovered)

    def dead(self) -> str | None:
        """Return the reason why the watchdog should act; None while a step is in progress or left to try."""
        return None if self._climbing else self._ladder.dead(self._clock())

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await asyncio.sleep(_POLL)
            self._follow()
            action = self._ladder.poll(self._clock())
            if isinstance(action, Blind):
                self._tell_blind(action)
                action = self._ladder.poll(self._clock())
            if isinstance(action, LadderStep):
                await self._take(action)

    def _follow(self) -> None:
        """Pass the current hopping to the ladder, which judges silence by it."""
        if self._conductor is None:
            return
        self._ladder.cycle = self._conductor.cycle
        posture = self._conductor.posture
        locked = posture.channel if posture.mode == "locked" else None
        if locked not in (None, self._locked):
            self._ladder.forget(self._clock())
        self._locked = locked

    async def _take(self, step: LadderStep) -> None:
        """Execute a step and publish its outcome, then the recovery if it came meanwhile."""
        self._climbing = True
        try:
            outcome = await self._climb(step)
        finally:
            self._climbing = False
        self._ladder.finished(self._clock())
        self._ctx.publish(RecoveryStep(rung=step.rung, attempt=step.attempt, outcome=outcome))
        recovered, self._recovered = self._recovered, None
        if recovered is not None:
            self._tell_recovered(recovered)

    async def _climb(self, step: LadderStep) -> str:
        """Execute the action of a step; return its outcome."""
        if step.rung == "command":
            return await run(self._settings.command, self._settings.command_timeout) or "done"
        if self._conductor is None:
            return "this radio cannot be tuned from here"
        try:
            await self._conductor.restore(step.rung)
        except TuneError as error:
            return str(error)
        return "done"

    def _tell_blind(self, blind: Blind) -> None:
        self._ctx.publish(RadioBlind(silent=blind.silent))
        self._ctx.warn("blind", f"the radio has delivered nothing for {blind.silent:.0f} s")

    def _tell_recovered(self, recovered: Recovered) -> None:
        self._ctx.publish(RadioRecovered(blind=recovered.blind, rung=recovered.rung))
        self._ctx.clear("blind")

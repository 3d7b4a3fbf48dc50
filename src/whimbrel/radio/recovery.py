"""Climbs the ladder when the radio has gone blind: each rung is tried, and said."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from whimbrel.drivers.ports import TuneError
from whimbrel.events.radio import RadioBlind, RadioRecovered, RecoveryStep
from whimbrel.module import Context
from whimbrel.radio.conductor import Conductor
from whimbrel.tuning.ladder import Blind, Ladder, Recovered, Step
from whimbrel.tuning.settings import RecoverySettings

_POLL = 1.0
"""Seconds between two looks at the silence."""


class Recovery:
    """The ladder of one radio. `clock` gives monotonic seconds; `conductor` is None where nothing can be tuned."""

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

    def heard(self, frames: int) -> None:
        """Note that so many frames have come in; ends blindness."""
        if (recovered := self._ladder.heard(frames, self._clock())) is not None:
            self._tell_recovered(recovered)

    def dead(self) -> str | None:
        """Say why the watchdog should act; None while there is something left to try."""
        return self._ladder.dead(self._clock())

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await asyncio.sleep(_POLL)
            action = self._ladder.poll(self._clock())
            if isinstance(action, Blind):
                self._tell_blind(action)
                action = self._ladder.poll(self._clock())
            if isinstance(action, Step):
                outcome = await self._climb(action)
                self._ladder.finished(self._clock())
                self._ctx.publish(RecoveryStep(rung=action.rung, attempt=action.attempt, outcome=outcome))

    async def _climb(self, step: Step) -> str:
        """Do what the step says; return how it went."""
        if step.rung == "command":
            return await self._run_command()
        if self._conductor is None:
            return "this radio cannot be tuned from here"
        tuner = self._conductor.tuner
        actions = {"retune": self._conductor.retune, "cycle": tuner.cycle, "recreate": tuner.recreate}
        try:
            async with self._conductor.busy:
                await actions[step.rung]()
        except TuneError as error:
            return str(error)
        return "done"

    async def _run_command(self) -> str:
        program = self._settings.command
        try:
            process = await asyncio.create_subprocess_exec(*program, stdin=asyncio.subprocess.DEVNULL)
        except OSError as error:
            return f"{program[0]} cannot be run: {error.strerror}"
        try:
            async with asyncio.timeout(self._settings.command_timeout):
                status = await process.wait()
        except TimeoutError:
            return f"{program[0]} had not ended after {self._settings.command_timeout:g} s and was killed"
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        return "done" if status == 0 else f"{program[0]} ended with status {status}"

    def _tell_blind(self, blind: Blind) -> None:
        self._ctx.publish(RadioBlind(silent=blind.silent))
        self._ctx.warn("blind", f"the radio has delivered nothing for {blind.silent:.0f} s")

    def _tell_recovered(self, recovered: Recovered) -> None:
        self._ctx.publish(RadioRecovered(blind=recovered.blind, rung=recovered.rung))
        self._ctx.clear("blind")

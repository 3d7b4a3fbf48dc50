"""The daemon's side of Debian's security updates: it asks root by a file, one job at a time, and tells its outcome."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from whimbrel import jobs
from whimbrel.events.device import SecurityUpdated, SecurityUpdatesWanted
from whimbrel.events.system import CommandRefused
from whimbrel.jobs import JobLimits
from whimbrel.late import load
from whimbrel.module import Context, VerbError
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.securing import exchange
from whimbrel.securing.exchange import SecurityOutcome
from whimbrel.verbs.device import SECURITY_STATE, SECURITY_UPDATES, SecurityState

_SCREENS = "whimbrel.screens.securing"
_NAME, _PLACE = "Security updates", MenuPlace(Section.DEVICE, 55)
_ENABLED = Path("/etc/systemd/system/whimbrel.service.wants/whimbrel-security.path")
"""What enabling that unit makes, as the image does."""
_BEGINNING, _PATIENCE = 120.0, 14_700.0
"""Seconds: until somebody must have begun, since there is a pause between two jobs; for the whole, which the unit's
own limit is below."""
_NOBODY = "nobody does it: see 'systemctl status whimbrel-security.path whimbrel-security.service'"
_LIMITS = JobLimits(_BEGINNING, _PATIENCE, _NOBODY)


def is_possible() -> bool:
    """Return whether this is the service of a device on which root does that."""
    runtime = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return Path(runtime) == exchange.REQUEST.parent and _ENABLED.is_symlink()


class SecurityUpdates:
    """Serves the verbs and the line of the menu. All methods belong to the loop."""

    def __init__(self, ctx: Context[Any]) -> None:
        self._ctx = ctx
        self._task: asyncio.Task[None] | None = None
        self._state = SecurityState(going=False)
        self._possible = False

    def offer(self) -> None:
        """Offer them where they are possible; elsewhere, the verb says that they are not."""
        self._possible = is_possible()
        self._ctx.serve(SECURITY_UPDATES, self._begin_for_verb)
        self._ctx.serve(SECURITY_STATE, self._tell)
        if self._possible:
            self._ctx.offer_entry(_NAME, self._entry, _PLACE)

    def _entry(self) -> object:
        return load(f"{_SCREENS}:security_entry")()

    def want(self, seq: int) -> None:
        """Begin for the command `seq`, or refuse it."""
        try:
            self._begin(seq)
        except VerbError as refused:
            text = str(refused)
            self._ctx.publish(CommandRefused(command=SecurityUpdatesWanted.kind, text=text, answers=seq))

    async def close(self) -> None:
        """Wait for nothing more; what root has begun goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _begin(self, answers: int) -> None:
        if not self._possible:
            raise VerbError("not on this system: use apt, or enable whimbrel-security.path")
        if self._state.going:
            raise VerbError("they are being looked for")
        self._state = SecurityState(going=True)
        self._task = asyncio.create_task(self._renew(answers))

    async def _begin_for_verb(self, _request: dict[str, Any]) -> SecurityState:
        self._begin(0)
        return self._state

    async def _tell(self, _request: dict[str, Any]) -> SecurityState:
        return self._state

    async def _renew(self, answers: int) -> None:
        number = jobs.number()
        done = await jobs.wait(
            self._ctx, lambda: exchange.ask(number), lambda: exchange.outcome(number),
            lambda found: found.ended, _LIMITS,
        )  # fmt: skip
        if isinstance(done, str):
            done = SecurityOutcome(number=number, problem=done)
        self._state = SecurityState(going=False, packages=done.packages, problem=done.problem)
        self._ctx.publish(SecurityUpdated(packages=done.packages, problem=done.problem, answers=answers))

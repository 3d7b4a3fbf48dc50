"""The daemon's side of Debian's security updates: it asks root by a file, one job at a time, and tells its outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whimbrel import jobs
from whimbrel.events.device import SecurityUpdated, SecurityUpdatesWanted
from whimbrel.jobs import JobLimits
from whimbrel.module import Context
from whimbrel.root_job import RootJob
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.securing import exchange
from whimbrel.securing.exchange import SecurityOutcome
from whimbrel.verbs.device import SECURITY_STATE, SECURITY_UPDATES, SecurityState

_SCREENS = "whimbrel.screens.securing"
_NAME = "Security updates"
_ENABLED = Path("/etc/systemd/system/whimbrel.service.wants/whimbrel-security.path")
"""What enabling that unit makes, as the image does."""
_BEGINNING, _PATIENCE = 120.0, 14_700.0
"""Seconds: until somebody must have begun, since there is a pause between two jobs; for the whole, which the unit's
own limit is below."""
_NOBODY = "nobody does it: see 'systemctl status whimbrel-security.path whimbrel-security.service'"
_LIMITS = JobLimits(_BEGINNING, _PATIENCE, _NOBODY)


def is_possible() -> bool:
    """Return whether this is the service of a device on which root does that."""
    return jobs.is_of_service(exchange.REQUEST) and _ENABLED.is_symlink()


class SecurityUpdates(RootJob[int, SecurityState]):
    """Has Debian's security updates installed."""

    name, place = _NAME, MenuPlace(Section.DEVICE, 55)
    entry = f"{_SCREENS}:security_entry"
    command, verb, state_verb = SecurityUpdatesWanted, SECURITY_UPDATES, SECURITY_STATE
    impossible = "not on this system: use apt, or enable whimbrel-security.path"
    busy = "they are being looked for"

    def __init__(self, ctx: Context[Any]) -> None:
        super().__init__(ctx, SecurityState(going=False), SecurityState(going=True))

    def _is_possible(self) -> bool:
        return is_possible()

    def _request(self, _wish: object) -> int:
        return jobs.number()

    async def _ask(self, number: int, answers: int) -> tuple[SecurityState, SecurityUpdated]:
        done = await jobs.wait(
            self._ctx, lambda: exchange.ask(number), lambda: exchange.outcome(number),
            lambda found: found.ended, _LIMITS,
        )  # fmt: skip
        if isinstance(done, str):
            done = SecurityOutcome(number=number, problem=done)
        state = SecurityState(going=False, packages=done.packages, problem=done.problem)
        return state, SecurityUpdated(packages=done.packages, problem=done.problem, answers=answers)

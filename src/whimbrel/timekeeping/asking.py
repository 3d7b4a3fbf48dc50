"""The daemon's side of setting the clock: it asks root by a file, one time after the other, and tells the outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whimbrel import jobs
from whimbrel.events.base import Event
from whimbrel.events.device import TimeSet, TimeWanted
from whimbrel.events.system import CommandRefused
from whimbrel.jobs import JobLimits
from whimbrel.module import Context, VerbError
from whimbrel.root_job import RootJob
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.timekeeping import exchange
from whimbrel.timekeeping.exchange import TimeRequest
from whimbrel.verbs.device import SET_TIME, TIME_STATE, TimeState

_SCREENS = "whimbrel.screens.time_setting"
_NAME = "Time"
_ENABLED = tuple(
    Path("/etc/systemd/system") / name
    for name in ("whimbrel.service.wants/whimbrel-time.path", "multi-user.target.wants/whimbrel-image.target")
)
"""What enabling that unit makes, and one that starts it, as the image's own does."""
_NOBODY = "nobody does it: see 'systemctl status whimbrel-time.path whimbrel-time.service'"
_LIMITS = JobLimits(90.0, 120.0, _NOBODY)
_FAR = 1e12
"""Seconds from the epoch of what is no time: infinity, and integers that no float holds."""
"""There is a pause between two; the unit's own limit is below the whole."""


def is_possible() -> bool:
    """Return whether this is the service of a device on which root does that."""
    return jobs.is_of_service(exchange.REQUEST) and any(link.is_symlink() for link in _ENABLED)


class TimeSetting(RootJob[TimeState]):
    """Has the clock set to the time that a person gives."""

    name, place = _NAME, MenuPlace(Section.DEVICE, 45)
    entry = f"{_SCREENS}:time_entry"
    command, verb, state_verb = TimeWanted, SET_TIME, TIME_STATE
    impossible = "not on this system: use timedatectl, or enable whimbrel-time.path"
    busy = "the clock is being set"

    def __init__(self, ctx: Context[Any]) -> None:
        super().__init__(ctx, TimeState(going=False), TimeState(going=True))
        self._wanted = TimeRequest(number=0, milliseconds=0)

    def take(self, event: Event) -> None:
        """Begin for a `TimeWanted`, or refuse it."""
        try:
            self._note(event.body.time)
        except VerbError as refused:
            self._ctx.publish(CommandRefused(command=TimeWanted.kind, text=str(refused), answers=event.seq))
        else:
            self.want(event.seq)

    def _note(self, time: float) -> None:
        """Note what is wanted from now on. Raises VerbError."""
        if self._state is self._begun:
            raise VerbError(self.busy)
        if problem := exchange.refusal(time):
            raise VerbError(problem)
        self._wanted = TimeRequest(number=jobs.number(), milliseconds=round(time * 1000))

    async def _begin_for_verb(self, request: dict[str, Any]) -> TimeState:
        time = request.get("time")
        if isinstance(time, bool) or not isinstance(time, int | float) or not abs(time) < _FAR:
            raise VerbError('"time": expected seconds since the epoch')
        self._note(time)
        return await super()._begin_for_verb(request)

    def _is_possible(self) -> bool:
        return is_possible()

    async def _ask(self, answers: int) -> tuple[TimeState, TimeSet]:
        wanted = self._wanted
        done = await jobs.wait(
            self._ctx, lambda: exchange.ask(wanted), lambda: exchange.outcome(wanted.number),
            lambda found: found.ended, _LIMITS,
        )  # fmt: skip
        problem = done if isinstance(done, str) else done.problem
        return TimeState(going=False, problem=problem), TimeSet(problem=problem, answers=answers)

"""The daemon's side of setting the clock: it asks root by a file, one time after the other, and tells the outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whimbrel import jobs
from whimbrel.events.device import TimeSet, TimeWanted
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
"""There is a pause between two; the unit's own limit is below the whole."""
_FAR = 1e12
"""Seconds from the epoch of what is no time: infinity, and integers that no float holds."""


def is_possible() -> bool:
    """Return whether this is the service of a device on which root does that."""
    return jobs.is_of_service(exchange.REQUEST) and any(link.is_symlink() for link in _ENABLED)


class TimeSetting(RootJob[TimeRequest, TimeState]):
    """Has the clock set to the time that a person gives."""

    name, place = _NAME, MenuPlace(Section.DEVICE, 45)
    entry = f"{_SCREENS}:time_entry"
    command, verb, state_verb = TimeWanted, SET_TIME, TIME_STATE
    impossible = "not on this system: use timedatectl, or enable whimbrel-time.path"
    busy = "the clock is being set"

    def __init__(self, ctx: Context[Any]) -> None:
        super().__init__(ctx, TimeState(going=False), TimeState(going=True))

    def _is_possible(self) -> bool:
        return is_possible()

    def _request(self, wish: TimeWanted | dict[str, Any]) -> TimeRequest:
        time = wish.get("time") if isinstance(wish, dict) else wish.time
        if isinstance(time, bool) or not isinstance(time, int | float) or not abs(time) < _FAR:
            raise VerbError('"time": expected seconds since the epoch')
        if problem := exchange.refusal(time):
            raise VerbError(problem)
        return TimeRequest(number=jobs.number(), milliseconds=round(time * 1000))

    async def _ask(self, request: TimeRequest, answers: int) -> tuple[TimeState, TimeSet]:
        done = await jobs.wait(
            self._ctx, lambda: exchange.ask(request), lambda: exchange.outcome(request.number),
            lambda found: found.ended, _LIMITS,
        )  # fmt: skip
        problem = done if isinstance(done, str) else done.problem
        return TimeState(going=False, problem=problem), TimeSet(problem=problem, answers=answers)

"""One job at a time; `test_asking.py` of `copying`, `securing` and `timekeeping` have those that root does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.lab.waiting import until

from whimbrel.bus import Bus
from whimbrel.events.device import SecurityUpdated, SecurityUpdatesWanted
from whimbrel.events.system import CommandRefused
from whimbrel.module import Context, NoSettings, VerbError
from whimbrel.root_job import RootJob
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.verbs.device import SECURITY_STATE, SECURITY_UPDATES, SecurityState


class Job(RootJob[int, SecurityState]):
    name, place = "Job", MenuPlace(Section.DEVICE, 1)
    entry = "whimbrel.screens.securing" + ":security_entry"
    command, verb, state_verb = SecurityUpdatesWanted, SECURITY_UPDATES, SECURITY_STATE
    impossible, busy = "not here", "it goes on"

    def __init__(self, ctx: Context[Any], *, possible: bool = True) -> None:
        super().__init__(ctx, SecurityState(going=False), SecurityState(going=True))
        self.possible = possible
        self.root = asyncio.Event()

    def _is_possible(self) -> bool:
        return self.possible

    def _request(self, _wish: object) -> int:
        return 2

    async def _ask(self, packages: int, answers: int) -> tuple[SecurityState, SecurityUpdated]:
        await self.root.wait()
        done = SecurityUpdated(packages=packages, problem="", answers=answers)
        return SecurityState(going=False, packages=packages), done


@pytest.fixture
def ctx() -> Context[Any]:
    return Context("system", NoSettings(), Bus())


async def test_one_at_a_time_and_its_outcome_is_told(ctx: Context[Any]) -> None:
    told = ctx.bus.subscribe(SecurityUpdated, CommandRefused, reader="test")
    job = Job(ctx)
    job.offer()
    assert [offer.name for offer in ctx.screens()] == ["Job"]
    assert await ctx.verbs.ask(SECURITY_STATE, {}) == SecurityState(going=False)
    screen = ctx.bus.sender("screen")
    first, second = (screen.publish(SecurityUpdatesWanted()) for _ in range(2))
    job.take(first)
    job.take(second)
    with pytest.raises(VerbError, match="it goes on"):
        await ctx.verbs.ask(SECURITY_UPDATES, {})
    assert (await ctx.verbs.ask(SECURITY_STATE, {})).going
    job.root.set()
    await until(lambda: not job._state.going)
    refused, done = [event.body for event in told.read_waiting()]  # type: ignore[union-attr]
    assert (refused.text, refused.answers) == ("it goes on", second.seq)
    assert (done.packages, done.answers) == (2, first.seq)
    assert await ctx.verbs.ask(SECURITY_STATE, {}) == SecurityState(going=False, packages=2)
    await job.close()


async def test_where_it_is_not_possible_it_is_refused(ctx: Context[Any]) -> None:
    job = Job(ctx, possible=False)
    job.offer()
    assert not ctx.screens()
    with pytest.raises(VerbError, match="not here"):
        await ctx.verbs.ask(SECURITY_UPDATES, {})


async def test_its_end_waits_for_nothing(ctx: Context[Any]) -> None:
    job = Job(ctx)
    job.offer()
    assert (await ctx.verbs.ask(SECURITY_UPDATES, {})).going
    await job.close()
    assert job._state.going

"""The daemon's verbs from the second process: typed, bounded by `may`, and anew after the daemon has been away."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.lab.alerts import AlertingDaemon

from whimbrel.bus import Bus
from whimbrel.events.encode import encode
from whimbrel.module import Context, DaemonAway, NoSettings, VerbError
from whimbrel.reach.remote import RemoteVerbs
from whimbrel.settings import frozen
from whimbrel.verbs.air import SURVEY
from whimbrel.verbs.alerts import ACKNOWLEDGE, ALERTS
from whimbrel.verbs.daemon import STATUS
from whimbrel.verbs.radio import LOCK, UNLOCK


@frozen
class Allowed:
    may: tuple[str, ...] = ()


@pytest.fixture
def daemon(tmp_path: Path) -> AlertingDaemon:
    return AlertingDaemon(tmp_path / "s")


def context(daemon: AlertingDaemon, *may: str) -> Context[Any]:
    return Context("page", Allowed(may), Bus(), RemoteVerbs(daemon.path))


async def close(ctx: Context[Any]) -> None:
    assert isinstance(ctx.verbs, RemoteVerbs)
    await ctx.verbs.close()


async def test_answers_are_typed_and_questions_may_be_asked_at_once(daemon: AlertingDaemon) -> None:
    ctx = context(daemon)
    async with daemon:
        body = daemon.raise_alert()
        answers = await asyncio.gather(*(ctx.ask(ALERTS) for _ in range(5)))
        assert all(answer.alerts[0].title == body.title for answer in answers)
        assert (await ctx.ask(STATUS)).version == "1.2.3"
        await close(ctx)


async def test_an_answer_can_be_passed_on_as_it_came(daemon: AlertingDaemon) -> None:
    ctx = context(daemon)
    async with daemon:
        body = daemon.raise_alert()
        octets = await ctx.ask_json(ALERTS)
        assert json.loads(octets) == encode(await ctx.ask(ALERTS))
        assert json.loads(octets)["alerts"][0]["title"] == body.title
        with pytest.raises(VerbError, match="page may not acknowledge"):
            await ctx.ask_json(ACKNOWLEDGE, alert="1")
        with pytest.raises(TypeError, match="survey takes what"):
            await ctx.ask_json(SURVEY, where="here")
        with pytest.raises(VerbError):
            await ctx.ask_json(SURVEY)  # nobody answers it
        await close(ctx)
    with pytest.raises(DaemonAway):
        await ctx.ask_json(ALERTS)


async def test_what_changes_the_daemon_has_to_be_allowed(daemon: AlertingDaemon) -> None:
    async with daemon:
        ctx = context(daemon)
        with pytest.raises(VerbError, match=r"page may not acknowledge: .* add acknowledge to modules.page.may"):
            await ctx.ask(ACKNOWLEDGE, alert="1")
        with pytest.raises(VerbError, match=r"page may not unlock: to allow it, add lock to modules.page.may"):
            await ctx.ask(UNLOCK)
        assert daemon.asked == []
        allowed = context(daemon, "acknowledge", "lock")
        assert (await allowed.ask(ACKNOWLEDGE, alert="1")).acknowledged == ("1",)
        assert daemon.asked == ["1"]
        with pytest.raises(VerbError, match="the module that answers it is not on"):
            await allowed.ask(UNLOCK)
        await close(allowed)


async def test_nothing_is_allowed_to_a_module_without_such_a_setting(daemon: AlertingDaemon) -> None:
    ctx = Context("page", NoSettings(), Bus(), RemoteVerbs(daemon.path))
    with pytest.raises(VerbError, match="may not lock"):
        await ctx.ask(LOCK, channel="6")


async def test_a_wrong_argument_is_a_mistake_of_the_program(daemon: AlertingDaemon) -> None:
    ctx = context(daemon)
    async with daemon:
        with pytest.raises(TypeError, match="alerts takes alert, open; got alarm"):
            await ctx.ask(ALERTS, alarm="1")


async def test_a_daemon_that_is_away_is_told_apart_and_asked_again(daemon: AlertingDaemon) -> None:
    ctx = context(daemon)
    with pytest.raises(DaemonAway, match="the socket is not there"):
        await ctx.ask(STATUS)
    async with daemon:
        await ctx.ask(STATUS)
    with pytest.raises(DaemonAway):
        await ctx.ask(STATUS)
    async with daemon:
        assert (await ctx.ask(STATUS)).version == "1.2.3"
        await close(ctx)


async def test_an_answer_that_nobody_waits_for_any_more_is_not_taken_for_the_next_one(daemon: AlertingDaemon) -> None:
    ctx = context(daemon)
    async with daemon:
        question = asyncio.create_task(ctx.ask(ALERTS))
        await asyncio.sleep(0)
        question.cancel()
        await asyncio.gather(question, return_exceptions=True)
        assert (await ctx.ask(STATUS)).version == "1.2.3"
        await close(ctx)


async def test_a_verb_of_a_module_on_this_side_is_answered_here(daemon: AlertingDaemon) -> None:
    ctx = context(daemon)

    async def answer(_request: dict[str, Any]) -> Any:
        return "here"

    ctx.serve(STATUS, answer)
    assert await ctx.ask(STATUS) == "here"

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.lab.waiting import until
from tests.system.root import Root, running_system, stand_in

from whimbrel.events.device import ScreenOffered, TimeSet, TimeWanted
from whimbrel.events.system import CommandRefused
from whimbrel.module import VerbError
from whimbrel.modules.system import System, SystemSettings
from whimbrel.testing import Lab, run_module
from whimbrel.timekeeping import asking, exchange
from whimbrel.timekeeping.exchange import TimeOutcome
from whimbrel.verbs.device import SET_TIME, TIME_STATE, TimeState

NOON = 1_801_828_800.0


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    return stand_in(Root(exchange, TimeOutcome, tmp_path), asking, exchange, monkeypatch)


@pytest.fixture
async def lab(root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lab]:
    async with running_system(tmp_path, monkeypatch) as lab:
        yield lab


async def test_the_menu_offers_it_and_tells_what_came_of_it(lab: Lab, root: Root) -> None:
    await lab.event(ScreenOffered, lambda offer: offer.name == "Time")
    asked = lab.publish(TimeWanted(time=NOON, reason="a key"))
    assert (await root.answer()).milliseconds == NOON * 1000
    done = await lab.event(TimeSet)
    assert (done.problem, done.answers) == ("", asked.seq)


async def test_so_does_the_verb(lab: Lab, root: Root) -> None:
    before = time.monotonic_ns() // 1_000_000
    assert await lab.ctx.verbs.ask(SET_TIME, {"time": NOON + 0.25}) == TimeState(going=True)
    assert (await lab.ctx.verbs.ask(TIME_STATE, {})).going
    asked = await root.answer(problem="the network sets the clock already")
    assert asked.milliseconds == NOON * 1000 + 250
    assert before <= asked.number <= time.monotonic_ns() // 1_000_000, "root adds what has passed since"
    assert (await lab.event(TimeSet)).problem == "the network sets the clock already"
    assert await lab.ctx.verbs.ask(TIME_STATE, {}) == TimeState(
        going=False, problem="the network sets the clock already"
    )


async def test_one_at_a_time(lab: Lab, root: Root) -> None:
    lab.publish(TimeWanted(time=NOON))
    await until(lambda: root.asked)
    second = lab.publish(TimeWanted(time=NOON + 60))
    refused = await lab.event(CommandRefused)
    assert (refused.text, refused.answers) == ("the clock is being set", second.seq)
    with pytest.raises(VerbError, match="is being set"):
        await lab.ctx.verbs.ask(SET_TIME, {"time": NOON + 60})
    assert (await root.answer()).milliseconds == NOON * 1000, "what was asked first"


@pytest.mark.parametrize("wrong", [None, "noon", True, float("nan"), float("inf"), 0, 5e9, 1e300])
async def test_no_number_but_a_time_reaches_root(lab: Lab, root: Root, wrong: Any) -> None:
    with pytest.raises(VerbError):
        await lab.ctx.verbs.ask(SET_TIME, {"time": wrong})
    assert root.asked is None


async def test_a_command_with_an_impossible_time_is_refused(lab: Lab, root: Root) -> None:
    lab.publish(TimeWanted(time=0.0))
    assert "in the past" in (await lab.event(CommandRefused)).text
    assert root.asked is None


async def test_elsewhere_it_is_refused_and_no_line_is_in_the_menu(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "is_possible", lambda: False)
    async with run_module(System, SystemSettings()) as lab:
        await lab.ready()
        lab.publish(TimeWanted(time=NOON))
        assert "use timedatectl" in (await lab.event(CommandRefused)).text
        assert "Time" not in {offer.name for offer in lab.ctx.screens()}


@pytest.mark.parametrize("unit", ["whimbrel-time.path", "whimbrel-image.target"])
def test_it_is_possible_for_the_service_where_its_unit_is_enabled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    enabled = tmp_path / unit
    enabled.symlink_to(f"/usr/lib/systemd/system/{unit}")
    monkeypatch.setattr(asking, "_ENABLED", (tmp_path / "other", enabled))
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/whimbrel")
    assert asking.is_possible()
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/user/1000/whimbrel")
    assert not asking.is_possible()
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/whimbrel")
    enabled.unlink()
    assert not asking.is_possible()

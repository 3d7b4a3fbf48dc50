from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.lab.waiting import until
from tests.system.root import Root, running_system, stand_in

from whimbrel import jobs
from whimbrel.events.device import ScreenOffered, SecurityUpdated, SecurityUpdatesWanted
from whimbrel.events.system import CommandRefused
from whimbrel.modules.system import System, SystemSettings
from whimbrel.securing import asking, exchange
from whimbrel.securing.exchange import SecurityOutcome
from whimbrel.testing import Lab, run_module
from whimbrel.verbs.device import SECURITY_STATE, SECURITY_UPDATES, SecurityState


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    return stand_in(Root(exchange, SecurityOutcome, tmp_path), asking, exchange, monkeypatch)


@pytest.fixture
async def lab(root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lab]:
    async with running_system(tmp_path, monkeypatch) as lab:
        yield lab


async def test_the_menu_offers_it_and_tells_what_came_of_it(lab: Lab, root: Root) -> None:
    await lab.event(ScreenOffered, lambda offer: offer.name == "Security updates")
    asked = lab.publish(SecurityUpdatesWanted(reason="a key"))
    await root.answer(packages=3)
    done = await lab.event(SecurityUpdated)
    assert (done.packages, done.problem) == (3, "")
    assert done.answers == asked.seq


async def test_so_does_the_verb(lab: Lab, root: Root) -> None:
    assert await lab.ctx.verbs.ask(SECURITY_UPDATES, {}) == SecurityState(going=True)
    assert (await lab.ctx.verbs.ask(SECURITY_STATE, {})).going
    await root.answer(ended=False)
    assert (await lab.ctx.verbs.ask(SECURITY_STATE, {})).going, "it has begun, and not ended"
    await root.answer(problem="no network")
    done = await lab.event(SecurityUpdated)
    assert (done.problem, done.answers) == ("no network", 0)
    state = await lab.ctx.verbs.ask(SECURITY_STATE, {})
    assert (state.going, state.problem) == (False, "no network")


async def test_one_at_a_time(lab: Lab, root: Root) -> None:
    lab.publish(SecurityUpdatesWanted())
    await until(lambda: root.asked)
    second = lab.publish(SecurityUpdatesWanted())
    refused = await lab.event(CommandRefused)
    assert (refused.text, refused.answers) == ("they are being looked for", second.seq)
    await root.answer(packages=1)
    assert (await lab.event(SecurityUpdated)).packages == 1
    first = root.asked
    lab.publish(SecurityUpdatesWanted())
    await until(lambda: root.asked != first)


async def test_a_request_that_nobody_has_seen_is_written_again(
    lab: Lab, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_AGAIN", 0.05)
    lab.publish(SecurityUpdatesWanted())
    await until(lambda: root.asked)
    first = root.asked
    root.request.unlink()
    await until(lambda: root.asked)
    assert root.asked == first, "it is the same request, so that it is answered once"


@pytest.mark.parametrize(
    ("limit", "begun", "told"),
    [("beginning", False, "whimbrel-security.path"), ("patience", True, "not ended in time")],
)
async def test_it_does_not_wait_for_ever(
    lab: Lab, root: Root, monkeypatch: pytest.MonkeyPatch, limit: str, begun: bool, told: str
) -> None:
    known = asking._LIMITS
    limits = known._replace(patience=0.5) if begun else known._replace(beginning=0.5)
    monkeypatch.setattr(asking, "_LIMITS", limits)
    lab.publish(SecurityUpdatesWanted())
    if begun:
        await root.answer(ended=False)
    assert told in (await lab.event(SecurityUpdated)).problem


async def test_a_request_that_cannot_be_written_is_told(lab: Lab, root: Root) -> None:
    root.request.mkdir()
    lab.publish(SecurityUpdatesWanted())
    assert "Is a directory" in (await lab.event(SecurityUpdated)).problem


async def test_elsewhere_it_is_refused_and_no_line_is_in_the_menu(
    root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "is_possible", lambda: False)
    async with run_module(System, SystemSettings()) as lab:
        await lab.ready()
        lab.publish(SecurityUpdatesWanted())
        assert "not on this system" in (await lab.event(CommandRefused)).text
        assert "Security updates" not in {offer.name for offer in lab.ctx.screens()}
        with pytest.raises(Exception, match="not on this system"):
            await lab.ctx.verbs.ask(SECURITY_UPDATES, {})


def test_it_is_possible_for_the_service_where_its_unit_is_enabled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enabled = tmp_path / "whimbrel-security.path"
    enabled.symlink_to("/usr/lib/systemd/system/whimbrel-security.path")
    monkeypatch.setattr(asking, "_ENABLED", enabled)
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/whimbrel")
    assert asking.is_possible()
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/user/1000/whimbrel")
    assert not asking.is_possible()
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/whimbrel")
    enabled.unlink()
    assert not asking.is_possible()

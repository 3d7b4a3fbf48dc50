from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.lab.waiting import until
from tests.system.root import Root, running_system, stand_in

from whimbrel import jobs
from whimbrel.copying import asking, exchange
from whimbrel.copying.exchange import CopyOutcome
from whimbrel.events.device import CardCopied, CopyWanted, ScreenOffered
from whimbrel.events.system import CommandRefused
from whimbrel.modules.system import System, SystemSettings
from whimbrel.testing import Lab, run_module
from whimbrel.verbs.device import COPY_STATE, COPY_TO_CARD, CopyState


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    return stand_in(Root(exchange, CopyOutcome, tmp_path), asking, exchange, monkeypatch)


@pytest.fixture
async def lab(root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lab]:
    async with running_system(tmp_path, monkeypatch) as lab:
        yield lab


async def test_the_menu_offers_it_and_tells_what_came_of_it(lab: Lab, root: Root) -> None:
    await lab.event(ScreenOffered, lambda offer: offer.name == "Copy to card")
    asked = lab.publish(CopyWanted(reason="a key"))
    await root.answer(files=3, octets=5000, removed=1, left_out=2)
    done = await lab.event(CardCopied)
    assert (done.files, done.octets, done.removed, done.left_out, done.problem) == (3, 5000, 1, 2, "")
    assert done.answers == asked.seq
    assert done.folder.startswith("copies, ")
    assert root.asked
    assert root.asked.folder.endswith("/recordings")


async def test_so_does_the_verb(lab: Lab, root: Root) -> None:
    assert await lab.ctx.verbs.ask(COPY_TO_CARD, {}) == CopyState(going=True)
    assert (await lab.ctx.verbs.ask(COPY_STATE, {})).going
    await root.answer(ended=False)
    assert (await lab.ctx.verbs.ask(COPY_STATE, {})).going, "it has begun, and not ended"
    await root.answer(problem="the card is full")
    done = await lab.event(CardCopied)
    assert (done.problem, done.answers) == ("the card is full", 0)
    state = await lab.ctx.verbs.ask(COPY_STATE, {})
    assert (state.going, state.problem) == (False, "the card is full")


async def test_one_at_a_time(lab: Lab, root: Root) -> None:
    lab.publish(CopyWanted())
    await until(lambda: root.asked)
    second = lab.publish(CopyWanted())
    refused = await lab.event(CommandRefused)
    assert (refused.text, refused.answers) == ("a copy is being made", second.seq)
    await root.answer(files=1)
    assert (await lab.event(CardCopied)).files == 1
    first = root.asked
    lab.publish(CopyWanted())
    await until(lambda: root.asked != first)


async def test_a_request_that_nobody_has_seen_is_written_again(
    lab: Lab, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_AGAIN", 0.05)
    lab.publish(CopyWanted())
    await until(lambda: root.asked)
    first = root.asked
    root.request.unlink()
    await until(lambda: root.asked)
    assert root.asked == first, "it is the same request, so that it is answered once"


@pytest.mark.parametrize(
    ("limit", "begun", "told"), [("_BEGINNING", False, "whimbrel-copy.path"), ("_PATIENCE", True, "not ended in time")]
)
async def test_it_does_not_wait_for_ever(
    lab: Lab, root: Root, monkeypatch: pytest.MonkeyPatch, limit: str, begun: bool, told: str
) -> None:
    monkeypatch.setattr(asking, limit, 0.5)
    lab.publish(CopyWanted())
    if begun:
        await root.answer(ended=False)
    assert told in (await lab.event(CardCopied)).problem


async def test_a_request_that_cannot_be_written_is_told(lab: Lab, root: Root) -> None:
    root.request.mkdir()
    lab.publish(CopyWanted())
    assert "Is a directory" in (await lab.event(CardCopied)).problem


async def test_elsewhere_it_is_refused_and_no_line_is_in_the_menu(
    root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "is_possible", lambda: False)
    async with run_module(System, SystemSettings()) as lab:
        await lab.ready()
        lab.publish(CopyWanted())
        assert "no partition" in (await lab.event(CommandRefused)).text
        assert "Copy to card" not in {offer.name for offer in lab.ctx.screens()}
        with pytest.raises(Exception, match="no partition"):
            await lab.ctx.verbs.ask(COPY_TO_CARD, {})


@pytest.mark.parametrize("days", [0, 105, 10_000])
async def test_it_is_asked_for_however_long_the_system_runs(
    lab: Lab, root: Root, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    monkeypatch.setattr(time, "monotonic_ns", lambda: days * 86_400_000_000_000)
    lab.publish(CopyWanted())
    await root.answer(files=1)
    assert (await lab.event(CardCopied)).files == 1


def test_it_is_possible_for_the_service_on_a_device_with_the_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "is_partition", lambda: True)
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/whimbrel")
    assert asking.is_possible()
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/user/1000/whimbrel")
    assert not asking.is_possible()
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/whimbrel")
    monkeypatch.setattr(exchange, "is_partition", lambda: False)
    assert not asking.is_possible()

"""Precedence of people: how long it lasts, who waits for it, and that nobody can have all of the time."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab.clocks import Clock

from whimbrel.precedence import LONGEST, SHARE, Precedence, people
from whimbrel.tasks import give_way
from whimbrel.testing import PATIENCE


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_claim_lasts_as_long_as_its_block(clock: Clock) -> None:
    found = Precedence(clock)
    assert found.left() == 0.0
    with found.claim():
        assert found.left() == pytest.approx(LONGEST)
        clock.now += 0.1
        assert found.left() == pytest.approx(LONGEST - 0.1)
    assert found.left() == 0.0


def test_an_answer_without_end_loses_its_precedence_and_a_later_one_has_its_own(clock: Clock) -> None:
    found = Precedence(clock)
    with found.claim():
        clock.now += LONGEST
        assert found.left() == 0.0
        clock.now += 10.0
        assert found.left() == 0.0
        with found.claim():
            assert found.left() == pytest.approx(LONGEST)


def test_an_expectation_ends_by_itself_or_when_it_is_met(clock: Clock) -> None:
    found = Precedence(clock)
    found.expect("picture", 0.05)
    assert found.left() == pytest.approx(0.05)
    clock.now += 0.06
    assert found.left() == 0.0
    found.release("picture")
    found.expect("picture", 0.05)
    found.release("picture")
    found.release("picture")
    assert found.left() == 0.0
    found.expect("picture", 100.0)
    assert found.left() <= LONGEST


@given(st.lists(st.tuples(st.floats(0.001, 0.3), st.floats(0.0, 0.05)), min_size=5, max_size=60))
def test_questions_without_pause_leave_half_of_the_time(questions: list[tuple[float, float]]) -> None:
    clock = Clock()
    found = Precedence(clock)
    began, had = clock.now, 0.0
    for seconds, pause in questions:
        with found.claim():
            had += min(found.left(), seconds)
            clock.now += seconds
        clock.now += pause
    assert had <= LONGEST + SHARE * (clock.now - began) + 1e-6


async def test_long_work_waits_for_the_claims_of_its_loop_until_they_end() -> None:
    loop = asyncio.get_running_loop()
    with people().claim():
        work = asyncio.create_task(give_way())
        await asyncio.sleep(0.01)
        assert not work.done()
    await asyncio.wait_for(work, PATIENCE)
    began = loop.time()
    with people().claim():
        await asyncio.wait_for(give_way(), PATIENCE)
    assert loop.time() - began <= PATIENCE
    assert people() is people()


async def test_who_gives_up_waiting_leaves_nothing() -> None:
    with people().claim():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(people().wait(), 0.001)
        assert not people()._waiting

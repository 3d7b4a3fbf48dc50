from __future__ import annotations

from collections.abc import Iterator

import pytest

from whimbrel.testing import PATIENCE
from whimbrel.updating import health
from whimbrel.updating.health import DaemonLook

READY, WAITING, NOT_YET = (
    DaemonLook(7, ready=True),
    DaemonLook(7, waiting=True, trouble="no radio"),
    DaemonLook(7, trouble="it starts"),
)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_LOOK", 0.001)


def wait(*looks: DaemonLook, before: int = 1, must: bool = False, limit: float = PATIENCE) -> health.DaemonHealth:
    """Wait for a daemon that looks like this one moment after the other, and like the last from then on."""
    left: Iterator[DaemonLook] = iter(looks)
    last = looks[-1]
    return health.wait(before, limit, 0.0, must_be_ready=must, now=lambda: next(left, last))


def test_one_that_is_ready_is_well() -> None:
    assert wait(DaemonLook(), NOT_YET, READY) == health.DaemonHealth(7, ready=True)


def test_one_that_waits_for_a_radio_is_well_unless_it_had_one_before() -> None:
    assert wait(WAITING) == health.DaemonHealth(7)
    assert wait(WAITING, must=True, limit=0.5).problem == "its daemon did not become ready within 0.5 s: no radio"


def test_the_old_process_does_not_count() -> None:
    assert wait(READY, before=7, limit=0.5).problem
    assert not wait(READY, READY._replace(process=8), before=7).problem


def test_one_that_starts_over_and_over_is_not_well() -> None:
    numbers = iter(range(10, 100_000))
    told = health.wait(1, 0.3, 0.2, must_be_ready=False, now=lambda: READY._replace(process=next(numbers)))
    assert told.problem.endswith("it starts over and over")


def test_one_that_has_no_answer_is_told_so() -> None:
    assert wait(DaemonLook(), limit=0.5).problem.endswith("it does not answer")

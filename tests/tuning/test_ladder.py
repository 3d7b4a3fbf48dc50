from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.settings import Duration
from whimbrel.tuning.ladder import Blind, Ladder, LadderStep, Recovered
from whimbrel.tuning.settings import RecoverySettings

SETTINGS = RecoverySettings(
    silence=Duration(20.0), silence_max=Duration(600.0), pause=Duration(5.0), command=("true",), watchdog_rounds=3
)


def listened(rate: float, seconds: int = 600, settings: RecoverySettings = SETTINGS, cycle: float = 0.0) -> Ladder:
    """Return a ladder that has heard frames evenly until `seconds`."""
    ladder = Ladder(settings, now=0.0, cycle=cycle)
    due = 0.0
    for second in range(1, seconds + 1):
        due += rate
        assert ladder.heard(int(due), float(second)) is None
        due -= int(due)
    return ladder


def climb(ladder: Ladder, start: float, end: float) -> list[tuple[float, Blind | LadderStep]]:
    """Poll once a second; return what came when."""
    acts: list[tuple[float, Blind | LadderStep]] = []
    now = start
    while now < end:
        while (act := ladder.poll(now)) is not None:
            acts.append((now, act))
            if isinstance(act, LadderStep):
                ladder.finished(now)
        now += 1.0
    return acts


def rungs(acts: list[tuple[float, Blind | LadderStep]]) -> list[str]:
    return [act.rung for _, act in acts if isinstance(act, LadderStep)]


def test_busy_air_is_missed_soon_and_quiet_air_later() -> None:
    assert listened(100.0).threshold == 20.0
    assert 40.0 < listened(0.5).threshold < 120.0
    assert listened(0.01).threshold == 600.0
    assert Ladder(SETTINGS, now=0.0).threshold == 600.0


def test_a_long_plan_gets_time_for_two_rounds() -> None:
    assert listened(100.0, cycle=40.0).threshold == 80.0


def test_ordinary_silence_is_no_blindness() -> None:
    ladder = listened(100.0)
    assert climb(ladder, 600.0, 619.0) == []
    assert not ladder.blind


def test_it_climbs_from_the_mildest_step_and_starts_over() -> None:
    acts = climb(listened(100.0), 600.0, 1200.0)
    assert acts[0] == (620.0, Blind(20.0))
    assert acts[1] == (620.0, LadderStep("retune", 1))
    assert rungs(acts)[:9] == ["retune", "cycle", "recreate", "command"] * 2 + ["retune"]
    pauses = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(acts[1:])]
    assert pauses[:3] == [5.0] * 3
    assert pauses[4:7] == [10.0] * 3


def test_there_is_never_a_silent_hour() -> None:
    acts = climb(Ladder(SETTINGS, now=0.0), 0.0, 86400.0)
    times = [0.0, *(at for at, _ in acts), 86400.0]
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) <= 600.0


def test_a_step_gets_a_round_of_the_plan_to_show_effect() -> None:
    acts = climb(listened(100.0, cycle=15.0), 600.0, 700.0)
    assert [at for at, _ in acts[1:4]] == [630.0, 645.0, 660.0]


def test_frames_end_blindness_and_name_the_step_before() -> None:
    ladder = listened(100.0)
    climb(ladder, 600.0, 626.0)
    assert ladder.blind
    assert ladder.heard(3, 627.0) == Recovered(27.0, "cycle")
    assert not ladder.blind
    assert ladder.heard(3, 628.0) is None
    assert ladder.poll(629.0) is None


def test_it_may_come_back_by_itself() -> None:
    ladder = listened(100.0)
    assert ladder.poll(620.0) == Blind(20.0)
    assert ladder.heard(1, 620.5) == Recovered(20.5, "")


def test_the_air_counts_as_busy_as_before_afterwards() -> None:
    ladder = listened(100.0)
    climb(ladder, 600.0, 5000.0)
    ladder.heard(1, 5000.0)
    assert ladder.threshold == 20.0


def test_the_watchdog_acts_when_the_ladder_was_climbed_often_enough() -> None:
    ladder = listened(100.0)
    climb(ladder, 600.0, 621.0)
    assert ladder.dead(621.0) is None
    acts = climb(ladder, 621.0, 900.0)
    assert len(rungs(acts)) >= 12 - 1
    reason = ladder.dead(900.0)
    assert reason is not None
    assert reason.startswith("no frame for 300 s, and ")
    ladder.heard(1, 901.0)
    assert ladder.dead(901.0) is None


def test_the_last_step_gets_its_time_before_the_watchdog_acts() -> None:
    ladder = listened(100.0)
    now = 620.0
    while ladder.dead(now) is None:
        climb(ladder, now, now + 1.0)
        now += 1.0
    last = max(at for at, _ in climb(listened(100.0), 600.0, now - 1.0))
    assert now - last >= 20.0


def test_without_a_command_there_is_no_such_step() -> None:
    acts = climb(listened(100.0, settings=RecoverySettings()), 600.0, 700.0)
    assert rungs(acts)[:4] == ["retune", "cycle", "recreate", "retune"]


def test_without_steps_it_only_says_so() -> None:
    ladder = listened(100.0, settings=RecoverySettings(rungs=()))
    assert climb(ladder, 600.0, 1000.0) == [(620.0, Blind(20.0))]
    assert ladder.dead(1000.0) is None
    assert ladder.heard(1, 1000.0) == Recovered(400.0, "")


@pytest.mark.parametrize("frames", [0, -1])
def test_no_frames_are_no_sign_of_life(frames: int) -> None:
    ladder = Ladder(SETTINGS, now=0.0)
    ladder.heard(frames, 100.0)
    assert ladder.silent(100.0) == 100.0


@given(st.lists(st.tuples(st.floats(0.0, 2000.0), st.integers(0, 10000)), max_size=60), st.floats(0.0, 500.0))
def test_whatever_the_air_does_silence_has_an_end(air: list[tuple[float, int]], cycle: float) -> None:
    ladder = Ladder(SETTINGS, now=0.0, cycle=cycle)
    now = 0.0
    for pause, frames in air:
        now += pause
        ladder.heard(frames, now)
        ladder.poll(now)
        assert SETTINGS.silence <= ladder.threshold <= SETTINGS.silence_max
    assert ladder.blind or ladder.poll(now + SETTINGS.silence_max + 1.0) is not None
    assert ladder.blind
    assert isinstance(ladder.poll(now + 2.0 * SETTINGS.silence_max + 1.0), LadderStep)


def test_what_was_heard_elsewhere_can_be_forgotten() -> None:
    ladder = listened(100.0)
    ladder.forget(600.0)
    assert ladder.threshold == 600.0
    assert climb(ladder, 600.0, 1199.0) == []
    ladder.heard(1000, 1210.0)
    assert ladder.threshold < 600.0

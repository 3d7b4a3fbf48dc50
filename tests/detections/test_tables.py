"""Windows of listening time, and tables with a bound."""

from __future__ import annotations

from tests.survey.air import beacon, probe

from whimbrel.detections.air import Air
from whimbrel.detections.base import Claim
from whimbrel.detections.guarded import Guard
from whimbrel.detections.tables import EPISODE, Burst, EpisodeTally, Recent, Retold
from whimbrel.survey.survey import Survey


def test_the_longest_unused_makes_room() -> None:
    table: Recent[int, list[int]] = Recent(3, list)
    for n in (1, 2, 3):
        table.use(n).append(n)
    table.use(1)
    table.use(4)
    assert list(table.entries) == [3, 1, 4]
    assert (table.evicted, len(table), 2 in table, table.get(1), table.get(2)) == (1, 3, False, [1], None)
    table.drop(1)
    table.drop(1)
    assert list(table.entries) == [3, 4]


def test_a_value_that_is_put_is_used_too() -> None:
    table: Recent[int, str] = Recent(2, str)
    for key, value in ((1, "a"), (2, "b"), (1, "c"), (3, "d")):
        table.put(key, value)
    assert (list(table.entries.items()), table.evicted) == ([(1, "c"), (3, "d")], 1)


def at(now: float) -> Air:
    air = Air(Survey(), Guard())
    air.begin(0.0, 2437)
    air.now = now
    return air


def test_enough_hits_within_the_window() -> None:
    burst = Burst(3, 10.0)
    hits = [burst.hit(at(now), probe()) for now in (0, 5, 10, 20, 20.1, 25)]
    assert hits == [False, False, True, False, False, True]
    assert burst.total == 6, "the three that were enough, and the three since"
    assert burst.span == 5
    assert len(burst.frames) == 3


def test_one_hit_may_be_enough() -> None:
    assert Burst(1, 1.0).hit(at(0), probe())


def test_time_elsewhere_does_not_count_but_is_bounded() -> None:
    air = at(0)
    burst = Burst(2, 1.0)
    assert not burst.hit(air, probe())
    air.move(2412)
    air.now = 39.0
    air.move(2437)
    assert burst.hit(air, probe())
    air.move(2412)
    air.now = 100.0
    air.move(2437)
    assert not burst.hit(air, probe())


def test_after_a_pause_it_is_another_story() -> None:
    burst = Burst(2, 1.0)
    totals = []
    for now in (0.0, 1.0, 100.0, 221.0, 221.5):
        burst.hit(at(now), probe())
        totals.append(burst.total)
    assert totals == [1, 2, 3, 1, 2]


def test_hits_too_far_apart_are_not_counted_with_those_that_were_enough() -> None:
    burst = Burst(3, 10.0)
    totals = []
    for now in (0, 11, 22, 33, 34, 35, 36, 80):
        burst.hit(at(now), probe())
        totals.append((burst.total, len(burst.frames)))
    assert totals == [(1, 1), (1, 1), (1, 1), (1, 1), (2, 2), (3, 3), (4, 3), (5, 1)]


def test_a_claim_below_the_bound_goes_on_counting() -> None:
    burst = Burst(3, 10.0)
    for now in (0, 11, 22):
        burst.hit(at(now), probe())
        burst.count_on()
    assert burst.total == 3


def test_few_frames_are_kept_of_many() -> None:
    burst = Burst(1000, 10.0)
    for _ in range(1000):
        burst.hit(at(0), probe())
    assert len(burst.frames) == Burst.KEPT


def test_a_claim_is_said_again_for_a_moment_with_the_count_of_now() -> None:
    told = Retold(2)
    claim = Claim("key", "ten of them", seen=10, frames=[beacon()])
    assert told.again("key", 100.0, 10) is None
    assert told.keep("key", 100.0, claim) is claim
    again = told.again("key", 100.4, 14)
    assert again is not None
    assert (again.claim, again.seen) == (Claim("key", "ten of them", seen=10), 14)
    assert told.again("key", 100.5, 15) is None
    assert told.again("key", 99.9, 15) is None
    told.keep("other", 101.0, claim)
    told.keep("third", 101.0, claim)
    assert told.again("key", 100.1, 11) is None


def test_a_tally_restarts_after_a_pause() -> None:
    tally = EpisodeTally()
    assert tally.total == 0
    counted = []
    for now, within in [(0.0, 50.0), (50.0, 50.0), (101.0, 50.0), (221.0, 500.0), (341.5, 500.0), (461.5, EPISODE)]:
        tally.hit(now, within)
        counted.append(tally.total)
    assert counted == [1, 2, 1, 2, 1, 2]

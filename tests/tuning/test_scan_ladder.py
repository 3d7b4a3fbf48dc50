from __future__ import annotations

from whimbrel.settings import Duration
from whimbrel.tuning.ladder import Blind, LadderStep, Recovered
from whimbrel.tuning.scan_ladder import FAILURES, ScanLadder
from whimbrel.tuning.settings import RecoverySettings

SETTINGS = RecoverySettings(
    silence=Duration(20.0), silence_max=Duration(600.0), pause=Duration(5.0), command=("true",), watchdog_rounds=3
)
ABORTED = "the driver aborted the scan"


def fail(ladder: ScanLadder, now: float, times: int = FAILURES) -> None:
    for _ in range(times):
        assert ladder.scanned(ABORTED, now) is None


def climb(ladder: ScanLadder, now: float, seconds: int) -> list[str]:
    """Poll once a second; return the steps."""
    rungs: list[str] = []
    for second in range(seconds):
        act = ladder.poll(now + second)
        if isinstance(act, LadderStep):
            rungs.append(act.rung)
            ladder.finished(now + second)
    return rungs


def test_scans_that_fail_in_a_row_are_blindness_also_where_nothing_was_ever_heard() -> None:
    ladder = ScanLadder(SETTINGS, now=0.0)
    fail(ladder, 10.0, FAILURES - 1)
    assert ladder.poll(10.0) is None
    fail(ladder, 11.0, 1)
    assert ladder.poll(11.0) == Blind(11.0, ABORTED)


def test_one_that_succeeds_begins_the_count_anew() -> None:
    ladder = ScanLadder(SETTINGS, now=0.0)
    for _ in range(3):
        fail(ladder, 0.0, FAILURES - 1)
        assert ladder.scanned("", 0.0) is None
    assert ladder.poll(0.0) is None


def test_a_place_where_nothing_was_ever_heard_is_no_blindness() -> None:
    ladder = ScanLadder(SETTINGS, now=0.0)
    for hour in range(100):
        assert ladder.scanned("", hour * 3600.0) is None
        assert ladder.heard(0, hour * 3600.0) is None
        assert ladder.poll(hour * 3600.0) is None
    assert ladder.empty == 100


def test_an_empty_table_is_blindness_where_there_were_networks() -> None:
    ladder = ScanLadder(SETTINGS, now=0.0)
    ladder.scanned("", 0.0)
    ladder.heard(12, 0.0)
    assert ladder.empty == 0
    assert ladder.poll(599.0) is None
    assert ladder.poll(600.0) == Blind(600.0)
    ladder.scanned("", 700.0)
    assert ladder.blind, "it was not for failing scans"
    assert climb(ladder, 700.0, 3000)
    assert ladder.dead(3700.0) is None, "who has left the town must not be restarted"
    assert ladder.exhausted(3700.0) is not None
    recovered = ladder.heard(1, 3700.0)
    assert recovered is not None
    assert recovered.blind == 3700.0


def test_an_empty_table_may_turn_into_failing_scans() -> None:
    ladder = ScanLadder(SETTINGS, now=0.0)
    ladder.heard(12, 0.0)
    assert ladder.poll(600.0) == Blind(600.0)
    fail(ladder, 601.0)
    assert climb(ladder, 601.0, 300)
    assert ladder.report(900.0) == Blind(900.0, ABORTED)
    assert ladder.dead(900.0) is not None


def test_the_steps_are_those_for_a_radio_without_channels() -> None:
    ladder = ScanLadder(SETTINGS, now=0.0, cycle=5.0)
    fail(ladder, 10.0)
    assert climb(ladder, 10.0, 60) == ["cycle", "command"] * 3
    assert ladder.exhausted(130.0) == "no frame for 130 s, and 6 recovery steps did not help"
    assert ladder.dead(130.0) == ladder.exhausted(130.0)


def test_a_scan_that_succeeds_ends_it_also_if_it_finds_nothing() -> None:
    ladder = ScanLadder(SETTINGS, now=0.0)
    fail(ladder, 10.0)
    assert climb(ladder, 10.0, 3) == ["cycle"]
    assert ladder.scanned("", 20.0) == Recovered(20.0, "cycle")
    assert not ladder.blind
    assert ladder.poll(20.0) is None


def test_what_a_failed_scan_leaves_in_the_table_proves_nothing() -> None:
    ladder = ScanLadder(SETTINGS, now=0.0)
    for second in range(FAILURES):
        fail(ladder, float(second), 1)
        assert ladder.heard(1, float(second)) is None
    assert ladder.poll(10.0) == Blind(10.0, ABORTED)


def test_without_steps_there_is_only_the_report() -> None:
    ladder = ScanLadder(RecoverySettings(rungs=("retune", "recreate", "command")), now=0.0)
    fail(ladder, 10.0)
    assert isinstance(ladder.poll(10.0), Blind)
    assert climb(ladder, 11.0, 1000) == []
    assert ladder.dead(2000.0) is None

from __future__ import annotations

from tests.history.rows import NOW

from whimbrel.history.collecting import STALE
from whimbrel.history.entries import ESTIMATE
from whimbrel.history.sessions import Session


def test_it_is_worth_a_write_now_and_then() -> None:
    session = Session(3, "0.1.0", "here", NOW)
    session.radio = "wlan0"
    assert session.entry(0.0).values[:7] == (3, NOW, NOW, 1, "0.1.0", "wlan0", "here")
    assert not session.is_due(NOW + 60)
    assert session.is_due(NOW + STALE)
    session.entry(NOW + STALE)
    assert not session.is_due(NOW + STALE + 60)


def test_its_times_are_those_of_the_air_and_move_with_its_clock() -> None:
    session = Session(1, "0.1.0", "", NOW)
    assert session.entry(1000.0).values[1:4] == (1000.0, 1000.0, 0), "a board without a clock, or an old capture"
    session.shift(NOW)
    assert session.entry(NOW + 1060.0).values[1:4] == (NOW + 1000.0, NOW + 1060.0, 1)


def test_an_estimate_is_marked_where_there_is_a_clock() -> None:
    session = Session(1, "0.1.0", "", NOW)
    session.judge(known=False, set_by=0.0)
    assert session.entry(NOW).values[3] == ESTIMATE
    assert session.entry(1000.0).values[3] == 0
    session.shift(NOW)
    assert session.entry(NOW + 1000.0).values[3] == ESTIMATE
    session.judge(known=True, set_by=NOW)
    assert session.entry(NOW + 1000.0).values[3] == 1


def test_what_no_step_has_moved_stays_an_estimate() -> None:
    session = Session(1, "0.1.0", "", NOW)
    session.judge(known=False, set_by=0.0)
    session.judge(known=True, set_by=86400.0)
    assert session.entry(NOW).values[3] == ESTIMATE, "nobody listened when the clock was set"
    session.shift(86400.0)
    assert session.entry(NOW + 86400.0).values[3] == 1
    session.shift(3600.0)
    assert session.entry(NOW + 90000.0).values[3] == 1, "once known, it stays so"

"""What the inventory may take of the journal."""

from __future__ import annotations

from whimbrel.events.base import Level
from whimbrel.journal.allowance import ENTRY, Allowance, octets_of
from whimbrel.journal.fields import JournalLine

HOURLY = 4 * 1024 * 1024


def test_a_flood_for_a_day_stays_within_it() -> None:
    allowance = Allowance(HOURLY, 0.0)
    written = lines = 0
    for second in range(24 * 3600):
        for _ in range(22):
            lines += 1
            if allowance.take(1300, float(second)):
                written += 1300
    assert written <= 24.5 * HOURLY
    assert written > 23 * HOURLY
    assert allowance.left_out == lines - written // 1300
    assert allowance.report() == lines - written // 1300
    assert allowance.report() == 0


def test_a_start_in_a_crowd_is_written() -> None:
    allowance = Allowance(HOURLY, 100.0)
    assert all(allowance.take(1300, 100.0) for _ in range(1500))


def test_a_clock_that_stands_still_gives_nothing() -> None:
    allowance = Allowance(HOURLY, 0.0)
    while allowance.take(1300, 0.0):
        pass
    assert not allowance.take(1300, 0.0)
    assert allowance.take(1300, 60.0)


def test_the_octets_of_a_line() -> None:
    line = JournalLine(0.0, Level.INFO, "kind", "source", "x" * 100, {"A": b"12345", "B": b""})
    assert octets_of(line) == ENTRY + 100 + 7 + 2

"""What the inventory may take of the journal."""

from __future__ import annotations

from whimbrel.events.air import Disconnected
from whimbrel.events.base import Body, Level
from whimbrel.events.device import TimeSet
from whimbrel.events.system import InternalError
from whimbrel.journal.allowance import ENTRY, Allowance, Shares, octets_of
from whimbrel.journal.fields import JournalLine

HOURLY = 4 * 1024 * 1024
_AP = b"\x02\x00\x00\x00\x00\x01"
DISCONNECTED = Disconnected(
    bssid=_AP, sender=_AP, receiver=b"\xff" * 6, how="deauthentication", reason=7, protected=False
)
TROUBLE = InternalError(where="a thread", error="OSError", trace="")


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


class Strange(Body, level=Level.NOTICE):
    """A kind of another package's."""


def test_the_kind_decides_and_not_the_level_alone() -> None:
    shares = Shares(HOURLY, 0.0)
    while shares.take(DISCONNECTED, 1300, 0.0):
        pass
    assert shares.take(TimeSet(), 1300, 0.0), "a flood hides no notice of the device"
    while shares.take(Strange(), 1300, 0.0):
        pass
    assert not shares.take(TimeSet(), 1300, 0.0)
    troubles = (TROUBLE, TimeSet(problem="refused"))
    assert all(shares.take(body, 1 << 20, 0.0) for body in troubles for _ in range(100))
    assert shares.left_out == shares.report() == 3
    assert shares.left_out == 0


def test_the_octets_of_a_line() -> None:
    line = JournalLine(0.0, Level.INFO, "kind", "source", "x" * 100, {"A": b"12345", "B": b""})
    assert octets_of(line) == ENTRY + 100 + 7 + 2

from __future__ import annotations

from whimbrel.recording.counts import Counts, RadioTotals


def test_what_came_since_then() -> None:
    assert Counts(10, 3).since(Counts(4, 3)) == Counts(6, 0)


def test_of_a_radio_that_was_opened_anew_all_came_since_then() -> None:
    assert Counts(10, 1).since(Counts(4, 3)) == Counts(6, 1)


def test_the_total_of_receivers_rises_where_one_of_them_is_opened_anew() -> None:
    totals = RadioTotals()
    before = totals.by({"sniffer": Counts(1_000_000, 7), "sniffer2": Counts(500_000, 3)})
    assert before == Counts(1_500_000, 10)
    assert totals.by({"sniffer": Counts(), "sniffer2": Counts(500_000, 3)}) == before
    after = totals.by({"sniffer": Counts(150, 1), "sniffer2": Counts(500_050, 3)})
    assert after.since(before) == Counts(200, 1)
    assert totals.by({"sniffer": Counts(150, 1)}) == totals.by({}) == after, "what was heard was heard"
    again = totals.by({"sniffer": Counts(20, 0), "sniffer2": Counts(500_060, 4)})
    assert again.since(after) == Counts(30, 1)

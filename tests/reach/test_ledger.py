"""The ledger: with missed, repeated or late events, each alert is published once, in order, and its end once."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated, Severity
from whimbrel.events.incidents import IncidentClosed, IncidentOpened
from whimbrel.reach.ledger import MISSED, Ledger, LedgerMemory, Row

FIELDS: dict[str, Any] = {
    "rule": "deauth-flood", "family": "disruption", "title": "Stations are thrown out", "meaning": "m", "advice": "a",
    "lasting": True, "severity": Severity.CRITICAL, "confidence": "high", "text": "t", "bssid": None, "ssid": b"home",
    "sender": None, "receiver": None, "channel": 6, "freq": 2437, "band": "2.4", "rssi": None, "rssi_range": None,
    "first": 1.0, "last": 1.0, "count": 10, "threshold": "10 in 10 s", "frames": 3,
}  # fmt: skip


def alert(number: int, kind: Any = Alert, **more: Any) -> Any:
    return kind(**FIELDS | {"id": str(number)} | more)


def incident(number: int, kind: Any = IncidentOpened, **more: Any) -> Any:
    fields = {name: FIELDS[name] for name in kind.fields if name in FIELDS}
    return kind(**fields | {"id": str(number), "cause": "", "alerts": (str(number),), "rules": ("r",)} | more)


def caught_up(ledger: Ledger, *alerts: Row, incidents: tuple[Row, ...] = (), number: int | None = None) -> list[Any]:
    highest = max((int(row.body.id) for row in alerts), default=0)
    return ledger.catch_up(alerts, incidents, highest if number is None else number)


def told(bodies: list[Any]) -> list[tuple[str, str]]:
    return [(body.kind, body.id) for body in bodies]


def test_what_was_missed_is_told_in_the_order_of_the_numbers_an_incident_before_its_alerts() -> None:
    ledger = Ledger(LedgerMemory(3))
    found = caught_up(ledger, Row(alert(5), True), Row(alert(4), False), incidents=(Row(incident(4), True),))
    assert told(found) == [("incident-opened", "4"), ("alert", "4"), ("alert", "5"), ("alert-closed", "4")]
    assert found[-1].reason == MISSED
    assert not ledger.is_news(alert(5))
    assert not ledger.is_news(incident(4))
    assert ledger.is_news(alert(6))


def test_the_first_time_only_what_goes_on_is_news() -> None:
    ledger = Ledger()
    assert told(caught_up(ledger, Row(alert(1), False), Row(alert(2), True))) == [("alert", "2")]
    assert ledger.memory() == LedgerMemory(2, frozenset({"2"}), frozenset())


def test_what_an_earlier_process_told_outlasts_an_alert_that_comes_before_the_daemon_has_answered() -> None:
    ledger = Ledger(LedgerMemory(5, frozenset({"3", "5"}), frozenset({"3"})))
    assert ledger.memory() == LedgerMemory(5, frozenset({"3", "5"}), frozenset({"3"}))
    assert ledger.is_news(alert(6))
    assert ledger.memory() == LedgerMemory(6, frozenset({"3", "5", "6"}), frozenset({"3"}))
    again = Ledger(ledger.memory())
    rows = (Row(alert(3), False), Row(alert(5), False), Row(alert(6), True))
    ends = [("alert-closed", "3"), ("alert-closed", "5"), ("incident-closed", "3")]
    assert told(caught_up(again, *rows, incidents=(Row(incident(3), False),))) == ends


def test_what_an_earlier_process_told_is_no_news_but_its_end_is() -> None:
    ledger = Ledger(LedgerMemory(2, frozenset({"2"}), frozenset({"2"})))
    rows = (Row(alert(1), False), Row(alert(2), False))
    found = caught_up(ledger, *rows, incidents=(Row(incident(2), False),))
    assert told(found) == [("alert-closed", "2"), ("incident-closed", "2")]
    assert caught_up(ledger, *rows, incidents=(Row(incident(2), False),)) == []


def test_what_went_on_meanwhile_is_told_and_an_update_from_before_is_not() -> None:
    ledger = Ledger(LedgerMemory(0))
    assert ledger.is_news(alert(1))
    assert ledger.is_news(incident(1))
    later = alert(1, count=30, last=9.0)
    grown = incident(1, severity=Severity.CRITICAL, last=9.0, alerts=("1", "2"))
    found = caught_up(ledger, Row(later, True), incidents=(Row(grown, True),))
    assert sorted(told(found)) == [("alert-updated", "1"), ("incident-changed", "1")]
    assert next(body for body in found if body.kind == "incident-changed").news == "alert"
    assert not ledger.is_news(alert(1, AlertUpdated, count=20, last=5.0))
    assert ledger.is_news(alert(1, AlertUpdated, count=40, last=12.0))


def test_an_end_is_told_once() -> None:
    ledger = Ledger(LedgerMemory(0))
    assert ledger.is_news(alert(1))
    assert ledger.is_news(alert(1, AlertClosed))
    assert not ledger.is_news(alert(1, AlertClosed))
    assert not ledger.is_news(alert(1, AlertUpdated, count=99, last=99.0))
    assert ledger.is_news(incident(1, IncidentClosed))
    assert not ledger.is_news(incident(1, IncidentClosed))


def test_an_open_alert_that_the_daemon_forgot_has_ended() -> None:
    ledger = Ledger(LedgerMemory(0))
    ledger.is_news(alert(1))
    (body,) = caught_up(ledger, number=1)
    assert (body.kind, body.id, body.reason) == ("alert-closed", "1", "evicted")


def test_numbers_that_begin_again_are_not_taken_for_known_ones() -> None:
    ledger = Ledger(LedgerMemory(500, frozenset({"499"})))
    assert told(caught_up(ledger, Row(alert(1), True))) == [("alert", "1")]
    assert ledger.is_news(alert(2))
    assert ledger.number == 2


def test_alerts_that_kept_their_numbers_are_known_although_those_after_them_come_again() -> None:
    ledger = Ledger(LedgerMemory(0))
    for number in (1, 2, 3):
        ledger.is_news(alert(number, first=float(number)))
    again = (Row(alert(1, first=1.0), True), Row(alert(2, first=50.0), True))
    assert told(caught_up(ledger, *again)) == [("alert", "2")]
    assert ledger.is_news(alert(3, first=51.0))


def test_a_gap_is_noticed() -> None:
    ledger = Ledger(LedgerMemory(5))
    assert ledger.lacks([Row(alert(6), True)]) is None
    assert ledger.lacks([Row(alert(4), True), Row(alert(9), True)]) is None
    assert ledger.lacks([Row(alert(9), True)]) == (5, 9)
    assert Ledger().lacks([Row(alert(9), True)]) is None


def test_it_is_bounded_and_forgets_what_has_ended_first() -> None:
    ledger = Ledger(LedgerMemory(0))
    ledger.is_news(alert(1))
    for number in range(2, 3000):
        ledger.is_news(alert(number))
        ledger.is_news(alert(number, AlertClosed))
    assert len(ledger._alerts) <= 1024
    assert not ledger.is_news(alert(1))
    assert ledger.memory() == LedgerMemory(2999, frozenset({"1"}))


def test_what_has_no_duration_has_no_end() -> None:
    ledger = Ledger(LedgerMemory(0))
    assert ledger.is_news(alert(1, lasting=False))
    assert ledger.memory() == LedgerMemory(1)
    missed = Row(alert(2, lasting=False), False)
    assert told(caught_up(ledger, Row(alert(1, lasting=False), False), missed)) == [("alert", "2")]
    assert told(caught_up(ledger, number=2)) == []
    # A process of an earlier version has kept it as one that is open.
    ledger = Ledger(LedgerMemory(2, frozenset({"2"})))
    assert told(caught_up(ledger, missed)) == []


@pytest.mark.parametrize("lasting", [True, False])
def test_what_has_ended_takes_little_memory(lasting: bool) -> None:
    ledger = Ledger(LedgerMemory(0))
    texts = ("title", "meaning", "advice", "text")
    tracemalloc.start()
    try:
        for number in range(1, 4001):
            # As they are read from the socket: no two have a text in common.
            said = {name: f"{number} {name} " * 20 for name in texts}
            assert ledger.is_news(incident(number, **said))
            assert ledger.is_news(alert(number, lasting=lasting, **said))
            if lasting:
                assert ledger.is_news(alert(number, AlertClosed, **said))
            assert ledger.is_news(incident(number, IncidentClosed, **said))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 600_000


class Daemon:
    """A daemon that raises, remembers and publishes alerts; lines are lost without a listener."""

    def __init__(self) -> None:
        self.number = 0
        self.rows: dict[int, Row] = {}
        self.line: list[Any] = []

    def begin(self) -> None:
        self.number += 1
        body = alert(self.number, last=float(self.number))
        self.rows[self.number] = Row(body, True)
        self.line.append(body)

    def end(self, which: int) -> None:
        going_on = [number for number, row in self.rows.items() if row.open]
        if going_on:
            number = going_on[which % len(going_on)]
            self.rows[number] = Row(self.rows[number].body, False)
            self.line.append(alert(number, AlertClosed))


STEPS = st.lists(
    st.one_of(
        st.just(("begin", 0)),
        st.tuples(st.just("end"), st.integers(0, 9)),
        st.just(("hear", 0)),
        st.just(("miss", 0)),
        st.just(("again", 0)),
        st.just(("late", 0)),
        st.just(("process", 0)),
    ),
    max_size=60,
)


@given(STEPS)
def test_nothing_twice_and_nothing_missing(steps: list[tuple[str, int]]) -> None:
    daemon, ledger, heard = Daemon(), Ledger(LedgerMemory(0)), list[Any]()

    def catch_up() -> None:
        heard.extend(ledger.catch_up(list(daemon.rows.values()), [], daemon.number))

    def hear() -> None:
        heard.extend(body for body in daemon.line if ledger.is_news(body))
        daemon.line.clear()

    for what, which in [*steps, ("miss", 0)]:
        if what == "begin":
            daemon.begin()
        elif what == "end":
            daemon.end(which)
        elif what == "hear":
            hear()
        elif what == "miss":  # the connection breaks, and is restored
            daemon.line.clear()
            ledger.note_gap()
            catch_up()
        elif what == "late":  # a new alert comes before what was missed is known
            daemon.line.clear()
            ledger.note_gap()
            daemon.begin()
            hear()
            catch_up()
        elif what == "again":  # answers overtake waiting events
            catch_up()
            hear()
        else:
            hear()
            ledger = Ledger(ledger.memory())
            catch_up()
    begun = [int(body.id) for body in heard if isinstance(body, Alert)]
    ended = [int(body.id) for body in heard if isinstance(body, AlertClosed)]
    assert sorted(begun) == sorted(daemon.rows)
    if not any(what == "late" for what, _ in steps):
        assert begun == sorted(begun)
    assert sorted(ended) == sorted(number for number, row in daemon.rows.items() if not row.open)
    for number in ended:
        first = next(i for i, body in enumerate(heard) if body.id == str(number))
        assert isinstance(heard[first], Alert)


def test_an_alert_that_comes_before_those_that_were_missed_does_not_hide_them() -> None:
    ledger = Ledger(LedgerMemory(3))
    ledger.note_gap()
    assert ledger.is_news(alert(7))
    rows = [Row(alert(number), True) for number in (4, 5, 6, 7)]
    assert told(caught_up(ledger, *rows)) == [("alert", "4"), ("alert", "5"), ("alert", "6")]
    assert ledger.number == 7

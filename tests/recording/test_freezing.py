from __future__ import annotations

from tests.recording.frames import NOW

from whimbrel.events.alerts import Severity
from whimbrel.recording.freezing import Freezing, Occasions, Step


def test_a_file_goes_on_for_a_while_behind_the_last_alert() -> None:
    freezing = Freezing(30.0, 1 << 20)
    assert freezing.wanted(NOW, 100) is Step.BEGIN
    assert not freezing.heard(NOW + 30, 10)
    assert freezing.wanted(NOW + 30, 100) is Step.JOIN
    assert not freezing.heard(NOW + 60, 10)
    assert freezing.heard(NOW + 60.1, 10)
    freezing.end()
    assert not freezing.active
    assert freezing.wanted(NOW + 61, 100) is Step.BEGIN


def test_alerts_have_no_more_recorded_in_an_hour_than_they_may() -> None:
    freezing = Freezing(1.0, 1000)
    assert freezing.wanted(NOW, 5000) is Step.BEGIN  # the first one, whatever it takes
    freezing.end()
    assert freezing.wanted(NOW + 10, 1) is Step.REFUSE
    assert not freezing.active
    assert freezing.wanted(NOW + 20, 5000, by_hand=True) is Step.BEGIN
    freezing.end()
    assert freezing.wanted(NOW + 3601, 5000) is Step.BEGIN


def test_what_a_file_takes_while_it_goes_on_counts() -> None:
    freezing = Freezing(10.0, 1000)
    freezing.wanted(NOW, 100)
    freezing.heard(NOW + 5, 901)
    freezing.end()
    assert freezing.wanted(NOW + 60, 0) is Step.REFUSE


def test_a_clock_that_is_set_neither_ends_it_nor_makes_it_endless() -> None:
    freezing = Freezing(10.0, 1000)
    freezing.wanted(NOW, 1)
    freezing.shift(1e7)
    assert not freezing.heard(NOW + 1e7 + 9, 1)
    assert freezing.heard(NOW + 1e7 + 11, 1)


def test_an_incident_is_recorded_once_and_once_more_where_it_is_worse() -> None:
    occasions = Occasions(Severity.WARNING)
    assert not occasions.wants("1", Severity.NOTICE, active=False)
    assert occasions.wants("1", Severity.WARNING, active=False)
    assert occasions.wants("1", Severity.WARNING, active=True)  # its file goes on
    assert not occasions.wants("1", Severity.WARNING, active=False)
    assert occasions.wants("1", Severity.CRITICAL, active=False)
    assert not occasions.wants("1", Severity.WARNING, active=False)
    assert occasions.wants("2", Severity.WARNING, active=False)


def test_no_incident_is_recorded_where_none_is_wanted() -> None:
    assert not Occasions(None).wants("1", Severity.CRITICAL, active=True)


def test_incidents_that_are_known_are_bounded() -> None:
    occasions = Occasions(Severity.WARNING)
    for number in range(1000):
        assert occasions.wants(str(number), Severity.WARNING, active=False)
    assert occasions.wants("0", Severity.WARNING, active=False)
    assert not occasions.wants("999", Severity.WARNING, active=False)


def test_what_has_not_begun_counts_for_nothing() -> None:
    freezing = Freezing(10.0, 1000)
    assert freezing.wanted(NOW, 5000) is Step.BEGIN
    freezing.cancel()
    assert not freezing.active
    assert freezing.wanted(NOW, 5000) is Step.BEGIN
    freezing.end()
    assert freezing.wanted(NOW, 1, by_hand=True) is Step.BEGIN
    freezing.cancel()
    assert freezing.wanted(NOW, 1) is Step.REFUSE, "the one by an alert has taken the hour's octets"
    occasions = Occasions(Severity.WARNING)
    assert occasions.wants("17", Severity.WARNING, active=False)
    occasions.forget("17")
    assert occasions.wants("17", Severity.WARNING, active=False)
    assert not occasions.wants("17", Severity.WARNING, active=False)


def test_that_an_incident_is_not_recorded_is_news_once() -> None:
    occasions = Occasions(Severity.WARNING)
    for number in range(1000):
        assert occasions.forget(str(number))
        assert not occasions.forget(str(number))
    assert not occasions.forget("999")
    assert occasions.forget("0"), "they are bounded"

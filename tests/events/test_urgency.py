"""The level of an event that depends on what it says."""

from __future__ import annotations

from typing import Any

import pytest
from tests.lab.alerts import alert, incident

from whimbrel.events.alerts import AlertClosed, AlertUpdated, Severity
from whimbrel.events.base import Level
from whimbrel.events.history import SinceLastTime
from whimbrel.events.incidents import IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.events.position import PositionChanged
from whimbrel.geo import Position


@pytest.mark.parametrize("severity", Severity)
def test_what_begins_is_as_urgent_as_it_is_bad(severity: Severity) -> None:
    assert incident(7, severity=severity).urgency == severity.level
    assert incident(7, IncidentChanged, news="worse", severity=severity).urgency == severity.level
    assert incident(7, IncidentChanged, news="cause", severity=severity).urgency == severity.level
    assert incident(7, IncidentOpened, severity=severity).urgency == severity.level


def test_an_incident_that_goes_on_is_no_news() -> None:
    assert incident(7, IncidentChanged, news="alert").urgency is Level.INFO
    assert incident(7, IncidentChanged, news="goes on").urgency is Level.DEBUG


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize(("body", "kind"), [(incident, IncidentClosed), (alert, AlertClosed)])
def test_an_end_is_never_more_than_a_notice(severity: Severity, body: Any, kind: Any) -> None:
    # A larger number is a lower level, as in syslog.
    assert body(7, kind, severity=severity).urgency == max(Level.NOTICE, severity.level)


@pytest.mark.parametrize("kind", [AlertUpdated, AlertClosed])
def test_an_alert_of_an_incident_leaves_the_news_to_it(kind: Any) -> None:
    alone, part = alert(9, kind).urgency, alert(9, kind, incident="7").urgency
    assert part >= alone
    assert alert(9, AlertClosed, incident="7").urgency is Level.INFO


def test_the_first_position_is_news() -> None:
    here = Position(latitude=53.5, longitude=10.0, error=5.0, time=1000.0)
    assert PositionChanged(position=here, until=1010.0, regained=True).urgency is Level.INFO
    assert PositionChanged(position=here, until=1010.0).urgency is Level.DEBUG


def test_the_first_word_after_a_start_is_news() -> None:
    assert SinceLastTime(first=True, known=True).urgency is Level.NOTICE
    assert SinceLastTime(first=False, known=True).urgency is Level.DEBUG

"""When news is told: at once, after a pause or quiet hours, with the digest, or never."""

from __future__ import annotations

from typing import Any

import pytest
from tests.lab.alerts import alert, incident

from whimbrel.events.alerts import AlertClosed, AlertUpdated, Severity
from whimbrel.events.incidents import IncidentChanged, IncidentClosed
from whimbrel.settings import Duration
from whimbrel.telling.policy import DIGEST, QUIET, Decision, TellingPolicy
from whimbrel.telling.settings import NotifySettings

NOON = 12 * 3600.0


def policy(**settings: Any) -> TellingPolicy:
    return TellingPolicy(NotifySettings(**settings), lambda seconds: int(seconds // 60) % 1440)


def test_an_incident_is_told_at_once_and_its_alerts_are_not() -> None:
    one = policy()
    assert one.decide(incident(1), NOON) == Decision(NOON, "")
    assert one.decide(alert(1, incident="1"), NOON) is None
    assert one.decide(alert(1, AlertUpdated, incident="1"), NOON) is None


def test_a_weakness_is_told_with_the_digest_and_all_of_it_together() -> None:
    one = policy(digest=Duration(3600.0))
    weak = {"severity": Severity.WEAKNESS}
    assert one.decide(alert(1, **weak), NOON) == Decision(NOON + 3600, DIGEST)
    assert one.decide(alert(2, **weak), NOON + 1800) == Decision(NOON + 3600, DIGEST)
    assert one.decide(alert(3, **weak), NOON + 3601) == Decision(NOON + 7201, DIGEST)


def test_more_of_an_incident_waits_for_the_pause_unless_it_is_worse() -> None:
    one = policy(pause=Duration(600.0))
    one.decide(incident(1, severity=Severity.WARNING), NOON)
    more = incident(1, IncidentChanged, news="alert", severity=Severity.WARNING, alerts=("1", "2"))
    assert one.decide(more, NOON + 60) == Decision(NOON + 600, "incident 1")
    assert one.decide(incident(1, IncidentChanged, news="goes on"), NOON + 60) is None
    assert one.decide(incident(1, IncidentChanged, news="worse"), NOON + 90) == Decision(NOON + 90, "")
    assert one.decide(incident(1, IncidentClosed), NOON + 100) == Decision(NOON + 690, "incident 1")
    assert one.decide(incident(2), NOON + 100) == Decision(NOON + 100, "")


def test_a_pause_does_not_last_longer_because_the_clock_was_set_back() -> None:
    one = policy(pause=Duration(600.0))
    one.decide(incident(1, severity=Severity.WARNING), NOON)
    more = incident(1, IncidentChanged, news="alert", severity=Severity.WARNING, alerts=("1", "2"))
    assert one.decide(more, NOON - 86400) == Decision(NOON - 86400, "")


@pytest.mark.parametrize(
    ("at", "expected"),
    [(21 * 60 + 59, None), (22 * 60, 7 * 60 + 1440), (23 * 60, 7 * 60 + 1440), (6 * 60 + 59, 7 * 60), (7 * 60, None)],
)
def test_quiet_hours_hold_back_what_is_not_urgent_enough(at: int, expected: int | None) -> None:
    one = policy(quiet="22:00-07:00")
    decision = one.decide(incident(1, severity=Severity.WARNING), at * 60.0)
    assert decision == (Decision(at * 60.0, "") if expected is None else Decision(expected * 60.0, QUIET))
    assert one.decide(incident(2), at * 60.0) == Decision(at * 60.0, "")


def test_rules_may_be_told_otherwise() -> None:
    one = policy(rules={"a": "never", "b": "digest", "c": "now"})
    weak = Severity.WEAKNESS
    assert one.decide(incident(1, rules=("a",)), NOON) is None
    assert one.decide(incident(1, rules=("a", "b")), NOON) == Decision(NOON + 86400, DIGEST)
    assert one.decide(incident(1, rules=("a", "other")), NOON) == Decision(NOON, "")
    assert one.decide(alert(9, rule="c", severity=weak), NOON) == Decision(NOON, "")


def test_ends_may_be_left_out() -> None:
    one = policy(ends=False)
    assert one.decide(incident(1, IncidentClosed), NOON) is None
    assert one.decide(alert(1, AlertClosed), NOON) is None


def test_what_it_remembers_is_bounded() -> None:
    one = policy()
    for number in range(2000):
        one.decide(incident(number), NOON)
    assert len(one._told) <= 512

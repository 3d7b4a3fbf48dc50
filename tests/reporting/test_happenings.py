from __future__ import annotations

from tests.reporting.rows import alert, incident, weakness

from whimbrel.events.alerts import Severity
from whimbrel.reporting.happenings import SHOWN, anchors, happened, kinds


def test_alerts_of_an_incident_are_told_as_one_and_weaknesses_not_at_all() -> None:
    alerts = (alert("3", at=30), alert("1", incident="1"), alert("2", incident="1", at=12), weakness())
    found = happened(alerts, (incident("1", ("1", "2")),))
    assert [(each.row.title, [part.id for part in each.alerts]) for each in found] == [
        ("Handshakes being harvested", ["1", "2"]), ("Disconnection attack", ["3"]),
    ]  # fmt: skip


def test_an_incident_of_one_alert_is_that_alert() -> None:
    (found,) = happened((alert("1", incident="1"),), (incident("1", ("1",)),))
    assert found.row == alert("1", incident="1")
    (kind,) = kinds((found,), anchors((found,), "p1-"))
    assert kind.occurrences[0].parts == ()


def test_a_kind_is_explained_once_by_the_worst_of_it() -> None:
    found = happened((alert("1", Severity.NOTICE, advice="Wait."), alert("2", advice="Run.", at=20)), ())
    (kind,) = kinds(found, anchors(found, "p1-"))
    assert (kind.severity, kind.advice, kind.number) == ("critical", "Run.", 2)
    assert [each.severity for each in kind.occurrences] == ["notice", "critical"]


def test_the_worst_kind_comes_first() -> None:
    found = happened((alert("1", Severity.NOTICE, title="Drone"), alert("2", at=20)), ())
    assert [kind.title for kind in kinds(found, anchors(found, ""))] == ["Disconnection attack", "Drone"]


def test_of_very_many_the_worst_are_told_and_the_others_counted() -> None:
    many = tuple(alert(str(number), Severity.NOTICE, at=number) for number in range(100))
    found = happened((*many, alert("worst", at=99.5)), ())
    names = anchors(found, "p1-")
    (kind,) = kinds(found, names)
    assert (len(kind.occurrences), kind.left_out) == (SHOWN, 101 - SHOWN)
    assert kind.occurrences[-1].number == "worst"
    assert len(set(names.values())) == len(names) == SHOWN


def test_the_evidence_is_told_with_its_facts() -> None:
    found = happened((alert(again=2, state="open"),), ())
    (told,) = kinds(found, anchors(found, "p1-"))[0].occurrences
    assert told.state == "goes on"
    assert dict(told.facts) == {
        "network": "home", "BSSID": "02:00:00:00:00:01", "sender": "02:00:00:00:00:01", "receiver": "06:00:00:00:00:02",
        "heard": "channel 6, -60 to -50 dBm", "count": "131; it takes 10 in 10 s; raised 2 times before",
        "frames kept": "48, 12 more were not kept",
    }  # fmt: skip

from __future__ import annotations

from typing import Any

from tests.display.alerts import acknowledged, alert, closed, incident, raised, updated

from whimbrel.display.alert_board import ROWS, AlertBoard
from whimbrel.events.alerts import Alert, AlertState, Severity
from whimbrel.events.base import Event
from whimbrel.events.incidents import (
    AlertsStanding,
    IncidentChanged,
    IncidentClosed,
    IncidentOpened,
    IncidentState,
)
from whimbrel.events.radio import RadioBlind


def standing(number: str, *, going_on: bool = True, acknowledged: bool = False, **more: Any) -> AlertState:
    body = alert(Alert, number, **more)
    assert isinstance(body, Alert)
    return AlertState(body, going_on, acknowledged)


def ids(board: AlertBoard) -> list[str]:
    return [row.id for row in board.rows]


def test_an_alert_lives() -> None:
    board = AlertBoard()
    row = board.take(raised("1"))
    assert row is not None
    assert (row.id, row.open, row.acknowledged, row.severity) == ("1", True, False, "critical")
    assert (row.network, row.channel, row.rssi_range, row.first) == ("harbour", 6, (-60, -50), 1000.0)
    assert board.take(acknowledged("1")) is None
    assert board.take(updated("1", text="more", count=90)) is None
    (row,) = board.rows
    assert (row.text, row.times, row.acknowledged) == ("more", 90, True)
    assert board.take(closed("1", last=1200.0)) is None
    (row,) = board.rows
    assert (row.open, row.last, row.acknowledged) == (False, 1200.0, True)


def test_what_became_worse_is_not_seen_again() -> None:
    board = AlertBoard()
    board.take(raised("1", severity=Severity.WARNING))
    board.take(acknowledged("1"))
    row = board.take(updated("1", severity=Severity.CRITICAL))
    assert row is not None
    assert not row.acknowledged


def test_an_update_stays_in_its_place() -> None:
    board = AlertBoard()
    for number in ("1", "2", "3"):
        board.take(raised(number))
    board.take(updated("2", text="more"))
    assert ids(board) == ["3", "2", "1"]


def test_weaknesses_hide_nothing() -> None:
    board = AlertBoard()
    board.take(raised("1"))
    for number in range(2, 60):
        board.take(raised(str(number), severity=Severity.WEAKNESS))
    assert ids(board)[:3] == ["1", "59", "58"]


def test_what_is_over_as_it_is_raised_is_not_open() -> None:
    row = AlertBoard().take(raised("1", lasting=False, advice="Look around."))
    assert row is not None
    assert (row.open, row.advice) == (False, "Look around.")


def test_bounded_and_what_goes_on_is_kept_longest() -> None:
    board = AlertBoard()
    board.take(raised("attack"))
    board.take(raised("over"))
    board.take(closed("over"))
    board.take(raised("worth knowing", severity=Severity.NOTICE))
    for number in range(ROWS):
        board.take(raised(str(number), severity=Severity.WEAKNESS))
    assert len(board.rows) == ROWS
    assert ids(board)[:2] == ["worth knowing", "attack"]
    assert "over" not in ids(board)


def test_who_is_late_knows_what_was_raised() -> None:
    board = AlertBoard()
    board.take(Event(9, 1000.5, "sniffer", RadioBlind(silent=30.0)))
    board.take(raised("8"))
    alerts = (standing("1", acknowledged=True), standing("2", going_on=False, first=1001.0))
    assert board.take(Event(10, 1002.0, "watcher", AlertsStanding(alerts=alerts, incidents=()))) is None
    assert ids(board) == ["2", "event 9", "1"], "what is not remembered there is not shown here"
    two, _, one = board.rows
    assert (two.open, two.advice) == (False, "Do it.")
    assert (one.open, one.acknowledged) == (True, True)


def test_an_id_that_comes_back_is_another_alert() -> None:
    board = AlertBoard()
    board.take(raised("1"))
    board.take(acknowledged("1"))
    board.take(raised("2"))
    row = board.take(raised("1"))
    assert row is not None
    assert not row.acknowledged
    assert ids(board) == ["1", "2"]


def test_an_event_of_the_device() -> None:
    board = AlertBoard()
    row = board.take(Event(9, 1000.0, "sniffer", RadioBlind(silent=30.0)))
    assert row is not None
    assert (row.id, row.title, row.severity) == ("event 9", "radio blind", "critical")
    assert row.of_device
    other = board.take(raised("9"))
    assert other is not None
    assert not other.of_device
    board.acknowledge("event 9")
    assert [row.acknowledged for row in board.rows] == [False, True]


def test_what_is_not_known_is_not_acknowledged() -> None:
    board = AlertBoard()
    assert board.take(acknowledged("404")) is None
    assert ids(board) == []
    assert board.take(closed("404")) is None
    assert [row.open for row in board.rows] == [False]


def test_an_incident_is_one_row_with_its_alerts() -> None:
    board = AlertBoard()
    row = board.take(incident(IncidentOpened, "1"))
    assert row is not None
    assert (row.title, row.network, row.channel, row.rssi) == ("Something goes on", "harbour", 6, -50)
    assert board.take(raised("1", incident="1")) is None, "the incident has broken in already"
    assert board.take(incident(IncidentChanged, "1", alerts=("1", "2"), news="alert")) is None
    board.take(raised("2", incident="1", first=1002.0, severity=Severity.WARNING))
    (row,) = board.rows
    assert [part.id for part in row.parts] == ["1", "2"]
    assert row.open
    board.take(closed("1", incident="1"))
    board.take(closed("2", incident="1", first=1002.0))
    board.take(incident(IncidentClosed, "1", alerts=("1", "2"), last=1200.0))
    (row,) = board.rows
    assert (row.open, row.last, [part.open for part in row.parts]) == (False, 1200.0, [False, False])


def test_an_incident_is_seen_once_all_its_alerts_are() -> None:
    board = AlertBoard()
    board.take(incident(IncidentOpened, "1", alerts=("1", "2")))
    board.take(raised("1", incident="1"))
    board.take(raised("2", incident="1"))
    board.take(acknowledged("1", incident="1"))
    assert not board.rows[0].acknowledged
    board.take(acknowledged("2", incident="1"))
    assert board.rows[0].acknowledged
    assert board.take(incident(IncidentChanged, "1", alerts=("1", "2"), news="goes on")) is None
    assert board.rows[0].acknowledged
    # An alert that joins an acknowledged incident is new.
    row = board.take(incident(IncidentChanged, "1", alerts=("1", "2", "3"), news="alert"))
    assert row is not None
    board.take(raised("3", incident="1"))
    assert not board.rows[0].acknowledged


def test_an_incident_that_became_worse_breaks_in_again() -> None:
    board = AlertBoard()
    board.take(incident(IncidentOpened, "1", severity=Severity.WARNING))
    assert board.take(incident(IncidentChanged, "1", severity=Severity.CRITICAL, news="worse")) is not None
    assert board.take(incident(IncidentChanged, "1", severity=Severity.CRITICAL, title="Else", news="cause")) is None
    assert board.rows[0].title == "Else"


def test_who_is_late_knows_which_alerts_belong_together() -> None:
    board = AlertBoard()
    opened = incident(IncidentOpened, "1", alerts=("1", "2")).body
    alerts = (
        standing("1", incident="1", acknowledged=True),
        standing("2", incident="1", acknowledged=True),
        standing("3", severity=Severity.WEAKNESS),
    )
    standing_now = AlertsStanding(alerts=alerts, incidents=(IncidentState(opened, open=False),))
    board.take(Event(10, 1002.0, "watcher", standing_now))
    assert ids(board) == ["1", "3"]
    row = board.rows[0]
    assert (row.open, row.acknowledged, [part.id for part in row.parts]) == (False, True, ["1", "2"])


def test_what_is_taken_back_is_shown_no_more() -> None:
    board = AlertBoard()
    board.take(raised("1", severity=Severity.WEAKNESS))
    board.take(incident(IncidentOpened, "2"))
    board.take(raised("2", incident="2"))
    board.take(closed("1", severity=Severity.WEAKNESS, reason="made up"))
    board.take(closed("2", incident="2", reason="made up"))
    assert board.rows == ()

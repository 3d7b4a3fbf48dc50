"""Messages: what a person reads of an incident, with nothing off the air that could be taken for more."""

from __future__ import annotations

from tests.lab.alerts import alert, incident

from whimbrel.events.alerts import AlertClosed, Severity
from whimbrel.events.incidents import IncidentChanged, IncidentClosed
from whimbrel.telling.words import headline, line, message, summary


def test_a_message_says_what_where_and_what_to_do() -> None:
    told = message(incident(1), "attic", '{"kind":"incident-opened"}')
    assert told.title == "attic: critical: Stations are thrown out in home"
    assert told.text.splitlines() == [
        "12 frames in 10 s",
        "access point 02:11:22:33:44:55, channel 6 (2.4 GHz), -40 dBm",
        "",
        "Somebody forges the farewell of an access point.",
        "",
        "What to do: Use protected management frames.",
    ]
    assert (told.severity, told.id, told.kind) == (Severity.CRITICAL, "1", "incident-opened")


def test_an_end_says_how_long_it_lasted_and_no_advice() -> None:
    assert headline(alert(1, AlertClosed, last=1_767_225_720.0)) == "over after 2 min: Stations are thrown out in home"
    assert "What to do" not in message(incident(1, IncidentClosed), "attic").text


def test_news_of_an_incident_says_what_is_new() -> None:
    worse = incident(1, IncidentChanged, news="worse", alerts=("1", "2"))
    assert headline(worse).endswith("(worse)")
    assert headline(worse.replace(news="alert")).endswith("(2 alerts)")


def test_a_summary_has_the_worst_first_and_is_bounded() -> None:
    many = [alert(number, severity=Severity.NOTICE) for number in range(30)]
    told = summary(map(line, [*many, alert(99)]), "attic", "digest")
    assert told.text.splitlines()[0] == "- critical: Stations are thrown out in home"
    assert told.text.splitlines()[-1] == "and 11 more: `whimbrel alerts --all`"
    assert told.severity is Severity.CRITICAL


def test_a_hostile_name_stays_a_name() -> None:
    told = message(incident(1, ssid=b"a\nWhat to do: call 0190\x1b[31m", text="t\x1b[2J"), "attic")
    assert "\n" not in told.title
    assert "\x1b" not in told.title + told.text

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from tests.survey.air import AP, STA

from whimbrel.detections import alert_memory
from whimbrel.detections.air import Air
from whimbrel.detections.alert_table import AlertTable
from whimbrel.detections.base import HIGH, LOW, Claim, Detection
from whimbrel.detections.causes import CAUSES, LINKS
from whimbrel.detections.guarded import Guard
from whimbrel.detections.registry import all_detections
from whimbrel.events.alerts import REMEMBERED, Alert, AlertClosed, Severity
from whimbrel.events.base import Body, Level
from whimbrel.events.incidents import IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.survey.survey import Survey


def address(number: int) -> bytes:
    return b"\x02" + number.to_bytes(5, "big")


OTHER, TWIN, SECOND_TWIN = address(0x20), address(0x30), address(0x31)


@cache
def rule(name: str) -> Detection[Any]:
    """Return the detection of that name."""
    cls = next(cls for cls in all_detections() if cls.rule == name)
    return cls(cls.Settings(), Air(Survey(), Guard()))


class Told:
    """A table of alerts, and its events."""

    def __init__(self) -> None:
        self.table = AlertTable(frozenset())
        self.events: list[Body] = []
        self.now = 1000.0

    def claim(self, name: str, bssid: bytes | None = AP, **about: Any) -> None:
        """Have the rule `name` claim something, a second after the last claim."""
        self.now += 1
        key = about.pop("key", (bssid, about.get("sender"), about.get("receiver")))
        claim = Claim(key, f"{name} was seen", bssid=bssid, **about)
        self.table.claim(rule(name), claim, None, self.now, self.now, self.events)

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.table.turn(self.now, self.events)

    @property
    def rules(self) -> list[list[str]]:
        """The rules of each incident, oldest first."""
        return [[part.detection.rule for part in each.parts] for each in self.table.incidents.remembered.values()]

    @property
    def now_said(self) -> IncidentOpened:
        """The present state of the only incident."""
        (incident,) = self.table.incidents
        return incident.body(IncidentOpened)


def test_two_rules_that_hear_one_attack_make_one_incident() -> None:
    told = Told()
    told.claim("broadcast-deauth", ssid=b"harbour")
    told.claim("deauth-flood", ssid=b"harbour", confidence=HIGH)
    assert [type(event) for event in told.events] == [IncidentOpened, Alert, IncidentChanged, Alert]
    assert [event.incident for event in told.events if isinstance(event, Alert)] == ["1", "1"]
    said = told.now_said
    assert (said.id, said.cause, said.title) == ("1", "cut-off", "Disconnection attack")
    assert (said.severity, said.confidence, said.alerts) == (Severity.CRITICAL, HIGH, ("1", "2"))
    assert said.rules == ("deauth-flood", "broadcast-deauth")
    assert (said.bssid, said.ssid, said.first, said.last) == (AP, b"harbour", 1001.0, 1002.0)
    assert '"harbour"' in said.text
    assert "Everyone disconnected" in said.text


def test_one_alert_is_an_incident_that_says_what_it_says() -> None:
    told = Told()
    told.claim("karma", TWIN, sender=TWIN)
    opened, alert = told.events
    assert isinstance(opened, IncidentOpened)
    assert isinstance(alert, Alert)
    assert (opened.cause, opened.title, opened.text, opened.advice) == ("", alert.title, alert.text, alert.advice)
    assert (opened.severity, opened.confidence, opened.urgency) == (alert.severity, "medium", alert.severity.level)
    assert alert.urgency > opened.urgency


def test_a_downgrade_with_all_that_betrays_it_is_one_imitator() -> None:
    told = Told()
    for name in (
        "security-downgrade",
        "two-clocks",
        "two-counters",
        "two-clocks",
        "two-counters",
        "fingerprint-change",
    ):
        told.claim(name, key=(name, told.now))
    said = told.now_said
    assert (said.cause, len(said.alerts)) == ("imitation", 6)
    # Each is fairly sure; where more than two rules agree, the whole is surer.
    assert said.confidence == HIGH


@pytest.mark.parametrize(
    ("names", "cause"),
    [
        (("deauth-flood", "handshake-harvest"), "handshakes-forced"),
        (("deauth-flood", "two-clocks", "two-counters"), "copy-drives-away"),
        (("two-channels", "key-reinstallation"), "man-in-the-middle"),
        (("security-downgrade", "fingerprint-change"), "changed"),
        (("auth-flood", "assoc-flood"), "logins-flooded"),
        (("plaintext-in-protected", "mixed-fragments"), "keys-attacked"),
        (("evil-twin", "karma"), "rogue-access-point"),
        (("evil-twin", "karma", "deauth-flood"), "lured-to-a-copy"),
    ],
)
def test_what_is_going_on(names: tuple[str, ...], cause: str) -> None:
    told = Told()
    for name in names:
        told.claim(name, ssid=b"harbour")
    assert told.now_said.cause == cause


def test_two_attackers_on_two_networks_are_two() -> None:
    told = Told()
    for name in ("deauth-flood", "broadcast-deauth"):
        told.claim(name, AP, ssid=b"harbour")
        told.claim(name, OTHER, ssid=b"lighthouse")
    assert told.rules == [["deauth-flood", "broadcast-deauth"]] * 2


def test_a_copy_elsewhere_and_the_disconnections_that_drive_to_it_are_one() -> None:
    told = Told()
    told.claim("deauth-flood", AP, ssid=b"harbour")
    told.claim("evil-twin", TWIN, ssid=b"harbour", sender=TWIN)
    told.claim("karma", TWIN, ssid=b"another", sender=TWIN)
    assert told.rules == [["deauth-flood", "evil-twin", "karma"]]


def test_two_pairs_under_one_name_are_two() -> None:
    told = Told()
    told.claim("deauth-flood", AP, ssid=b"campus")
    told.claim("evil-twin", TWIN, ssid=b"campus")
    told.claim("evil-twin", SECOND_TWIN, ssid=b"campus")
    told.claim("deauth-flood", OTHER, ssid=b"campus")
    assert told.rules == [["deauth-flood", "evil-twin"], ["evil-twin", "deauth-flood"]]


def test_imitators_of_two_access_points_of_one_network_are_two() -> None:
    told = Told()
    for bssid in (AP, OTHER):
        told.claim("two-clocks", bssid, ssid=b"campus")
        told.claim("two-counters", bssid, ssid=b"campus")
    assert told.rules == [["two-clocks", "two-counters"]] * 2


def test_one_station_whose_keys_are_attacked_through_two_access_points() -> None:
    told = Told()
    told.claim("key-reinstallation", AP, receiver=STA)
    told.claim("nonce-reuse", OTHER, receiver=STA)
    assert told.rules == [["key-reinstallation", "nonce-reuse"]]


def test_notices_alone_are_called_no_attack() -> None:
    told = Told()
    told.claim("odd-reason", confidence=LOW)
    told.claim("broadcast-deauth", severity=Severity.NOTICE, confidence=LOW)
    said = told.now_said
    assert (said.cause, said.title, said.severity) == ("", "Unknown reason to disconnect", Severity.NOTICE)
    assert "2 alerts in all" in said.text


def test_a_weakness_is_no_incident() -> None:
    told = Told()
    told.claim("open-network")
    (alert,) = told.events
    assert isinstance(alert, Alert)
    assert (alert.incident, told.rules) == ("", [])


def test_it_ends_with_its_last_alert_and_what_comes_later_is_another() -> None:
    told = Told()
    told.claim("deauth-flood")
    told.turn(40)
    told.claim("broadcast-deauth")
    told.turn(30)
    assert [type(event) for event in told.events[-1:]] == [AlertClosed]
    told.turn(40)
    assert [type(event) for event in told.events[-2:]] == [AlertClosed, IncidentClosed]
    told.claim("deauth-flood")
    assert told.rules == [["deauth-flood", "broadcast-deauth"], ["deauth-flood"]]


def test_what_is_new_of_it() -> None:
    told = Told()
    told.claim("odd-reason", confidence=LOW)
    told.claim("malformed", confidence=LOW)
    told.claim("malformed", severity=Severity.CRITICAL, confidence=LOW)
    told.turn(11)
    told.claim("malformed", severity=Severity.CRITICAL, confidence=LOW)
    told.claim("deauth-flood")
    told.claim("broadcast-deauth")
    changes = [event for event in told.events if isinstance(event, IncidentChanged)]
    assert [change.news for change in changes] == ["alert", "worse", "goes on", "cause", "alert"]
    assert [change.urgency for change in changes] == [
        Level.INFO, Level.ALERT, Level.DEBUG, Level.ALERT, Level.INFO,
    ]  # fmt: skip


def test_what_others_are_called_does_not_make_a_cause() -> None:
    told = Told()
    told.claim("deauth-flood")
    told.claim("auth-flood")
    assert (told.now_said.cause, told.now_said.title) == ("", "Disconnection attack")


def test_as_many_are_remembered_as_their_alerts() -> None:
    told = Told()
    for number in range(400):
        told.now += 60
        told.claim("two-clocks", address(number))
        told.claim("two-counters", address(number))
        told.table.turn(told.now, told.events)
    incidents = told.table.incidents
    assert len(told.table.remembered) == 128
    assert sum(len(incident.parts) for incident in incidents) == 128
    assert {incident.id for incident in incidents} == {each.incident for each in told.table}
    told.turn(1000)
    assert not incidents._found_by


def test_an_incident_or_an_alert_is_named() -> None:
    told = Told()
    told.claim("deauth-flood")
    told.claim("broadcast-deauth")
    named = {number: [each.id for each in told.table.named(number)] for number in ("1", "2", "3")}
    assert named == {"1": ["1", "2"], "2": ["2"], "3": []}


def test_incidents_outlast_the_process() -> None:
    told = Told()
    told.claim("deauth-flood", ssid=b"harbour")
    told.claim("broadcast-deauth", ssid=b"harbour")
    told.claim("two-clocks", OTHER)
    rows = [alert_memory.written(standing) for standing in told.table.remembered.values()]
    before = [incident.body(IncidentOpened) for incident in told.table.incidents]
    again = Told()
    for standing in alert_memory.restored(rows, rule):
        again.table.restore(standing)
    assert [incident.body(IncidentOpened) for incident in again.table.incidents] == before
    again.claim("odd-reason")
    again.claim("two-levels", OTHER)
    assert again.rules == [["deauth-flood", "broadcast-deauth", "odd-reason"], ["two-clocks", "two-levels"]]


def test_an_incident_of_what_has_no_duration_ends_when_it_is_quiet() -> None:
    told = Told()
    told.claim("weak-eap", sender=TWIN)
    told.turn(59)
    told.claim("deauth-flood")
    assert told.rules == [["weak-eap", "deauth-flood"]]
    told.turn(59)
    assert not [event for event in told.events if isinstance(event, IncidentClosed)]
    told.turn(2)
    assert [type(event) for event in told.events[-2:]] == [AlertClosed, IncidentClosed]
    told.claim("weak-eap", OTHER, sender=OTHER)
    told.turn(61)
    assert isinstance(told.events[-1], IncidentClosed)
    assert told.events[-1].id == "3"
    told.claim("deauth-flood", OTHER)
    assert told.rules[-1] == ["deauth-flood"]
    number = len(told.events)
    told.turn(1)
    assert len(told.events) == number


def test_an_incident_of_what_has_no_duration_ends_when_it_is_forgotten() -> None:
    told = Told()
    for number in range(3 * REMEMBERED):
        told.now += 60  # too slow for a storm; nothing is heard meanwhile
        told.claim("surveillance-device", address(number))
    begun = [event.id for event in told.events if isinstance(event, IncidentOpened)]
    ended = [event.id for event in told.events if isinstance(event, IncidentClosed)]
    assert len(begun) == 3 * REMEMBERED
    assert ended == begun[: 2 * REMEMBERED]
    assert [each.id for each in told.table.incidents] == begun[: -REMEMBERED - 1 : -1]


def test_the_same_alerts_make_the_same_incidents() -> None:
    def tell() -> Told:
        told = Told()
        for name in sorted(linked()):
            told.claim(name, (AP, OTHER)[len(name) % 2], ssid=b"harbour", sender=TWIN)
        return told

    assert tell().events == tell().events


def linked() -> set[str]:
    return {name for link in LINKS for name in link.rules | link.beside}


def test_the_tables_name_rules_that_there_are() -> None:
    rules = {cls.rule for cls in all_detections()}
    assert linked() <= rules
    assert {name for cause in CAUSES for need in cause.needs for name in need} <= linked()


def test_every_cause_can_be_said() -> None:
    assert len({cause.name for cause in CAUSES}) == len(CAUSES)
    for cause in CAUSES:
        assert len(cause.title) <= 28, cause.title
        text = cause.text.format(where="here", parts="this")
        assert text.endswith("."), cause.name

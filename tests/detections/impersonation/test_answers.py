from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.impersonation.passing import OWN, STRANGER, beacons, elements
from tests.survey.air import STA, element, probe, response

from whimbrel.detections.impersonation.answers import AnswerSettings, AnswerToNobody
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration, Ssid
from whimbrel.wifi.frames import Frame

NAME = b"Railway Guest"


def answers(
    count: int, start: float = 1001.0, *, every: float = 6.0, name: bytes = NAME, extra: bytes = b"", **more: Any
) -> list[Frame]:
    more.setdefault("bssid", STRANGER)
    more.setdefault("capability", 1)
    return [response(elements(name, extra), time=start + number * every, seq=number, **more) for number in range(count)]


@pytest.mark.raises_alert("answer-to-nobody")
def test_the_third_answer_after_ten_seconds_without_a_beacon_raises() -> None:
    hearing = Hearing(AnswerToNobody)
    hearing.hear(probe(NAME, time=1000.0))
    assert hearing.hear(*answers(2)) == []
    (alert,) = hearing.hear(*answers(1, 1013.0))
    assert (alert.severity, alert.confidence, alert.bssid) == (Severity.NOTICE, "low", STRANGER)
    assert f"{STA.hex(':')} alone asked for" in alert.text
    assert alert.frames == 3


@pytest.mark.spares("answer-to-nobody")
def test_answers_in_quick_succession_wait_for_the_beacons_that_should_come() -> None:
    hearing = Hearing(AnswerToNobody)
    hearing.hear(probe(NAME, time=1000.0), *answers(9, every=1.0))
    assert hearing.alerts == []


def test_a_second_name_makes_it_a_warning() -> None:
    hearing = Hearing(AnswerToNobody)
    hearing.hear(probe(NAME, time=1000.0), probe(b"Hotel", time=1000.1), *answers(3))
    hearing.hear(*answers(3, 1020.0, name=b"Hotel"))
    assert hearing.events[-1].severity is Severity.WARNING


@pytest.mark.parametrize(
    "more",
    [
        {"rssi": -85},
        {"capability": 2},
        {"ask": b"something else"},
        {"name": b"DIRECT-ab-printer", "ask": b"DIRECT-ab-printer"},
        {"extra": bytes.fromhex("dd09506f9a090202002501")},
    ],
)
def test_what_needs_no_beacons_or_is_too_weak_does_not_count(more: dict[str, Any]) -> None:
    ask = more.pop("ask", NAME)
    hearing = Hearing(AnswerToNobody)
    hearing.hear(probe(ask, time=1000.0), *answers(6, **more))
    assert hearing.alerts == []


def test_an_access_point_that_beacons_with_its_name_or_hidden_is_somebody() -> None:
    for name in (NAME, b""):
        hearing = Hearing(AnswerToNobody)
        hearing.hear(probe(NAME, time=1000.0), *answers(1), *beacons(2, 1002.0, bssid=STRANGER, name=name))
        hearing.hear(*answers(6, 1003.0))
        assert hearing.alerts == []


def test_a_name_that_another_access_point_beacons_is_used() -> None:
    hearing = Hearing(AnswerToNobody)
    hearing.hear(probe(NAME, time=1000.0), *beacons(3, 1000.0, bssid=OWN, name=NAME), *answers(6))
    assert hearing.alerts == []


def test_a_network_that_anothers_beacons_carry_needs_none_of_its_own() -> None:
    hearing = Hearing(AnswerToNobody)
    profile = element(83, b"\x11\x00") + element(0, NAME) + element(85, b"\x01")
    carrier = elements(b"harbour", element(71, b"\x02" + element(0, profile)))
    hearing.hear(*beacons(3, 1000.0, bssid=OWN, elements=carrier), probe(NAME, time=1000.5))
    hearing.hear(*answers(6, bssid=OWN[:5] + bytes((OWN[5] + 1,))))
    assert hearing.alerts == []


def test_time_on_other_channels_does_not_count() -> None:
    hearing = Hearing(AnswerToNobody)
    hearing.hear(probe(NAME, time=1000.0))
    for number in range(5):
        at = 1001.0 + 20 * number
        hearing.hear(*answers(1, at), *beacons(1, at + 0.2, bssid=OWN, freq=2462, channel=11))
        hearing.hear(*beacons(1, at + 19, bssid=OWN, freq=2462, channel=11))
    assert hearing.alerts == []


@pytest.mark.parametrize("beaconed", [False, True])
def test_a_canary_raises_at_once(beaconed: bool) -> None:
    hearing = Hearing(AnswerToNobody, answer_to_nobody=AnswerSettings(canaries=(Ssid(b"c4n4ry"),)))
    hearing.hear(*beacons(9, bssid=STRANGER), *answers(3))
    assert hearing.alerts == []
    frames = beacons(1, bssid=OWN, name=b"c4n4ry") if beaconed else answers(1, name=b"c4n4ry")
    (alert,) = hearing.hear(*frames)
    assert (alert.severity, alert.confidence) == (Severity.CRITICAL, "high")


def test_the_settings_move_the_threshold() -> None:
    settings = AnswerSettings(answers=1, listened=Duration(1.0))
    hearing = Hearing(AnswerToNobody, answer_to_nobody=settings)
    hearing.hear(probe(NAME, time=1000.0), *answers(2, every=1.5))
    assert hearing.rules == ["answer-to-nobody"]

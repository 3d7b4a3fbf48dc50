from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import OTHER, OTHER_AP, deauthentication, handshake, secret
from tests.survey.air import ALL, AP, STA, beacon

from whimbrel.detections.protocol.handshake_harvest import (
    _KICKED,
    _PAIRS,
    HandshakeHarvest,
    HandshakeHarvestSettings,
)
from whimbrel.events.alerts import Severity


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(HandshakeHarvest, **settings)
    hearing.hear(beacon(time=999.0))
    return hearing


def episode(
    hearing: Hearing, time: float, kicks: int = 1, *, ra: bytes = STA, ta: bytes = AP, gap: float = 2.0, **more: Any
) -> list[Any]:
    """Disconnect, and shake hands `gap` seconds later."""
    raised = []
    for n in range(kicks):
        raised += hearing.hear(deauthentication(ra, ta, time=time + n / 50, seq=n, **more))
    return raised + hearing.hear(*handshake(time + gap, anonce=int(time), snonce=int(time) + 1))


@pytest.mark.raises_alert("handshake-harvest")
def test_four_handshakes_after_a_disconnection_are_a_notice() -> None:
    hearing = listening()
    for n in range(3):
        assert not episode(hearing, 1000.0 + 60 * n)
    [alert] = episode(hearing, 1180.0)
    assert (alert.rule, alert.severity, alert.confidence, alert.count) == (
        "handshake-harvest", Severity.NOTICE, "low", 4,
    )  # fmt: skip
    assert (alert.bssid, alert.receiver, alert.ssid) == (AP, STA, b"harbour")


def test_ten_in_two_minutes_are_a_warning() -> None:
    for times, severity in ((9, Severity.NOTICE), (10, Severity.WARNING)):
        hearing = listening()
        for n in range(times):
            episode(hearing, 1000.0 + 12 * n)
        assert hearing.events[-1].severity is severity
        assert hearing.events[-1].confidence == ("low" if severity is Severity.NOTICE else "medium")
    hearing = listening()
    for n in range(30):
        episode(hearing, 1000.0 + 14 * n)
    assert {event.severity for event in hearing.events} == {Severity.NOTICE}


def test_a_flood_before_a_handshake_is_a_warning_and_twice_critical() -> None:
    for ra, ta in ((STA, AP), (AP, STA), (ALL, AP)):
        hearing = listening()
        assert not episode(hearing, 900.0, 9, ra=ra, ta=ta)
        [alert] = episode(hearing, 1000.0, 10, ra=ra, ta=ta)
        assert (alert.severity, alert.confidence) == (Severity.WARNING, "medium")
        episode(hearing, 1030.0, 10, ra=ra, ta=ta)
        assert (hearing.events[-1].severity, hearing.events[-1].confidence) == (Severity.CRITICAL, "high")


def test_both_directions_add_up() -> None:
    hearing = listening()
    for n in range(5):
        hearing.hear(deauthentication(STA, AP, time=1000.0 + n / 9), deauthentication(AP, STA, time=1000.05 + n / 9))
    assert hearing.hear(*handshake(1002.0))


@pytest.mark.spares("handshake-harvest")
def test_retransmitted_and_protected_ones_do_not_count() -> None:
    hearing = listening()
    assert not episode(hearing, 1000.0, 20, flags=0x08)
    assert not episode(hearing, 1100.0, 20, flags=0x40)


@pytest.mark.parametrize("flags", [0, 0x40], ids=["clear", "protected"])
@pytest.mark.parametrize("data", [True, False])
def test_answers_to_a_station_that_has_left_do_not_count(*, data: bool, flags: int) -> None:
    """Its queue follows its goodbye, and each frame is answered with reason 7; a receiver may hear none of the data."""
    hearing = listening()
    for time in (1000.0, 1060.0):
        hearing.hear(deauthentication(AP, STA, time=time, seq=1, flags=flags))
        for n in range(40):
            if data:
                hearing.hear(secret(n + 1, time=time + n / 50))
            hearing.hear(deauthentication(STA, AP, time=time + n / 50 + 0.01, seq=n))
        assert not hearing.hear(*handshake(time + 1.5, anonce=int(time), snonce=int(time) + 1))


def test_a_protected_goodbye_hides_none_that_are_forged_in_the_name_of_the_station() -> None:
    hearing = listening()
    for n in range(12):
        hearing.hear(deauthentication(AP, STA, time=1000.0 + n / 50, seq=n))
        hearing.hear(deauthentication(AP, STA, time=1000.0 + n / 50 + 0.005, seq=100 + n, flags=0x40))
        hearing.hear(deauthentication(STA, AP, time=1000.0 + n / 50 + 0.01, seq=n))
    [alert] = hearing.hear(*handshake(1001.5))
    assert alert.severity is Severity.WARNING
    assert "24 disconnections" in alert.text


def test_forged_ones_with_the_reason_of_an_answer_count() -> None:
    """As aireplay-ng sends them, also in the station's name, while it talks."""
    hearing = listening()
    for n in range(40):
        if n % 8 == 0:
            hearing.hear(secret(n + 1, time=1000.0 + n / 50))
        hearing.hear(deauthentication(STA, AP, time=1000.0 + n / 50 + 0.01, seq=n))
    [alert] = hearing.hear(*handshake(1001.5))
    assert alert.severity is Severity.WARNING


def test_a_restart_throws_each_station_out_once() -> None:
    hearing = listening()
    hearing.hear(*[deauthentication(ALL, AP, time=1000.0 + n / 10) for n in range(5)])
    for n in range(20):
        station = b"\x02" + n.to_bytes(5, "big")
        hearing.hear(*handshake(1002.0 + n / 10, station=station, anonce=n, snonce=99 + n))
    assert not hearing.alerts


def test_roaming_is_none() -> None:
    hearing = listening()
    for n in range(9):
        hearing.hear(deauthentication(AP, STA, leave=True, time=1000.0 + n * 30))
        hearing.hear(*handshake(1000.5 + n * 30, bssid=OTHER_AP, anonce=n, snonce=n))
    assert not hearing.alerts


def test_a_handshake_long_after_or_of_another_is_none() -> None:
    hearing = listening()
    for n in range(9):
        assert not episode(hearing, 1000.0 + n * 60, 20, gap=15.0)
        assert not episode(hearing, 1020.0 + n * 60, 20, ra=OTHER)


def test_settings_change_the_thresholds() -> None:
    hearing = listening(handshake_harvest=HandshakeHarvestSettings(times=2, flood=3))
    assert not episode(hearing, 1000.0)
    assert episode(hearing, 1100.0)
    hearing = listening(handshake_harvest=HandshakeHarvestSettings(flood=3))
    assert episode(hearing, 1000.0, 3)


def test_trust_in_the_access_point_hides_nothing_that_is_done_in_its_name() -> None:
    muted = HandshakeHarvestSettings(mute=(AP,))  # type: ignore[arg-type]
    assert not episode(listening(handshake_harvest=muted), 1000.0, 20)
    hearing = Hearing(HandshakeHarvest, trusted=[AP])
    assert episode(hearing, 1000.0, 20)


def test_what_is_kept_is_bounded() -> None:
    hearing = listening()
    for n in range(1500):
        station = b"\x02" + n.to_bytes(5, "big")
        hearing.hear(deauthentication(station, AP, time=1000.0 + n / 10))
        hearing.hear(*handshake(1000.01 + n / 10, station=station))
    [detection] = hearing.engine.detections
    assert isinstance(detection, HandshakeHarvest)
    assert len(detection._kicks) <= _KICKED
    assert len(detection._episodes) <= _PAIRS

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import OTHER, eapol, wps
from tests.survey.air import AP, STA, beacon

from whimbrel.detections.protocol.wps import _BSSIDS, WpsBruteforce, WpsBruteforceSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

M1, M2, M3, M4, M5, M6, M7, NACK = 4, 5, 7, 8, 9, 10, 11, 14


def guess(time: float, station: bytes = STA, *, hear: str = "both") -> list[Frame]:
    """Return the exchange of one wrong PIN, as the access point (down) or the station (up) sends its part."""
    steps = [(M1, False, 4), (M2, True, 4), (M3, False, 4), (M4, True, 4), (NACK, False, 3), (NACK, True, 3)]
    return [
        wps(message, up=up, operation=operation, station=station, time=time + n / 20, seq=n)
        for n, (message, up, operation) in enumerate(steps)
        if hear == "both" or up == (hear == "up")
    ]


@pytest.mark.raises_alert("wps-bruteforce")
def test_five_pins_are_one_too_many() -> None:
    for hear in ("both", "up", "down"):
        hearing = Hearing(WpsBruteforce)
        hearing.hear(beacon(time=999.0))
        for n in range(4):
            hearing.hear(*guess(1000.0 + n * 10, hear=hear))
        assert {alert.severity for alert in hearing.events} <= {Severity.NOTICE}
        hearing.hear(*guess(1040.0, hear=hear))
        alert = hearing.events[-1]
        assert (alert.rule, alert.severity, alert.count, alert.ssid) == (
            "wps-bruteforce", Severity.WARNING, 5, b"harbour",
        )  # fmt: skip
        assert (alert.sender, alert.receiver) == (STA, AP)


@pytest.mark.parametrize("nack", [True, False])
def test_exchanges_that_stop_after_m3_are_a_notice_and_two_are_a_warning(nack: bool) -> None:
    hearing = Hearing(WpsBruteforce)
    severities = []
    for n in range(2):
        at = 1000.0 + n * 40
        steps = guess(at)
        hearing.hear(*steps[:3], *(steps[4:] if nack else ()), *(beacon(time=at + 1 + step) for step in range(20)))
        severities.append(hearing.events[-1].severity)
    assert severities == [Severity.NOTICE, Severity.WARNING]
    assert "Pixie Dust" in hearing.events[-1].text


def test_an_exchange_whose_end_may_have_been_missed_is_none_that_stopped() -> None:
    for heard, freq in ((guess(1000.0, hear="down")[:2], 2437), (guess(1000.0)[:3], 2462)):
        hearing = Hearing(WpsBruteforce)
        hearing.hear(*heard, tuned=2437)
        hearing.hear(*(beacon(time=1001.0 + step, freq=freq) for step in range(20)), tuned=freq)
        assert not hearing.alerts


def test_a_registrar_with_the_right_pin_is_fine() -> None:
    hearing = Hearing(WpsBruteforce)
    going = [
        wps(message, up=up, time=1000.3 + n / 20, seq=9 + n)
        for n, (message, up) in enumerate(((M5, False), (M6, True)))
    ]
    hearing.hear(*guess(1000.0)[:4], *going, wps(NACK, up=True, operation=3, time=1001.0, seq=30))
    hearing.hear(*(beacon(time=1002.0 + step) for step in range(20)))
    assert not hearing.alerts


def test_many_pins_are_an_attack_for_certain_whatever_the_address() -> None:
    hearing = Hearing(WpsBruteforce)
    for n in range(15):
        hearing.hear(*guess(1000.0 + n * 10, station=b"\x02" + n.to_bytes(5, "big")))
    assert hearing.events[-1].severity is Severity.CRITICAL
    assert "8 stations" in hearing.events[-1].text
    assert len(hearing.alerts) == 1


def test_messages_that_are_sent_again_are_one_guess() -> None:
    hearing = Hearing(WpsBruteforce)
    for n in range(9):
        hearing.hear(wps(M3, up=False, time=1000.0 + n, seq=n), wps(M4, up=True, time=1000.5 + n, seq=n))
    assert not hearing.alerts


@pytest.mark.spares("wps-bruteforce")
def test_a_station_that_joins_by_button_or_pin_never_counts() -> None:
    hearing = Hearing(WpsBruteforce)
    for n in range(12):
        for step, (message, up) in enumerate(
            ((M1, True), (M2, False), (M3, True), (M4, False), (M5, True), (M6, False), (M7, True), (12, False))
        ):
            hearing.hear(wps(message, up=up, time=1000.0 + n * 10 + step / 10, seq=step))
        hearing.hear(wps(NACK, up=True, operation=3, time=1009.0 + n * 10))
    assert not hearing.alerts


def test_wrong_pins_far_apart_are_somebody_setting_up() -> None:
    hearing = Hearing(WpsBruteforce)
    for n in range(8):
        hearing.hear(*guess(1000.0 + n * 400))
        for step in range(40):
            hearing.hear(beacon(time=1000.0 + n * 400 + step * 10))
    assert {alert.severity for alert in hearing.events} == {Severity.NOTICE}


def test_other_logins_are_no_guesses() -> None:
    hearing = Hearing(WpsBruteforce)
    for n in range(30):
        hearing.hear(eapol(b"", up=True, kind=1, time=1000.0 + n))
        hearing.hear(eapol(b"\2\1\0\x09\x01user", up=True, kind=0, time=1000.1 + n))
        hearing.hear(eapol(b"\1\1\0\x06\x19\x20", up=False, kind=0, time=1000.2 + n))
    assert not hearing.alerts


def test_settings_change_the_threshold() -> None:
    hearing = Hearing(WpsBruteforce, wps_bruteforce=WpsBruteforceSettings(pins=2, certain=3))
    severities = []
    for n in range(3):
        hearing.hear(*guess(1000.0 + n * 10))
        severities.append(hearing.events[-1].severity)
    assert severities == [Severity.NOTICE, Severity.WARNING, Severity.CRITICAL]


def test_access_points_are_bounded() -> None:
    hearing = Hearing(WpsBruteforce)
    for n in range(1000):
        hearing.hear(wps(M4, up=True, bssid=b"\x02" + n.to_bytes(5, "big"), station=OTHER, time=1000.0 + n / 10))
    [detection] = hearing.engine.detections
    assert isinstance(detection, WpsBruteforce)
    assert len(detection._guesses) <= _BSSIDS


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.binary(max_size=40)), max_size=10))
def test_no_packet_raises(packets: list[tuple[bool, int, bytes]]) -> None:
    hearing = Hearing(WpsBruteforce)
    for up, kind, body in packets:
        hearing.hear(eapol(body, up=up, kind=kind))
        hearing.hear(eapol(b"\1\1\0\x40\xfe\x00\x37\x2a\0\0\0\1" + body, up=up, kind=0))


def ended(time: float, station: bytes = STA) -> list[Frame]:
    """Return what is left of an exchange when its middle was not heard: a NACK of each side."""
    return [wps(NACK, up=up, operation=3, station=station, time=time + n / 50) for n, up in enumerate((False, True))]


def test_the_end_of_an_exchange_counts_if_its_middle_was_not_heard() -> None:
    hearing = Hearing(WpsBruteforce)
    hearing.hear(beacon(time=999.0), wps(M2, up=True, time=999.5))
    for n in range(4):
        assert not hearing.hear(*ended(1000.0 + n * 10))
    [alert] = hearing.hear(*guess(1040.0, hear="up"))
    assert alert.count == 5


def test_a_nack_of_a_station_with_another_role_counts_nothing() -> None:
    hearing = Hearing(WpsBruteforce)
    hearing.hear(wps(M2, up=True, time=999.5))
    for n in range(12):
        hearing.hear(*ended(1000.0 + n * 10, station=OTHER))
    assert not hearing.alerts

from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import authentication, key, secret
from tests.survey.air import AP, STA, beacon, frame

from whimbrel.detections.disruption.forging import _ACCESS_POINTS, _WAITING, ForgedDeauth, ForgedDeauthSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(ForgedDeauth, **settings)
    hearing.hear(beacon(time=999.0))
    return hearing


def deauth(at: float, *, seq: int = 2, rssi: int = -50, station: bytes = STA, kind: int = 0x0C, **more: Any) -> Frame:
    return frame(kind, station, AP, AP, b"\6\0", time=at, seq=seq, rssi=rssi, **more)


def let_in(at: float, *, seq: int = 3, rssi: int = -50, status: int = 0, station: bytes = STA) -> Frame:
    body = b"\x11\0" + bytes((status, 0)) + b"\1\xc0"
    return frame(0x01, station, AP, AP, body, time=at, seq=seq, rssi=rssi)


@pytest.mark.parametrize("kind", [0x0C, 0x0A])
@pytest.mark.raises_alert("forged-deauth")
def test_two_inside_a_join_are_a_warning_and_one_a_notice(kind: int) -> None:
    hearing = listening()
    [alert] = hearing.hear(deauth(1000.0, kind=kind), let_in(1000.01))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.NOTICE, "low", 1)
    hearing.hear(authentication(time=1005.0), deauth(1006.0, kind=kind), let_in(1006.01))
    assert (hearing.events[-1].severity, hearing.events[-1].count) == (Severity.WARNING, 2)
    assert (alert.bssid, alert.sender, alert.receiver) == (AP, AP, STA)


@pytest.mark.parametrize(("seq", "rssi", "loud"), [(68, -50, True), (67, -50, False), (3, -38, True), (3, -39, False)])
def test_another_counter_or_level_makes_one_a_warning(seq: int, rssi: int, loud: bool) -> None:
    [alert] = listening().hear(deauth(1000.0, seq=seq, rssi=rssi), let_in(1000.01))
    assert (alert.severity is Severity.WARNING) is loud


@pytest.mark.parametrize("message", [1, 3])
def test_a_handshake_that_goes_on_contradicts_it_too(message: int) -> None:
    assert listening().hear(deauth(1000.0), key(message, 1, time=1000.1))
    assert not listening().hear(deauth(1000.0), key(message, 1, time=1000.3))


def test_stations_that_go_on_with_encrypted_data() -> None:
    def later(*frames: Frame) -> Hearing:
        hearing = listening()
        hearing.hear(secret(1, time=999.5), deauth(1000.0), *frames)
        hearing.hear(*[beacon(time=1002.5 + n, tsf=n) for n in range(4)])
        return hearing

    up, down = secret(5, time=1001.0), secret(5, up=False, time=1001.5)
    assert [alert.severity for alert in later(up, down).alerts] == [Severity.NOTICE]
    assert not later(up).alerts  # it has not heard that it is disconnected
    assert not later(down).alerts
    assert not later(secret(5, time=1000.2), secret(5, up=False, time=1000.4)).alerts  # what was queued
    assert not later(authentication(time=1000.6), up, down).alerts


def test_where_the_radio_was_away_a_station_may_have_joined_again() -> None:
    def hopping(*freqs: int) -> Hearing:
        hearing = listening()
        hearing.hear(secret(1, time=999.5), deauth(1000.0), tuned=2437)
        for n, freq in enumerate(freqs):
            hearing.hear(beacon(time=1000.2 + n / 10, tsf=n), tuned=freq)
        hearing.hear(secret(5, time=1001.0), secret(5, up=False, time=1001.5), tuned=2437)
        hearing.hear(*[beacon(time=1002.5 + n, tsf=n) for n in range(4)], tuned=2437)
        return hearing

    assert hopping(2437, 2437, 2437).alerts
    assert not hopping(2437, 2462, 2437).alerts


def test_a_later_answer_belongs_to_a_new_attempt() -> None:
    hearing = listening()
    hearing.hear(secret(1, time=999.5), deauth(1000.0), let_in(1000.4))
    hearing.hear(secret(5, time=1001.0), secret(5, up=False, time=1001.5))
    assert not hearing.hear(*[beacon(time=1002.5 + n, tsf=n) for n in range(4)])


def test_an_access_points_own_answer_shows_that_a_station_begins_anew() -> None:
    answer = frame(0x0B, STA, AP, AP, b"\0\0\2\0\0\0", time=1000.05)
    assert not listening().hear(deauth(1000.0), answer, let_in(1000.1), key(1, 1, time=1000.15))


@pytest.mark.spares("forged-deauth")
def test_a_real_one_is_followed_by_another_joining() -> None:
    hearing = listening()
    for n in range(9):
        at = 1000.0 + n
        hearing.hear(deauth(at), authentication(time=at + 0.1), let_in(at + 0.15), key(1, 1, time=at + 0.2))
        hearing.hear(deauth(at + 0.4), let_in(at + 0.41, status=1))
    assert not hearing.alerts


def test_for_everyone_in_keys_or_to_itself_it_is_another_matter() -> None:
    hearing = listening()
    hearing.hear(deauth(1000.0, station=b"\xff" * 6), deauth(1000.0, flags=0x40), deauth(1000.0, station=AP))
    assert not hearing.hear(let_in(1000.01))
    for group in (b"\xff" * 6, b"\x01\0\x5e\0\0\1", b"\x03" + STA[1:]):
        assert not hearing.hear(deauth(1001.0, station=group), let_in(1001.01, station=group))


def test_long_apart_they_do_not_add_up() -> None:
    hearing = listening()
    for n in range(4):
        at = 1000.0 + 130 * n
        hearing.hear(authentication(time=at - 1), deauth(at), let_in(at + 0.01))
    assert {alert.severity for alert in hearing.alerts} == {Severity.NOTICE}


def test_settings_and_bounds() -> None:
    hearing = listening(forged_deauth=ForgedDeauthSettings(count=1))
    [alert] = hearing.hear(deauth(1000.0), let_in(1000.01))
    assert alert.severity is Severity.WARNING
    for n in range(300):
        hearing.hear(deauth(1001.0, station=b"\x02" + n.to_bytes(5, "big")))
    [rule] = hearing.engine.detections
    assert isinstance(rule, ForgedDeauth)
    assert len(rule._waiting) <= _WAITING
    assert len(rule._tallies) <= _ACCESS_POINTS

from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import (
    OTHER_AP,
    PMKID,
    authentication,
    deauthentication,
    handshake,
    key,
    nonce,
    secret,
)
from tests.detections.protocol.test_proof import with_fcs
from tests.survey.air import AP, STA, beacon, frame

from whimbrel.detections.protocol.corrupt_handshake import _WAITING, CorruptHandshake, CorruptHandshakeSettings
from whimbrel.detections.protocol.keyed import _JOINS
from whimbrel.events.alerts import Alert, Severity
from whimbrel.wifi.frames import Frame

WRONG = b"\xdd\xff" + PMKID[2:]


def listening(*frames: Frame, **settings: Any) -> Hearing:
    hearing = Hearing(CorruptHandshake, **settings)
    hearing.hear(beacon(time=999.0), *(frames or handshake(1000.0)))
    return hearing


def later(hearing: Hearing, seconds: int = 5, *, start: float = 1005.1, freq: int = 2437) -> list[Alert]:
    return hearing.hear(*[beacon(time=start + n / 2, tsf=n) for n in range(2 * seconds)], tuned=freq)


@pytest.mark.raises_alert("corrupt-handshake")
def test_one_with_wrong_lengths_is_a_warning() -> None:
    hearing = listening()
    [alert] = hearing.hear(key(1, 5, data=WRONG, time=1005.0))
    # The capture holds no check sequence: it may have been damaged on the way.
    assert (alert.severity, alert.confidence, alert.receiver) == (Severity.WARNING, "medium", STA)
    assert (alert.sender, alert.ssid) == (AP, b"harbour")


def test_with_its_check_sequence_there_is_no_other_explanation() -> None:
    [alert] = listening().hear(with_fcs(key(1, 5, data=WRONG, time=1005.0)))
    assert (alert.severity, alert.confidence) == (Severity.WARNING, "high")


def test_a_forged_disconnection_that_the_station_ignores_hides_nothing() -> None:
    hearing = listening()
    hearing.hear(frame(0x0C, STA, AP, AP, b"\7\0", time=1003.0), secret(8, time=1003.2))
    assert not hearing.hear(key(1, 5, data=WRONG, time=1003.3)), "the queue of the access point proves nothing"
    assert hearing.hear(secret(9, time=1004.0), key(1, 6, data=WRONG, time=1005.0))


def test_a_station_that_leaves_right_after_it() -> None:
    hearing = listening()
    assert not hearing.hear(key(1, 5, time=1005.0))
    protected = frame(0x0C, AP, STA, AP, bytes(26), flags=0x40, time=1005.01)
    [alert] = hearing.hear(protected)
    assert (alert.severity, alert.confidence) == (Severity.WARNING, "high")
    hearing = listening()
    [alert] = hearing.hear(key(1, 5, time=1005.0), deauthentication(AP, STA, time=1006.9))
    assert alert.confidence == "medium"
    hearing = listening()
    [alert] = hearing.hear(key(1, 5, time=1005.0), deauthentication(AP, STA, time=1007.1))
    assert alert.severity is Severity.NOTICE


def test_one_that_nobody_answers_is_a_notice() -> None:
    hearing = listening()
    hearing.hear(key(1, 5, time=1005.0))
    [alert] = later(hearing)
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")


def first(number: int, at: float, **more: Any) -> Frame:
    """Return a message 1 with the nonce of that number."""
    return key(1, 20 + number, nonce(100 + number), time=at, **more)


def test_the_third_with_another_nonce_that_nobody_answers_is_a_warning() -> None:
    hearing = listening()
    assert not hearing.hear(first(1, 1005.0), first(2, 1005.3))
    [alert] = hearing.hear(first(3, 1005.6))
    assert (alert.severity, alert.confidence, alert.count, alert.frames) == (Severity.WARNING, "medium", 3, 3)
    slow = listening()
    slow.hear(*(each for n in range(3) for each in (first(n, 1005.0 + n * 50), secret(n, time=1006 + n * 50))))
    assert slow.events[-1].severity is Severity.WARNING


def test_the_same_nonce_again_is_a_repetition_and_an_answer_begins_anew() -> None:
    repeated = listening()
    repeated.hear(*(first(1, 1005.0 + n) for n in range(8)))
    answered = listening()
    for n in range(12):
        answered.hear(first(n, 1005.0 + n), *([key(2, 20 + n, time=1005.02 + n)] if n % 2 else []))
    proven = listening()
    for n in range(6):
        at = 1005.0 + 10 * n
        proven.hear(first(n, at), key(3, 30 + n, nonce(100 + n), time=at + 0.02))
    for hearing in (repeated, answered, proven):
        assert all(alert.severity is Severity.NOTICE for alert in hearing.alerts)


@pytest.mark.parametrize("info", [0x00CA, 0x00CB])
def test_one_that_asks_to_install_a_key_is_a_warning(info: int) -> None:
    """So does the Bad Msg attack of ESP32 Marauder."""
    [alert] = listening().hear(first(1, 1005.0, info=info))
    assert (alert.severity, alert.receiver) == (Severity.WARNING, STA)
    assert "install" in alert.text


@pytest.mark.spares("corrupt-handshake")
def test_a_renewal_in_clear_that_is_answered_is_in_order() -> None:
    hearing = listening()
    hearing.hear(*handshake(1005.0, replay=5, anonce=7))
    assert not later(hearing)


def test_encrypted_data_show_keys_too() -> None:
    hearing = listening(secret(7, time=1000.0))
    assert hearing.hear(key(1, 5, data=WRONG, time=1005.0))
    assert not listening(secret(7, time=1000.0)).hear(key(1, 5, data=WRONG, time=1061.0))


def test_a_station_without_keys_is_none() -> None:
    response = frame(0x01, STA, AP, AP, b"\0\0\0\0\1\xc0", time=1004.0)
    request = frame(0x00, AP, STA, AP, bytes(4), time=1004.0)
    for between in (response, request, authentication(time=1004.0), deauthentication(AP, STA, time=1004.0)):
        hearing = listening()
        assert not hearing.hear(between, key(1, 5, data=WRONG, time=1005.0))
    assert not listening(beacon(time=999.5)).hear(key(1, 5, data=WRONG, time=1005.0))
    assert not listening().hear(key(1, 5, data=WRONG, time=1000.9))  # the handshake has just ended
    hearing = listening()
    hearing.hear(beacon(bssid=OTHER_AP, time=1004.0))
    assert not hearing.hear(key(1, 5, data=WRONG, bssid=OTHER_AP, time=1005.0))


def test_sent_again_it_is_none() -> None:
    assert not listening().hear(key(1, 5, data=WRONG, flags=0x08, time=1005.0))


def test_damaged_it_is_none() -> None:
    for wrong in (0, 1):
        hearing = listening()
        hearing.hear(with_fcs(key(1, 5, time=1005.0), wrong=wrong))
        assert bool(later(hearing)) is not bool(wrong)


def test_where_the_radio_was_away_an_answer_may_have_been_missed() -> None:
    hearing = listening()
    hearing.hear(key(1, 5, time=1005.0), tuned=2437)
    assert not later(hearing, freq=2412)


def test_settings_change_the_wait() -> None:
    hearing = listening(corrupt_handshake=CorruptHandshakeSettings(wait=4.0))  # type: ignore[arg-type]
    assert hearing.hear(key(1, 5, time=1005.0), deauthentication(AP, STA, time=1008.0))


def test_what_is_kept_is_bounded() -> None:
    hearing = listening()
    for n in range(200):
        station = b"\x02" + n.to_bytes(5, "big")
        hearing.hear(authentication(station, time=1000.0), secret(1, ta=station, time=1000.2))
        hearing.hear(key(1, 5, station=station, time=1001.0))
    [detection] = hearing.engine.detections
    assert isinstance(detection, CorruptHandshake)
    assert len(detection._waiting) <= _WAITING
    assert len(detection._joins.began) <= _JOINS


def begun(at: float, *, after: float = 0.01, nonce_of: int = 9, rssi: int = -50, **more: Any) -> list[Frame]:
    """Return a handshake up to message 3, and message 1 of another one `after` that."""
    first, second, third, _ = handshake(at)
    return [first, second, third, key(1, 9, nonce(nonce_of), time=at + 0.02 + after, seq=9, rssi=rssi, **more)]


def test_message_1_between_3_and_4() -> None:
    hearing = listening(beacon(time=999.5))
    [alert] = hearing.hear(*begun(1000.0))
    assert (alert.severity, alert.confidence, alert.receiver) == (Severity.NOTICE, "low", STA)
    hearing.hear(*begun(1060.0))
    assert (hearing.events[-1].severity, hearing.events[-1].count) == (Severity.WARNING, 2)


def test_between_3_and_4_at_another_level_one_is_a_warning() -> None:
    [alert] = listening(beacon(time=999.5)).hear(*begun(1000.0, rssi=-38))
    assert alert.severity is Severity.WARNING
    assert "-38 dBm instead of -50 dBm" in alert.text
    [alert] = listening(beacon(time=999.5)).hear(*begun(1000.0, rssi=-39))
    assert alert.severity is Severity.NOTICE


def test_message_1_of_the_next_attempt_is_in_order() -> None:
    first, second, third, fourth = handshake(1000.0)
    again = key(1, 9, nonce(9), time=1000.2, seq=9)
    joins = authentication(time=1000.1)
    for frames in (
        (first, second, third, fourth, again),
        (first, second, third, joins, again),
        begun(1000.0, after=0.6),
        begun(1000.0, nonce_of=1),
        begun(1000.0, flags=0x08),
    ):
        assert not listening(beacon(time=999.5)).hear(*frames)

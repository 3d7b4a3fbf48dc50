from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import authentication, deauthentication, eapol, handshake
from tests.detections.protocol.test_proof import with_fcs
from tests.survey.air import AP, STA, beacon, frame

from whimbrel.detections.protocol.forged_eap import _PAIRS, ForgedEap, ForgedEapSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

SUCCESS, FAILURE = b"\3\7\0\4", b"\4\7\0\4"


def end(body: bytes = FAILURE, *, at: float = 1005.0, **more: Any) -> Frame:
    return eapol(body, up=False, kind=0, time=at, **more)


def logoff(*, at: float = 1005.0, **more: Any) -> Frame:
    return eapol(b"", up=True, kind=2, time=at, **more)


def listening(*, keyed: bool = True, **settings: Any) -> Hearing:
    hearing = Hearing(ForgedEap, **settings)
    hearing.hear(beacon(time=999.0), *(handshake(1000.0) if keyed else ()))
    return hearing


@pytest.mark.parametrize("make", [end, logoff, lambda at: end(SUCCESS, at=at)])
@pytest.mark.raises_alert("forged-eap")
def test_one_is_a_notice_and_three_are_a_warning(make: Any) -> None:
    hearing = listening()
    [alert] = hearing.hear(make(at=1005.0))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.NOTICE, "low", 1)
    hearing.hear(make(at=1006.0), make(at=1007.0))
    assert (hearing.events[-1].severity, hearing.events[-1].count) == (Severity.WARNING, 3)


def test_a_station_that_leaves_right_after_one() -> None:
    hearing = listening()
    hearing.hear(end(), frame(0x0C, AP, STA, AP, bytes(26), flags=0x40, time=1006.9))
    assert (hearing.events[-1].severity, hearing.events[-1].confidence) == (Severity.WARNING, "high")
    hearing = listening()
    hearing.hear(end(), frame(0x0C, AP, STA, AP, bytes(26), flags=0x40, time=1007.1))
    assert hearing.events[-1].severity is Severity.NOTICE


def test_after_a_long_time_its_leaving_is_forgotten() -> None:
    hearing = listening()
    hearing.hear(end(), frame(0x0C, AP, STA, AP, bytes(26), flags=0x40, time=1006.0))
    hearing.hear(frame(0x01, STA, AP, AP, b"\0\0\0\0\1\xc0", time=1007.0), *handshake(1007.1, replay=5))
    hearing.hear(end(at=1200.0))
    assert hearing.events[-1].severity is Severity.NOTICE
    assert "left" not in hearing.events[-1].text


def test_damaged_it_is_none() -> None:
    for wrong in (0, 1):
        hearing = listening()
        hearing.hear(with_fcs(end(), wrong=wrong), with_fcs(end(at=1006.0), wrong=wrong), end(at=1007.0))
        assert hearing.events[-1].severity is (Severity.NOTICE if wrong else Severity.WARNING)


@pytest.mark.spares("forged-eap")
def test_a_login_in_clear_has_its_end_in_clear() -> None:
    hearing = listening()
    identity = eapol(b"\1\1\0\5\1", up=False, kind=0, time=1004.0)
    assert not hearing.hear(identity, end(SUCCESS), end(FAILURE, at=1033.9))


def test_a_login_long_ago_has_ended() -> None:
    hearing = listening()
    assert hearing.hear(eapol(b"\1\1\0\5\1", up=False, kind=0, time=1004.0), end(at=1034.5))


def test_without_keys_or_sent_again_it_is_none() -> None:
    assert not listening(keyed=False).hear(end(), logoff())
    for between in (authentication(time=1004.0), deauthentication(AP, STA, time=1004.0)):
        assert not listening().hear(between, end(), logoff())
    assert not listening().hear(end(flags=0x08), logoff(flags=0x08))
    assert not listening().hear(eapol(FAILURE, up=True, kind=0, time=1005.0))


def test_settings_and_bounds() -> None:
    hearing = listening(forged_eap=ForgedEapSettings(packets=2))
    hearing.hear(end(), end(at=1006.0))
    assert hearing.events[-1].severity is Severity.WARNING
    for n in range(200):
        hearing.hear(eapol(b"\1\1\0\5\1", up=False, kind=0, station=b"\x02" + n.to_bytes(5, "big"), time=1007.0))
    [rule] = hearing.engine.detections
    assert isinstance(rule, ForgedEap)
    assert len(rule._pairs) <= _PAIRS

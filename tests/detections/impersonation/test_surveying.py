from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import OTHER_AP
from tests.survey.air import AP, STA, beacon, element, frame

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.impersonation.surveying import SurveyAbuse, asked_names
from whimbrel.events.alerts import Severity
from whimbrel.settings import Ssid
from whimbrel.wifi.frames import Frame


def asked_for(*names: bytes, kind: int = 5) -> bytes:
    """Return measurement requests, one for each name."""
    fixed = bytes((1, 0, kind)) + bytes((115, 6)) + bytes(4) + b"\1" + b"\xff" * 6
    return b"".join(element(38, fixed + element(0, name)) for name in names)


def request(n: int, *names: bytes, bssid: bytes = AP, **more: Any) -> Frame:
    body = b"\5\0\1\0\0" + asked_for(*names)
    return frame(0x0D, STA, bssid, bssid, body, time=1001.0 + n, seq=n, **more)


def listening(*guarded: bytes) -> Hearing:
    hearing = Hearing(SurveyAbuse, guarded=[GuardedNetwork(ssid=Ssid(name)) for name in guarded])
    hearing.hear(beacon(), beacon(bssid=OTHER_AP, name=b"harbour guests"))
    return hearing


@pytest.mark.raises_alert("survey-abuse")
def test_the_sixth_request_for_foreign_names() -> None:
    hearing = listening()
    assert not hearing.hear(*(request(n, b"town hall") for n in range(5)))
    [alert] = hearing.hear(request(5, b"bank"))
    assert (alert.severity, alert.bssid, alert.count) == (Severity.NOTICE, AP, 6)
    assert '"town hall", "bank"' in alert.text


def test_the_third_request_if_each_has_another_name() -> None:
    hearing = listening()
    assert not hearing.hear(request(0, b"bank"), request(1, b"town hall"), request(2, b"bank", b"town hall"))
    [alert] = hearing.hear(request(3, b"library"))
    assert (alert.severity, alert.count) == (Severity.NOTICE, 4)
    assert not listening().hear(request(0, b"bank", b"town hall", b"library"))


def test_for_a_guarded_network_it_is_a_warning() -> None:
    hearing = listening(b"home")
    [alert] = hearing.hear(*(request(n, b"home") for n in range(6)))
    assert alert.severity is Severity.WARNING


@pytest.mark.spares("survey-abuse")
def test_an_access_point_that_asks_for_its_own_names() -> None:
    hearing = listening()
    hearing.hear(*(request(n, b"harbour", b"harbour guests", b"") for n in range(60)))
    assert hearing.alerts == []


def test_what_does_not_count() -> None:
    hearing = listening()
    for n in range(60):
        hearing.hear(
            request(n, b"bank", flags=0x08),
            request(n, b"bank", flags=0x40),
            request(n, b"bank", bssid=b"\2\2\2\2\2\2"),
            frame(0x0D, STA, AP, AP, b"\5\1\1" + asked_for(b"bank"), time=1001.0 + n),
            frame(0x0D, STA, AP, AP, b"\5\0\1\0\0" + asked_for(b"bank", kind=3), time=1001.0 + n),
        )
    assert hearing.alerts == []
    for n in range(100, 1600, 10):
        hearing.hear(beacon(time=1001.0 + n), *([request(n, b"bank")] if n % 100 == 0 else []))
    assert hearing.alerts == [], "one in 100 s"


def test_names_are_found() -> None:
    raw = b"xx" + asked_for(b"one", b"two")
    assert list(asked_names(raw, 2, len(raw))) == [b"one", b"two"]
    assert list(asked_names(raw, 2, len(raw) - 1)) == [b"one"]


@given(strategies.binary(max_size=80), strategies.integers(0, 20), strategies.integers(0, 90))
def test_any_octets(raw: bytes, at: int, end: int) -> None:
    for name in asked_names(asked_for(b"a") + raw, at, end):
        assert name

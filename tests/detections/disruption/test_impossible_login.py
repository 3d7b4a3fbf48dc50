from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import secret
from tests.survey.air import AP, RSN, SAE, STA, beacon, frame

from whimbrel.detections.disruption.impossible_login import ImpossibleLogin
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

FT = bytes.fromhex("30140100000fac040100000fac040100000fac040000")


def login(at: float, algorithm: int = 9, number: int = 1, status: int = 0, **more: Any) -> Frame:
    body = b"".join(each.to_bytes(2, "little") for each in (algorithm, number, status))
    return frame(0x0B, AP, STA, AP, body, time=1000.0 + at, seq=int(at) + 7, **more)


def listening(security: bytes = RSN, *, works: bool = True) -> Hearing:
    hearing = Hearing(ImpossibleLogin)
    hearing.hear(beacon(time=999.0, security=security), *([secret(1, time=999.5)] if works else []))
    return hearing


@pytest.mark.raises_alert("impossible-login")
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ((9, 1, 0), "the algorithm 9 does not exist"),
        ((0, 1, 1), "a first message with the status 1"),
        ((1, 1, 0), "a shared key"),
        ((2, 1, 0), "fast roaming"),
        ((3, 1, 0), "WPA3"),
    ],
)
def test_three_of_a_station_at_work(fields: tuple[int, int, int], why: str) -> None:
    hearing = listening()
    assert not hearing.hear(login(1, *fields), login(2, *fields))
    [alert] = hearing.hear(login(3, *fields))
    assert (alert.severity, alert.receiver, alert.count) == (Severity.WARNING, STA, 3)
    assert why in alert.text


def test_of_a_station_that_is_not_in_the_network_it_is_a_notice() -> None:
    [alert] = listening(works=False).hear(*(login(n) for n in range(3)))
    assert alert.severity is Severity.NOTICE


@pytest.mark.spares("impossible-login")
def test_logins_as_the_network_wants_them() -> None:
    for security, algorithm in ((RSN, 0), (SAE, 3), (SAE, 0), (FT, 2), (b"", 1)):
        hearing = listening(security)
        hearing.hear(*(login(n, algorithm) for n in range(20)))
        hearing.hear(login(21, 3, 1, 126)) if security == SAE else None
        assert hearing.alerts == []


def test_what_does_not_count() -> None:
    hearing = listening()
    for n in range(20):
        hearing.hear(login(n, flags=0x08), frame(0x0B, STA, AP, AP, b"\2\0\2\0\x0d\0", time=1000.0 + n))
    for n in range(21, 200, 40):
        hearing.hear(login(n), *(beacon(time=1000.0 + n + m) for m in range(1, 40)))
    assert hearing.alerts == []

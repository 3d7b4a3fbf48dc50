from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, STA, beacon, frame

from whimbrel.detections.impersonation.own_address import _ACCESS_POINTS, OwnAddress, OwnAddressSettings
from whimbrel.wifi.frames import Frame


def own(number: int, *, kind: int = 0x0C, address: bytes = AP, pause: float = 1.0, **more: Any) -> Frame:
    return frame(kind, address, address, address, b"\7\0", time=1000.0 + pause * number, seq=number, **more)


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(OwnAddress, **settings)
    hearing.hear(beacon(time=999.0))
    return hearing


@pytest.mark.parametrize("kind", [0x0C, 0x0A, 0x0B, 0x01])
@pytest.mark.raises_alert("own-address")
def test_three_are_enough_and_two_are_not(kind: int) -> None:
    hearing = listening()
    assert not hearing.hear(own(1, kind=kind), own(2, kind=kind))
    [alert] = hearing.hear(own(3, kind=kind))
    assert (alert.severity, alert.confidence, alert.count, alert.ssid) == ("warning", "high", 3, b"harbour")


@pytest.mark.spares("own-address")
def test_frames_to_others_or_sent_again_are_none() -> None:
    hearing = listening()
    for n in range(20):
        hearing.hear(frame(0x0C, STA, AP, AP, b"\7\0", time=1000.0 + n), frame(0x0C, AP, STA, AP, b"\7\0"))
        hearing.hear(own(n, flags=0x08), own(7), beacon(time=1000.0 + n))
    assert not hearing.alerts


def test_seldom_they_are_none() -> None:
    hearing = listening()
    for n in range(200):
        hearing.hear(beacon(time=1000.0 + 10 * n), *([own(n, pause=10.0)] if n % 4 == 0 else []))
    assert not hearing.alerts


def test_settings_and_bounds() -> None:
    hearing = listening(own_address=OwnAddressSettings(frames=2))
    assert hearing.hear(own(1), own(2))
    for n in range(200):
        hearing.hear(own(n, address=b"\x02" + n.to_bytes(5, "big")))
    [rule] = hearing.engine.detections
    assert isinstance(rule, OwnAddress)
    assert len(rule._bursts) <= _ACCESS_POINTS

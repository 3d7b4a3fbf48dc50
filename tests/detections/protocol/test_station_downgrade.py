from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RSN, SAE, STA, beacon, element, frame

from whimbrel.detections.protocol.station_downgrade import _STATIONS, StationDowngrade
from whimbrel.wifi.frames import Frame

BOTH = bytes.fromhex("30180100000fac040100000fac040200000fac02000fac088000")
"""WPA2 beside WPA3, PMF optional."""
PSK_WITH_PMF = RSN[:-2] + b"\x80\0"


def request(security: bytes, *, at: float = 1000.0, station: bytes = STA, cut: bool = False) -> Frame:
    body = b"\x11\0\x0a\0" + element(0, b"harbour") + security
    return frame(0x00, AP, station, AP, body, time=at, cut=cut)


def listening(security: bytes = BOTH, **more: Any) -> Hearing:
    hearing = Hearing(StationDowngrade)
    hearing.hear(beacon(time=999.0, security=security, **more))
    return hearing


@pytest.mark.raises_alert("station-downgrade")
def test_by_wpa2_after_wpa3() -> None:
    [alert] = listening().hear(request(SAE), request(PSK_WITH_PMF, at=1060.0))
    assert (alert.severity, alert.confidence, alert.sender, alert.ssid) == ("warning", "medium", STA, b"harbour")
    assert "by WPA2" in alert.text
    assert "PMF" not in alert.text


def test_without_pmf_after_pmf() -> None:
    [alert] = listening().hear(request(PSK_WITH_PMF), request(RSN, at=1060.0))
    assert "PMF" in alert.text


@pytest.mark.spares("station-downgrade")
def test_as_before_or_better_is_in_order() -> None:
    hearing = listening()
    assert not hearing.hear(request(RSN), request(RSN), request(PSK_WITH_PMF), request(SAE), request(SAE))
    assert not hearing.hear(request(RSN, station=b"\0\1\2\3\4\5"))


def test_where_the_access_point_offers_no_more_it_is_none() -> None:
    assert not listening(RSN).hear(request(SAE), request(RSN))
    assert not listening().hear(request(SAE), request(RSN, cut=True), request(b""))


def test_what_is_kept_is_bounded() -> None:
    hearing = listening()
    hearing.hear(*[request(SAE, station=b"\x02" + n.to_bytes(5, "big")) for n in range(600)])
    [rule] = hearing.engine.detections
    assert isinstance(rule, StationDowngrade)
    assert len(rule._best) <= _STATIONS

from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RATES, RSN, beacon, ds, element, tim

from whimbrel.detections.disruption.silencing import QuietAbuse
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame


def quiet(at: float, *, period: int = 0, length: int = 50, count: int = 1, offset: int = 0, **more: Any) -> Frame:
    said = bytes((count, period)) + length.to_bytes(2, "little") + offset.to_bytes(2, "little")
    elements = element(0, b"harbour") + RATES + ds(6) + tim() + element(40, said) + RSN
    return beacon(elements, time=1000.0 + at, **more)


@pytest.mark.raises_alert("quiet-abuse")
def test_an_imitator_orders_silence() -> None:
    hearing = Hearing(QuietAbuse)
    for n in range(3):
        hearing.hear(beacon(time=1000.0 + n, seq=2 * n), quiet(n + 0.5, length=0xFFFF, seq=900))
    [alert] = hearing.alerts
    assert (alert.severity, alert.bssid, alert.ssid) == (Severity.NOTICE, AP, b"harbour")
    assert hearing.engine.alerts.find(alert.id).severity is Severity.WARNING  # type: ignore[union-attr]
    assert "67.1 s at once" in alert.text


@pytest.mark.parametrize(
    ("period", "length", "raised"),
    [
        (1, 50, True),
        (1, 49, False),
        (2, 100, True),
        (10, 200, False),
        (0, 976, False),
        (0, 977, True),
        (255, 977, True),
    ],
)
def test_half_of_the_time_or_a_second(period: int, length: int, raised: bool) -> None:
    hearing = Hearing(QuietAbuse)
    hearing.hear(beacon(), quiet(0.1, period=period, length=length))
    assert bool(hearing.alerts) is raised


@pytest.mark.spares("quiet-abuse")
def test_a_measurement_of_the_channel_that_counts_down() -> None:
    hearing = Hearing(QuietAbuse)
    for n in range(500):
        hearing.hear(quiet(n * 0.1, period=30, length=60, count=30 - n % 30, seq=n))
    assert hearing.alerts == []


def test_an_element_of_another_length_says_nothing() -> None:
    hearing = Hearing(QuietAbuse)
    elements = element(0, b"harbour") + RATES + ds(6) + tim() + element(40, b"\1\0\xff\xff") + RSN
    hearing.hear(beacon(), beacon(elements, time=1000.1))
    assert hearing.alerts == []

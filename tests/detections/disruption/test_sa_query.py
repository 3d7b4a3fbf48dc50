from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, SAE, STA, beacon, frame

from whimbrel.detections.disruption.sa_query import _PAIRS, SaQuerySettings, SaQueryStorm
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame


def query(number: int, *, up: bool, size: int = 20, clear: bool = False, pause: float = 0.2, **more: Any) -> Frame:
    body = b"\x08\0\1\0" if clear else bytes(size)
    flags = more.pop("flags", 0) | (0 if clear else 0x40)
    station = more.pop("station", STA)
    ra, ta = (AP, station) if up else (station, AP)
    return frame(0x0D, ra, ta, AP, body, time=1000.0 + pause * number, seq=number, flags=flags, **more)


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(SaQueryStorm, **settings)
    hearing.hear(beacon(time=999.0, security=SAE))
    return hearing


@pytest.mark.parametrize("form", [{}, {"size": 28}, {"clear": True}])
@pytest.mark.raises_alert("sa-query-storm")
def test_twelve_questions_and_answers_are_a_warning(form: dict[str, Any]) -> None:
    hearing = listening()
    assert not hearing.hear(*[query(n, up=bool(n % 2), **form) for n in range(11)])
    [alert] = hearing.hear(query(11, up=True, **form))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.WARNING, "medium", 12)
    assert (alert.bssid, alert.receiver) == (AP, STA)


def test_questions_that_nobody_answers_are_a_notice() -> None:
    [alert] = listening().hear(*[query(n, up=False) for n in range(12)])
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")


@pytest.mark.spares("sa-query-storm")
def test_other_actions_and_a_few_questions_are_in_order() -> None:
    hearing = listening()
    for n in range(40):
        hearing.hear(query(n, up=True, size=25), query(n, up=False, flags=0x08))
        hearing.hear(frame(0x0D, STA, AP, AP, b"\x03\0\1\0", time=1000.0 + n / 5))
    assert not hearing.alerts


def test_slowly_they_are_none() -> None:
    assert not listening().hear(*[query(n, up=bool(n % 2), pause=1.0) for n in range(60)])


def test_settings_and_bounds() -> None:
    hearing = listening(sa_query_storm=SaQuerySettings(frames=4))
    assert hearing.hear(*[query(n, up=bool(n % 2)) for n in range(4)])
    hearing.hear(*[query(n, up=True, station=b"\x02" + n.to_bytes(5, "big")) for n in range(200)])
    [rule] = hearing.engine.detections
    assert isinstance(rule, SaQueryStorm)
    assert len(rule._pairs) <= _PAIRS

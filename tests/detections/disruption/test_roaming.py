from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.survey.air import AP, SAE, STA, beacon, element, frame

from whimbrel.detections.disruption.roaming import _PAIRS, ForcedRoam, ForcedRoamSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

OTHER_AP = bytes.fromhex("001122334466")
IMMINENT, CANDIDATES = 0x04, 0x01


def request(number: int = 0, *, mode: int = IMMINENT, to: bytes = b"", extra: bytes = b"", **more: Any) -> Frame:
    body = b"\x0a\x07\x01" + bytes((mode | (CANDIDATES if to else 0),)) + b"\x10\0\xff" + extra
    if to:
        body += element(52, to + bytes(7))
    more.setdefault("time", 1000.0 + number)
    return frame(0x0D, more.pop("ra", STA), AP, AP, body, seq=number, **more)


def listening(security: bytes | None = None, **settings: Any) -> Hearing:
    hearing = Hearing(ForcedRoam, **settings)
    hearing.hear(beacon(time=999.0) if security is None else beacon(time=999.0, security=security))
    return hearing


@pytest.mark.raises_alert("forced-roam")
def test_four_threats_in_a_minute_are_a_notice() -> None:
    hearing = listening()
    assert not hearing.hear(*[request(n) for n in range(3)])
    [alert] = hearing.hear(request(3))
    assert (alert.severity, alert.confidence, alert.count, alert.receiver) == (Severity.NOTICE, "low", 4, STA)


def test_where_pmf_is_required_one_in_clear_is_a_warning() -> None:
    [alert] = listening(SAE).hear(request())
    assert (alert.severity, alert.confidence) == (Severity.WARNING, "medium")
    assert not listening(SAE).hear(request(flags=0x40))


@pytest.mark.parametrize(
    ("other", "loud"),
    [
        ({"name": b"elsewhere"}, True),
        ({"security": b""}, True),
        ({}, False),
    ],
)
def test_the_network_that_it_is_sent_to(other: dict[str, Any], loud: bool) -> None:
    hearing = listening()
    hearing.hear(beacon(bssid=OTHER_AP, time=999.5, **other))
    assert bool(hearing.hear(request(to=OTHER_AP))) is loud
    assert bool(hearing.hear(request(1, mode=IMMINENT | 0x18, to=OTHER_AP, extra=bytes(12) + b"\2ab"))) is False
    assert [alert.severity for alert in hearing.alerts] == [Severity.WARNING] * loud


@pytest.mark.spares("forced-roam")
def test_proposals_and_repetitions_are_in_order() -> None:
    hearing = listening()
    hearing.hear(beacon(bssid=OTHER_AP, time=999.5))
    for n in range(20):
        hearing.hear(request(n, mode=0, to=OTHER_AP), request(n, flags=0x08), request(n, ra=OTHER_AP[:5] + bytes((n,))))
    assert not hearing.alerts


def test_seldom_they_are_none() -> None:
    hearing = listening()
    for n in range(200):
        hearing.hear(beacon(time=1000.0 + 5 * n), *([request(time=1000.0 + 5 * n)] if n % 5 == 0 else []))
    assert not hearing.alerts


def test_settings_and_bounds() -> None:
    hearing = listening(forced_roam=ForcedRoamSettings(requests=2))
    assert hearing.hear(request(), request(1))
    hearing.hear(*[request(ra=b"\x02" + n.to_bytes(5, "big")) for n in range(200)])
    [rule] = hearing.engine.detections
    assert isinstance(rule, ForcedRoam)
    assert len(rule._bursts) <= _PAIRS


@given(st.binary(max_size=60))
def test_no_body_raises(body: bytes) -> None:
    listening().hear(frame(0x0D, STA, AP, AP, b"\x0a\x07" + body, time=1000.0))

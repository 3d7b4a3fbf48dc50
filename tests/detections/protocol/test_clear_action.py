from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import authentication, handshake
from tests.survey.air import AP, RSN, SAE, STA, beacon, frame

from whimbrel.detections.protocol.clear_action import _PAIRS, ClearAction, ClearActionSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame


def action(number: int, category: int = 10, *, up: bool = False, pause: float = 1.0, **more: Any) -> Frame:
    ra, ta = (AP, STA) if up else (STA, AP)
    return frame(0x0D, ra, ta, AP, bytes((category, 7, 1, 0)), time=1005.0 + pause * number, seq=number, **more)


def listening(security: bytes = SAE, *, keyed: bool = True, **settings: Any) -> Hearing:
    hearing = Hearing(ClearAction, **settings)
    hearing.hear(beacon(time=999.0, security=security), *(handshake(1000.0) if keyed else ()))
    return hearing


@pytest.mark.parametrize("category", [0, 1, 5, 8, 10, 19])
@pytest.mark.parametrize("up", [True, False])
@pytest.mark.raises_alert("clear-action")
def test_three_are_a_warning_and_two_are_none(category: int, up: bool) -> None:
    hearing = listening()
    assert not hearing.hear(action(1, category, up=up), action(2, category, up=up))
    [alert] = hearing.hear(action(3, category, up=up))
    assert (alert.severity, alert.confidence, alert.count, alert.receiver) == (Severity.WARNING, "medium", 3, STA)


def test_block_acknowledgements_alone_are_a_notice() -> None:
    [alert] = listening().hear(*[action(n, 3) for n in range(3)])
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")


def test_another_category_long_before_does_not_count() -> None:
    hearing = listening()
    hearing.hear(action(1, 10), *[beacon(time=1010.0 + 10 * n, security=SAE) for n in range(30)])
    [alert] = hearing.hear(*[action(n, 3) for n in (300, 301, 302)])
    assert alert.severity is Severity.NOTICE


@pytest.mark.parametrize("category", [4, 7, 11, 15, 21, 30, 127])
@pytest.mark.spares("clear-action")
def test_categories_that_are_never_encrypted_are_in_order(category: int) -> None:
    assert not listening().hear(*[action(n, category) for n in range(9)])


def test_without_pmf_without_keys_encrypted_or_sent_again_they_are_in_order() -> None:
    assert not listening(RSN).hear(*[action(n) for n in range(9)])
    assert not listening(keyed=False).hear(*[action(n) for n in range(9)])
    assert not listening().hear(authentication(time=1003.0), *[action(n) for n in range(9)])
    assert not listening().hear(*[action(n, flags=flags) for n in range(9) for flags in (0x40, 0x08)])


def test_slowly_they_are_none() -> None:
    hearing = listening()
    for n in range(120):
        hearing.hear(beacon(time=1005.0 + 10 * n, security=SAE), *([action(n, pause=10.0)] if n % 4 == 0 else []))
    assert not hearing.alerts


def test_settings_and_bounds() -> None:
    hearing = listening(clear_action=ClearActionSettings(frames=1))
    assert hearing.hear(action(1))
    for n in range(100):
        station = b"\x02" + n.to_bytes(5, "big")
        hearing.hear(*handshake(1010.0, station=station), frame(0x0D, station, AP, AP, b"\x0a\x07\1\0", time=1012.0))
    [rule] = hearing.engine.detections
    assert isinstance(rule, ClearAction)
    assert len(rule._pairs) <= _PAIRS

from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import OTHER_AP, authentication, deauthentication, handshake, secret
from tests.survey.air import AP, STA, beacon

from whimbrel.detections.protocol.keyed import _JOINS, Joins
from whimbrel.wifi.frames import Frame


def has_keys(*frames: Frame, at: float, bssid: bytes = AP) -> bool:
    hearing = Hearing()
    joins, air = Joins(), hearing.engine.air
    for frame in (beacon(time=999.0), *frames):
        hearing.hear(frame)
        air.now = frame.time
        if frame.kind == 0x0B:
            joins.hear(frame, air)
    later = beacon(time=at)
    hearing.hear(later)
    air.now = at
    return joins.has_keys(later, air, bssid, STA)


def both(time: float) -> list[Frame]:
    """Return encrypted data each way."""
    return [secret(7, time=time), secret(7, up=False, time=time)]


@pytest.mark.parametrize(
    ("frames", "at", "keyed"),
    [
        (handshake(1000.0), 1000.9, False),
        (handshake(1000.0), 1001.1, True),
        ([secret(1, time=1000.0)], 1000.1, True),
        ([secret(1, up=False, time=1000.0)], 1059.0, True),
        ([secret(1, time=1000.0)], 1061.0, False),
        ([*handshake(1000.0), authentication(time=1002.0)], 1003.0, False),
        ([authentication(time=998.0), *handshake(1000.0)], 1003.0, True),
        ([*handshake(1000.0), authentication(time=1002.0), *both(1002.4)], 1003.0, False),
        ([*handshake(1000.0), authentication(time=1002.0), *both(1002.6)], 1003.0, True),
        ([*handshake(1000.0), authentication(time=1002.0), both(1002.6)[0]], 1003.0, False),
        ([*handshake(1000.0), authentication(time=1002.0), both(1002.6)[1]], 1003.0, False),
        ([*handshake(1000.0), deauthentication(AP, STA, time=1002.0)], 1003.0, False),
        ([], 1003.0, False),
    ],
)
def test_who_has_keys(frames: list[Frame], at: float, keyed: bool) -> None:
    assert has_keys(*frames, at=at) is keyed
    assert not has_keys(*frames, at=at, bssid=OTHER_AP)


def test_what_is_kept_is_bounded() -> None:
    joins, air = Joins(), Hearing().engine.air
    for n in range(200):
        joins.hear(authentication(b"\x02" + n.to_bytes(5, "big")), air)
    assert len(joins.began) <= _JOINS

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from tests.detections.disruption.kicking import OTHER, deauth, hearing
from tests.survey.air import RAW, STA, beacon, key, to_ap

from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse


def failing_login(at: float, *, sta: bytes = STA, code: int = 15, ends: bool = True) -> list[Frame]:
    """Return four times message 1 and 2, and the access point's giving up after 4 s."""
    tries = [
        with_station(each, sta)
        for n in range(4)
        for each in (key(1, n, time=at + n, seq=n), key(2, n, time=at + n + 0.01, seq=n))
    ]
    return tries + ([deauth(at + 4, ra=sta, code=code)] if ends else [])


def with_station(made: Frame, sta: bytes) -> Frame:
    """Return a frame between `AP` and `STA` as one of another station."""
    again = parse(RAW, (made.time, made.raw.replace(STA, sta), len(made.raw)))
    again.freq, again.rssi = made.freq, made.rssi
    return again


def bulbs(count: int, times: int, **more: Any) -> list[Frame]:
    """Return the failing logins of `count` devices, each of which tries again every 5 s."""
    logins = [
        failing_login(1000.5 + 5.0 * n + 0.7 * bulb, sta=OTHER[:5] + bytes((bulb,)), **more)
        for n in range(times)
        for bulb in range(count)
    ]
    return sorted(itertools.chain(*logins), key=lambda each: each.time)


@pytest.mark.spares("deauth-flood")
@pytest.mark.parametrize("code", [2, 15])
@pytest.mark.parametrize("count", [1, 4, 12])
def test_devices_with_an_old_password_are_none(count: int, code: int) -> None:
    assert hearing().hear(*bulbs(count, 24, code=code)) == []


@pytest.mark.spares("deauth-flood")
def test_nor_are_they_where_a_third_of_the_frames_is_lost_or_the_radio_hops() -> None:
    frames = bulbs(8, 60)
    chance = random.Random(3)
    assert hearing().hear(*(each for each in frames if chance.random() > 0.3)) == []
    hopping = hearing()
    for each in frames:
        if each.time % 3.3 < 0.3:
            hopping.hear(each)
        elif each.time % 3.3 < 0.4:
            hopping.hear(beacon(bssid=OTHER, channel=11, freq=2462, time=each.time))
    assert hopping.alerts == []


@pytest.mark.raises_alert("deauth-flood")
def test_failed_logins_explain_no_flood() -> None:
    """With another reason, with more disconnections than messages, or of a station that has its keys."""
    other = hearing()
    other.hear(*bulbs(4, 24, code=3))
    more = hearing()
    more.hear(*failing_login(1000.5, ends=False), *(deauth(1005 + n / 10, code=15) for n in range(15)))
    whole = hearing()
    working = hearing()
    for n in range(30):
        at = 1001.0 + n
        whole.hear(*(key(k, n * 2 + k // 3, time=at + k / 100) for k in (1, 2, 3, 4)), deauth(at + 0.5, code=15))
        working.hear(key(1, n, time=at), key(2, n, time=at + 0.01), to_ap(time=at + 0.1), deauth(at + 0.5, code=15))
    assert other.rules == more.rules == whole.rules == working.rules == ["deauth-flood"]

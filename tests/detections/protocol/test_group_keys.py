from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import secret
from tests.survey.air import ALL, AP, beacon

from whimbrel.detections.protocol.group_keys import GroupKeyAbuse
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame


def to_all(number: int, at: float, *, seq: int, key: int = 1, **more: Any) -> Frame:
    made = secret(number, up=False, ra=ALL, time=1000.0 + at, seq=seq, **more)
    raw = bytearray(made.raw)
    raw[made.body + 3] = 0x20 | key << 6
    made.raw = bytes(raw)
    return made


def listening() -> Hearing:
    hearing = Hearing(GroupKeyAbuse)
    hearing.hear(beacon(time=999.0))
    return hearing


def two_lines(pairs: int, *, foreign: int = 90_000, seq: int = 2000, rssi: int = -70) -> Iterator[Frame]:
    """Yield the access point's group frames, and those of another sender among them."""
    for n in range(pairs):
        yield to_all(100 + n, n * 0.5, seq=n + 1)
        yield to_all(foreign + n, n * 0.5 + 0.1, seq=seq + n, rssi=rssi)


@pytest.mark.raises_alert("group-key-abuse")
def test_two_senders_with_one_group_key() -> None:
    hearing = listening()
    frames = list(two_lines(5))
    assert hearing.hear(*frames[:4]) == [], "two changes"
    [alert] = hearing.hear(frames[4])
    assert (alert.severity, alert.bssid, alert.count) == (Severity.WARNING, AP, 3)
    assert "sequence numbers" in alert.text
    assert "levels -70 and -50" in alert.text


@pytest.mark.spares("group-key-abuse")
def test_a_busy_access_point_that_changes_its_key() -> None:
    hearing = listening()
    number, seq = 5, 0
    for n in range(3000):
        # Queues that overtake each other, bursts, gaps of a radio that is elsewhere, and a new key now and then.
        number += (1, 1, 2, -1, 30, 1)[n % 6]
        seq = seq + 1 & 0xFFF
        gap = 5.0 * (n // 500)
        if n % 700 == 699:
            number = 1
        hearing.hear(to_all(number, n * 0.1 + gap, seq=seq, key=1 + n // 700 % 2))
    assert hearing.alerts == []


def test_a_key_for_each_vlan_is_a_notice() -> None:
    hearing = listening()
    for n in range(20):
        hearing.hear(to_all(100 + n, n * 0.5, seq=2 * n), to_all(90_000 + n, n * 0.5 + 0.1, seq=2 * n + 1))
    [alert] = hearing.alerts
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")


def test_one_packet_number_twice() -> None:
    hearing = listening()
    for n in range(2):
        hearing.hear(to_all(100 + n, n * 0.5, seq=n), to_all(100 + n, n * 0.5 + 0.1, seq=3000 + n))
    assert hearing.alerts == []
    assert hearing.hear(to_all(102, 1.0, seq=2), to_all(102, 1.1, seq=3002))


def test_what_does_not_count() -> None:
    hearing = listening()
    for n in range(50):
        number, at = 100 + n, n * 0.5
        hearing.hear(to_all(number, at, seq=n), to_all(number, at, seq=n), to_all(7, at + 0.1, seq=9, flags=0x08))
        hearing.hear(secret(5, up=False, time=1000.2 + at, seq=n))  # to one station: another key
    assert hearing.alerts == []


def test_keys_with_other_numbers_are_others() -> None:
    hearing = listening()
    for n in range(50):
        hearing.hear(to_all(100 + n, n * 0.5, seq=n), to_all(90_000 + n, n * 0.5 + 0.1, seq=2000 + n, key=2))
    assert hearing.alerts == []

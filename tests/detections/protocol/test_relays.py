from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import key, nonce
from tests.survey.air import beacon

from whimbrel.detections.protocol.key_reinstallation import KeyReinstallation
from whimbrel.detections.protocol.relays import _KEPT, _WAITING
from whimbrel.wifi.frames import Frame

HOME, AWAY = 2437, 2412
"""MHz: the access point's channel 6, and the copy's."""


def message(at: float, freq: int, *, number: int = 1, counter: int = 1, seq: int = 1, **more: Any) -> Frame:
    return key(number, counter, more.pop("nonce", nonce(5)), time=1000.0 + at, seq=seq, freq=freq, **more)


def announced(at: float, channel: int = 6, freq: int = HOME, **more: Any) -> Frame:
    return beacon(time=1000.0 + at, channel=channel, freq=freq, **more)


def relayed(*frames: Frame) -> bool:
    """Return whether a relay is found in the frames, while the access point was heard on channel 6 before."""
    hearing = Hearing(KeyReinstallation)
    hearing.hear(announced(-0.2), announced(-0.1), *frames)
    assert {alert.severity.value for alert in hearing.alerts} <= {"critical"}
    return bool(hearing.alerts)


AFTER = (announced(0.6), announced(2.0))


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("counter", [1, 2, 5])
def test_a_message_on_a_second_channel_while_the_access_point_stays(number: int, counter: int) -> None:
    assert relayed(message(0, HOME, number=number), message(0.5, AWAY, number=number, counter=counter), *AFTER)
    assert relayed(message(0, AWAY, number=number), message(0.5, HOME, number=number, counter=counter), *AFTER)


def test_a_change_of_channel_in_the_midst_of_a_handshake_is_none() -> None:
    moved = announced(0.7, channel=1, freq=AWAY), announced(2.0, channel=1, freq=AWAY)
    assert not relayed(message(0, HOME), message(0.5, AWAY, counter=2, seq=2), *moved)
    unheard = beacon(time=1002.0, bssid=b"\2\2\2\2\2\2")
    assert not relayed(message(0, HOME), message(0.5, AWAY, counter=2, seq=2), unheard)
    back = announced(0.0, channel=1, freq=AWAY), message(0.1, AWAY), announced(0.3), message(0.4, HOME, seq=2)
    assert not relayed(*back, *AFTER)


def test_one_transmission_that_two_radios_hear_and_a_strong_sender_beside_its_channel_are_none() -> None:
    assert not relayed(message(0, HOME), message(0.002, AWAY), *AFTER)
    assert relayed(message(0, HOME), message(0.002, AWAY, seq=2), *AFTER)
    assert not relayed(message(0, HOME, rssi=-20), message(0.5, AWAY, seq=2, rssi=-50), *AFTER)
    assert relayed(message(0, HOME, rssi=-20), message(0.5, AWAY, seq=2, rssi=-49), *AFTER)
    assert not relayed(message(0, HOME), message(0.5, HOME - 20, seq=2), *AFTER)


def test_in_another_band_nothing_leaks() -> None:
    assert relayed(message(0, HOME, rssi=-20), message(0.5, 5180, seq=2, rssi=-60), *AFTER)
    assert relayed(message(0, HOME), message(0.5, 5180, seq=2, rssi=None), *AFTER)
    assert not relayed(message(0, HOME), message(0.5, AWAY, seq=2, rssi=None), *AFTER)


def test_other_messages_are_none() -> None:
    first = message(0, HOME, counter=3)
    assert not relayed(first, message(0.5, AWAY, counter=2), *AFTER), "an older one"
    assert not relayed(first, message(0.5, AWAY, counter=8), *AFTER), "too much newer"
    assert not relayed(first, message(0.5, AWAY, counter=3, nonce=nonce(6)), *AFTER)
    assert not relayed(first, message(3.1, AWAY, counter=3), announced(3.2), announced(5.0))
    assert not relayed(first, message(0.5, AWAY, counter=3, number=3), *AFTER)
    assert not relayed(*(message(at, freq, nonce=bytes(32)) for at, freq in ((0, HOME), (0.5, AWAY))), *AFTER)


def test_an_access_point_on_a_third_channel_or_heard_too_late_proves_nothing() -> None:
    assert not relayed(message(0, 2462), message(0.5, AWAY), *AFTER)
    late = announced(5.6), announced(7.0)
    assert not relayed(message(0, HOME), message(0.5, AWAY), *late)


def test_what_is_kept_is_bounded() -> None:
    hearing = Hearing(KeyReinstallation)
    hearing.hear(announced(-0.1))
    for n in range(300):
        for freq in (HOME, AWAY):
            hearing.hear(message(n / 1000, freq, station=b"\x02" + n.to_bytes(5, "big"), seq=freq))
    [rule] = hearing.engine.detections
    assert isinstance(rule, KeyReinstallation)
    assert len(rule._relays._heard) <= _KEPT
    assert len(rule._relays.waiting) <= _WAITING

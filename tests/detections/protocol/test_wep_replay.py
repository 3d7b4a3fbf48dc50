from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import ALL, ROUTER, STA, beacon, from_ap, to_ap

from whimbrel.detections.protocol.wep_replay import _PACKETS, _SENDERS, WepReplay, WepReplaySettings
from whimbrel.wifi.frames import Frame


def wep(number: int, size: int = 62) -> bytes:
    """Return an encrypted packet with the initialisation vector `number`."""
    return number.to_bytes(3, "big") + b"\0" + bytes(size - 4)


def relayed(count: int, *, size: int = 62, pause: float = 0.01, **more: Any) -> list[Frame]:
    more.setdefault("ra", ALL)
    return [from_ap(wep(n, size), time=1000.0 + pause * n, seq=n & 0xFFF, **more) for n in range(count)]


def repeated(count: int, *, flags: int = 0x41, pause: float = 0.1) -> list[Frame]:
    return [to_ap(wep(7), time=1000.0 + pause * n, seq=n & 0xFFF, flags=flags) for n in range(count)]


def listening(**settings: Any) -> Hearing:
    hearing = Hearing(WepReplay, **settings)
    hearing.hear(beacon(time=997.0, security=b"", capability=0x11), to_ap(wep(1), time=998.0), beacon(time=999.5))
    return hearing


@pytest.mark.raises_alert("wep-replay")
def test_packets_as_long_as_arp_that_an_access_point_relays() -> None:
    hearing = listening()
    frames = relayed(600)
    assert not hearing.hear(*frames[:599])
    [alert] = hearing.hear(frames[599])
    assert (alert.rule, alert.severity, alert.count, alert.sender) == ("wep-replay", "warning", 600, ROUTER)


def test_one_packet_that_a_station_repeats() -> None:
    hearing = listening()
    frames = repeated(50)
    assert not hearing.hear(*frames[:49])
    [alert] = hearing.hear(frames[49])
    assert (alert.confidence, alert.sender) == ("high", STA)


def test_one_packet_whose_end_is_guessed() -> None:
    hearing = listening()
    frames = [to_ap(wep(7, 90 - n // 30) + bytes([n]), time=1000.0 + n / 10, seq=n) for n in range(60)]
    [alert] = hearing.hear(*frames)
    assert (alert.rule, alert.sender) == ("wep-replay", STA)


@pytest.mark.spares("wep-replay")
def test_a_search_for_addresses_and_a_film_for_many_are_fine() -> None:
    hearing = listening()
    assert not hearing.hear(*relayed(510))  # 255 addresses, asked for twice
    assert not listening().hear(*relayed(3000, size=1300))
    assert not listening().hear(*repeated(300, flags=0x49))
    assert not listening().hear(*[to_ap(wep(n), time=1000.0 + n / 50) for n in range(300)])
    assert not listening().hear(*relayed(2000, ra=STA))


def test_it_is_no_matter_of_wpa() -> None:
    hearing = listening()
    body = b"\1\0\0\x20" + bytes(58)
    assert not hearing.hear(*[from_ap(body, ra=ALL, time=1000.0 + n / 100, seq=n) for n in range(900)])


def test_slowly_it_is_none() -> None:
    assert not listening().hear(*relayed(2000, pause=0.02))
    assert not listening().hear(*repeated(300, pause=0.25))


def test_a_part_of_it_is_enough() -> None:
    lossy = [sent for n, sent in enumerate(relayed(1200, pause=0.005)) if n % 10 < 7]
    assert listening().hear(*lossy)


def test_encrypted_frames_are_asked_for_only_where_wep_is_around() -> None:
    hearing = Hearing(WepReplay)
    [rule] = hearing.engine.detections
    hearing.hear(*[to_ap(b"\1\0\0\x20" + bytes(58), time=1000.0 + n) for n in range(5)])
    assert rule.idle
    hearing.hear(to_ap(wep(1), time=1005.0))
    assert not rule.idle
    hearing.hear(*[beacon(time=1006.0 + n) for n in range(35)])
    assert rule.idle


def test_settings_and_bounds() -> None:
    hearing = listening(wep_replay=WepReplaySettings(relayed=50, repeated=5))
    assert hearing.hear(*relayed(50))
    assert hearing.hear(*repeated(5))
    for n in range(200):
        hearing.hear(
            to_ap(wep(n), time=1010.0), from_ap(wep(n), ra=ALL, sa=b"\x02" + n.to_bytes(5, "big"), time=1010.0)
        )
    [rule] = hearing.engine.detections
    assert isinstance(rule, WepReplay)
    assert len(rule._relayed) <= _SENDERS
    assert len(rule._repeated) <= _PACKETS

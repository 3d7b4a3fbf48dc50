"""Who is near at every place that one goes to."""

from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import RATES, STA, beacon, element, probe

from whimbrel.detections.disruption.beaconing import BeaconFlood
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.presence.followers import Follower
from whimbrel.settings import Ssid

COMPANION = b"\x00\x0a\x0b\x0c\x0d\x0e"


def ap(place: int, number: int) -> bytes:
    return b"\x00\x50\x00\x00" + bytes((place, number))


def stay(hearing: Hearing, place: int, at: float, minutes: int, *, with_: bytes | None = STA, aps: int = 6) -> float:
    """Stay at a place for a while, with someone near; return when that ends."""
    for step in range(minutes * 6):
        now = at + step * 10
        for number in range(aps):
            hearing.hear(beacon(bssid=ap(place, number), name=b"place %d" % number, time=now))
        if with_ is not None:
            hearing.hear(probe(ta=with_, time=now + 1))
    return at + minutes * 60


def walk(hearing: Hearing, places: int, **more: object) -> None:
    at = 1000.0
    for place in range(places):
        at = stay(hearing, place, at, 10, **more)  # type: ignore[arg-type]


@pytest.mark.raises_alert("follower")
def test_the_same_device_at_three_places() -> None:
    hearing = Hearing(Follower)
    walk(hearing, 2)
    assert hearing.alerts == []
    walk_on = stay(hearing, 2, 2200.0, 10)
    assert walk_on
    assert [(alert.receiver, alert.count, alert.severity) for alert in hearing.alerts] == [(STA, 3, "notice")]


@pytest.mark.spares("follower")
def test_staying_at_home_with_the_neighbours() -> None:
    hearing = Hearing(Follower)
    stay(hearing, 0, 1000.0, 120)
    assert hearing.alerts == []


def test_neighbours_that_come_and_go_do_not_make_another_place() -> None:
    hearing = Hearing(Follower)
    for minute in range(60):
        for step in range(6):
            now = 1000.0 + minute * 60 + step * 10
            for number in (0, 1, 2, 10 + minute, 80 + minute, 160 + minute):
                hearing.hear(beacon(bssid=ap(0, number), name=b"place %d" % number, time=now))
            hearing.hear(probe(time=now + 1))
    assert hearing.alerts == []


def test_going_back_and_forth_between_two_places() -> None:
    hearing = Hearing(Follower)
    at = 1000.0
    for turn in range(8):
        at = stay(hearing, turn % 2, at, 10)
    assert hearing.alerts == []


def test_other_people_at_each_place() -> None:
    hearing = Hearing(Follower)
    at = 1000.0
    for place in range(5):
        at = stay(hearing, place, at, 10, with_=STA[:5] + bytes((place,)))
    assert hearing.alerts == []


def test_who_is_trusted_may_come_along() -> None:
    hearing = Hearing(Follower, trusted=[STA])
    walk(hearing, 4)
    assert hearing.alerts == []


def test_a_hotspot_that_is_carried_along() -> None:
    def carry(hearing: Hearing) -> None:
        at = 1000.0
        for place in range(4):
            for step in range(60):
                for number in range(6):
                    hearing.hear(beacon(bssid=ap(place, number), name=b"place %d" % number, time=at + step * 10))
                hearing.hear(beacon(bssid=COMPANION, name=b"carried", time=at + step * 10))
            at += 600

    hearing = Hearing(Follower)
    carry(hearing)
    assert [alert.receiver for alert in hearing.alerts] == [COMPANION]
    hearing = Hearing(Follower, guarded=[GuardedNetwork(ssid=Ssid(b"carried"))])
    carry(hearing)
    assert hearing.alerts == []


def test_without_access_points_there_are_no_places() -> None:
    hearing = Hearing(Follower)
    walk(hearing, 5, aps=2)
    assert hearing.alerts == []


def flooded(hearing: Hearing, *, lasting: float, marked: bool, each_minute: int = 30, minutes: int = 28) -> None:
    """Stay where six access points and a station are, while others are made up all the time."""
    fakes: list[tuple[bytes, float]] = []
    for step in range(minutes * 6):
        now = 1000.0 + step * 10
        for number in range(6):
            hearing.hear(beacon(bssid=ap(0, number), name=b"place %d" % number, time=now, tsf=int(now * 1e6)))
        hearing.hear(probe(ta=STA, time=now + 1))
        for number in range(each_minute // 6):
            fake = (b"\x00\x50" if not marked else b"\x02\xfe") + (step * 64 + number).to_bytes(4, "big")
            fakes.append((fake, now))
        fakes = [(fake, since) for fake, since in fakes if now - since <= lasting]
        for fake, since in fakes:
            tsf = int((now - since) * 1e6) if marked else int.from_bytes(fake[2:], "big") * 10**8 + int(now * 1e6)
            hearing.hear(beacon(bssid=fake, name=fake[2:].hex().encode(), time=now + 2, tsf=tsf))


@pytest.mark.parametrize("lasting", [10.0, 50.0, 110.0, 300.0])
@pytest.mark.parametrize("marked", [True, False])
def test_access_points_that_are_made_up_do_not_make_places(lasting: float, marked: bool) -> None:
    hearing = Hearing(BeaconFlood, Follower)
    flooded(hearing, lasting=lasting, marked=marked)
    assert "follower" not in hearing.rules
    assert marked == ("beacon-flood" in hearing.rules)


def test_a_companion_is_told_in_a_flood_too() -> None:
    hearing = Hearing(BeaconFlood, Follower)
    at = 1000.0
    for place in range(4):
        for step in range(60):
            now = at + step * 10
            for number in range(6):
                hearing.hear(beacon(bssid=ap(place, number), name=b"p%d" % number, time=now, tsf=int(now * 1e6)))
            for number in range(5):
                fake = b"\x02\xfe" + (int(now) * 8 + number).to_bytes(4, "big")
                hearing.hear(beacon(bssid=fake, name=b"fake %d" % number, time=now + 1, tsf=1000))
            hearing.hear(probe(ta=STA, time=now + 2))
        at += 600
    assert [alert.receiver for alert in hearing.alerts if alert.rule == "follower"] == [STA]


def test_a_hotspot_that_looks_made_up_may_follow_too() -> None:
    # Switched on a moment ago, without a TIM: a tracker built of a development board.
    hearing = Hearing(BeaconFlood, Follower)
    at = 1000.0
    for place in range(4):
        for step in range(60):
            now = at + step * 10
            for number in range(6):
                hearing.hear(beacon(bssid=ap(place, number), name=b"p%d" % number, time=now, tsf=int(now * 1e6)))
            said = element(0, b"x") + RATES
            hearing.hear(beacon(said, bssid=COMPANION, time=now + 1, tsf=int((now - 999) * 1e6)))
        at += 600
    assert COMPANION in hearing.survey.made_up
    assert [alert.receiver for alert in hearing.alerts if alert.rule == "follower"] == [COMPANION]

"""Devices that are near at every place of the user."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import RATES, STA, beacon, element, probe

from whimbrel.detections.disruption.beaconing import BeaconFlood
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.presence.followers import Follower
from whimbrel.geo import Position, Zone, ZoneKind, moved
from whimbrel.settings import Duration, Ssid

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
    """Stay near six access points and a station, while others are made up all the time."""
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


@pytest.mark.lengthy
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


def at(metres: float, time: float, *zones: Zone) -> tuple[Position, float, tuple[Zone, ...]]:
    north, east = moved(59.0, 18.0, 0.0, metres)
    return Position(latitude=north, longitude=east, error=8.0, time=time), time + 15.0, zones


def stroll(hearing: Hearing, ways: Iterable[float], *zones: Zone, minutes: int = 10, begin: float = 1000.0) -> float:
    """Be at places so many metres from the first, without an access point around and with someone near."""
    now = begin
    for metres in ways:
        for _ in range(minutes * 6):
            hearing.engine.air.here.move(*at(metres, now, *zones))
            hearing.hear(probe(ta=STA, time=now))
            now += 10
    return now


def test_by_the_position_where_no_access_point_is() -> None:
    hearing = Hearing(Follower)
    stroll(hearing, (0, 1000, 2000))
    assert [(alert.receiver, alert.count) for alert in hearing.alerts] == [(STA, 3)]


def test_what_is_not_far_is_one_place() -> None:
    hearing = Hearing(Follower)
    stroll(hearing, (0, 100, 200, 250, 150, 50))
    assert hearing.alerts == []
    hearing = Hearing(Follower, follower=Follower.Settings(apart=50.0))
    stroll(hearing, (0, 100, 200, 250, 150, 50))
    assert len(hearing.alerts) == 1


def test_a_position_that_is_lost_on_the_way() -> None:
    hearing = Hearing(Follower)
    hearing.engine.air.here.move(*at(0, 1000.0))
    now = stay(hearing, 0, 1000.0, 10)  # where the position is lost after a while
    now = stay(hearing, 1, now, 10)
    stay(hearing, 2, now, 10)
    assert [(alert.receiver, alert.count) for alert in hearing.alerts] == [(STA, 3)]


def test_home_is_no_place_to_be_followed_to() -> None:
    home = Zone(name="home", kind=ZoneKind.HOME, latitude=59.0, longitude=18.0, radius=100.0)
    hearing = Hearing(Follower)
    now = stroll(hearing, (0,), home, minutes=30)
    now = stroll(hearing, (1000, 2000), begin=now)
    assert hearing.alerts == []
    (visitor,) = follower(hearing).visitors()
    assert (visitor.address, visitor.places, visitor.windows, visitor.at_home) == (STA, 2, 4, 7)
    stroll(hearing, (3000,), begin=now)
    assert [alert.count for alert in hearing.alerts] == [3]


def test_where_a_guarded_network_stays_is_home() -> None:
    for carried, expected in ((False, []), (True, [STA])):
        hearing = Hearing(Follower, guarded=[GuardedNetwork(ssid=Ssid(b"mine"))])
        now = 1000.0
        for place in range(3):
            for step in range(60):
                for number in range(6):
                    hearing.hear(beacon(bssid=ap(place, number), name=b"%d" % number, time=now + step * 10))
                if carried or place == 0:
                    hearing.hear(beacon(bssid=COMPANION, name=b"mine", time=now + step * 10))
                hearing.hear(probe(ta=STA, time=now + step * 10 + 1))
            now += 600
        assert [alert.receiver for alert in hearing.alerts] == expected


def test_who_passes_by_is_near_in_few_windows() -> None:
    hearing = Hearing(Follower, follower=Follower.Settings(windows=8, span=Duration(60.0)))
    walk(hearing, 3)
    assert hearing.alerts == []
    hearing = Hearing(Follower, follower=Follower.Settings(windows=5, span=Duration(60.0)))
    walk(hearing, 3)
    assert len(hearing.alerts) == 1


def test_who_is_ignored_may_come_along() -> None:
    hearing = Hearing(Follower)
    hearing.engine.air.ignored = frozenset({STA})
    walk(hearing, 4)
    assert hearing.alerts == []
    assert STA not in [visitor.address for visitor in follower(hearing).visitors()]


def test_it_says_what_random_addresses_hide() -> None:
    hearing = Hearing(Follower)
    now = 1000.0
    for place in range(3):
        for step in range(60):
            for number in range(6):
                hearing.hear(beacon(bssid=ap(place, number), name=b"%d" % number, time=now + step * 10))
            for phone in range(3):
                made_up = bytes((2, place, 0, 0, 0, phone))
                hearing.hear(probe(ta=made_up, time=now + step * 10 + 1))
            hearing.hear(probe(ta=STA, time=now + step * 10 + 2))
        now += 600
    (alert,) = hearing.alerts
    assert "3 have random addresses" in alert.text
    assert "of the 10 devices here" in alert.text


def test_visitors_are_ranked() -> None:
    hearing = Hearing(Follower)
    now = 1000.0
    for place in range(3):
        near = [STA[:5] + bytes((number,)) for number in range(place, 3)]  # the last one is at every place
        for step in range(60):
            for number in range(6):
                hearing.hear(beacon(bssid=ap(place, number), name=b"%d" % number, time=now + step * 10))
            for device in near:
                hearing.hear(probe(ta=device, time=now + step * 10 + 1))
        now += 600
    ranked = [(v.address[5], v.places) for v in follower(hearing).visitors() if v.address[:5] == STA[:5]]
    assert ranked == [(2, 3), (1, 2), (0, 1)]


def follower(hearing: Hearing) -> Follower:
    found = hearing.engine.of_rule("follower")
    assert isinstance(found, Follower)
    return found

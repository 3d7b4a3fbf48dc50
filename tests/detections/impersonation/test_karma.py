from __future__ import annotations

import random
from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.impersonation.passing import OWN, STRANGER, beacons, elements
from tests.survey.air import RSN, STA, beacon, probe, response

from whimbrel.detections.impersonation.karma import Karma, KarmaSettings
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.frames import Frame

NAMES = [b"Airport Free", b"Hotel Wanderfalke", b"Railway", b"coffee house", b"Library guests", b"museum"]


def answer(name: bytes, time: float, seq: int, bssid: bytes = STRANGER, **more: Any) -> Frame:
    return response(elements(name), bssid=bssid, capability=1, time=time, seq=seq, **more)


def heard_twice(hearing: Hearing, names: list[bytes], bssid: bytes = STRANGER, at: float = 1000.0) -> None:
    for number, name in enumerate(names * 2):
        hearing.hear(answer(name, at + number / 2, 50 * number, bssid))


@pytest.mark.raises_alert("karma")
def test_five_names_raise_and_four_do_not() -> None:
    four, five = Hearing(Karma), Hearing(Karma)
    heard_twice(four, NAMES[:4])
    heard_twice(five, NAMES[:5])
    assert four.alerts == []
    (alert,) = five.alerts
    assert (alert.severity, alert.confidence, alert.bssid, alert.count) == (Severity.WARNING, "medium", STRANGER, 5)


def test_names_that_were_asked_for_and_are_offered_open_are_critical() -> None:
    hearing = Hearing(Karma)
    for number, name in enumerate(NAMES[:5]):
        hearing.hear(probe(name, time=1000.0 + number))
        hearing.hear(answer(name, 1000.1 + number, 100 * number))
    (alert,) = hearing.alerts
    assert (alert.severity, alert.confidence) == (Severity.CRITICAL, "high")
    assert "5 of them were asked for" in alert.text


@pytest.mark.spares("karma")
def test_names_heard_once_and_retransmissions_do_not_count() -> None:
    hearing = Hearing(Karma)
    for number, name in enumerate(NAMES):
        hearing.hear(answer(name, 1000.0 + number, 50 * number))
        hearing.hear(answer(name, 1000.1 + number, 50 * number, flags=0x08))
    assert hearing.alerts == []


def test_damaged_copies_of_one_name_do_not_count() -> None:
    hearing = Hearing(Karma)
    damaged = [b"harbour", b"harbkur", b"hazbour", b"h\xe1rbour", b"harboqr", b"larbour", b"harbous"]
    heard_twice(hearing, damaged)
    assert hearing.alerts == []


def test_beacons_of_many_names_count_too() -> None:
    hearing = Hearing(Karma)
    for number in range(12):
        hearing.hear(beacon(bssid=STRANGER, name=NAMES[number % 6], time=1000.0 + number, seq=number, security=b""))
    assert hearing.rules == ["karma"]


def test_names_too_far_apart_do_not_add_up() -> None:
    hearing = Hearing(Karma, karma=KarmaSettings(window=Duration(60.0)))
    for number, name in enumerate(NAMES):
        for again in range(2):
            hearing.hear(answer(name, 1000.0 + 30 * number + again, 50 * number + again))
    assert hearing.alerts == []


def test_an_office_of_access_points_with_four_networks_each_raises_nothing() -> None:
    hearing = Hearing(Karma)
    rng = random.Random(4)
    networks = [b"Staff", b"Guests", b"Printers", b"Voice"]
    for turn in range(300):
        ap, which = rng.randrange(60), rng.randrange(4)
        bssid = bytes((0, 0x24, 0xD4, ap, 0x10, which))
        at = 1000.0 + turn / 50
        hearing.hear(beacon(bssid=bssid, name=networks[which], time=at, seq=turn))
        hearing.hear(response(elements(networks[which], RSN), bssid=bssid, time=at, seq=rng.randrange(4096), rssi=-60))
    assert hearing.alerts == []


def test_a_hidden_network_that_answers_to_its_name_raises_nothing() -> None:
    hearing = Hearing(Karma)
    hearing.hear(*beacons(30, bssid=OWN, name=b""))
    for number in range(30):
        hearing.hear(response(elements(b"harbour", RSN), bssid=OWN, time=1010.0 + number, seq=number))
    assert hearing.alerts == []


def radio(count: int, *, step: int = 3, rssi: int = -50, same: bool = False) -> Hearing:
    """Let one radio answer to each name from another address."""
    hearing = Hearing(Karma)
    rng = random.Random(9)
    for number in range(count):
        bssid = b"\x02" + rng.randbytes(5)
        if same:
            bssid = b"\x02\x11\x22\x33\x44" + bytes((number,))
        hearing.hear(answer(NAMES[number], 1000 + number / 5, 4090 + step * number & 4095, bssid, rssi=rssi))
        rssi -= 1
    return hearing


def test_one_radio_with_ever_new_addresses_is_told_by_its_counter() -> None:
    assert radio(4).alerts == []
    (alert,) = radio(5).alerts
    assert (alert.severity, alert.frames) == (Severity.WARNING, 5)
    assert "One radio" in alert.text


def test_access_points_not_yet_heard_to_beacon_raise_nothing() -> None:
    assert radio(6, step=700).alerts == []
    assert radio(6, same=True).alerts == []


def test_the_settings_move_the_threshold() -> None:
    hearing = Hearing(Karma, karma=KarmaSettings(names=2))
    heard_twice(hearing, NAMES[:2])
    assert hearing.rules == ["karma"]
    assert hearing.alerts[0].sender == STRANGER
    assert STA not in {alert.bssid for alert in hearing.alerts}


def test_twenty_names_are_many_though_each_is_heard_once() -> None:
    hearing = Hearing(Karma)
    names = [bytes((65 + n, 66 + 2 * n, 60 + 3 * n)) * 3 for n in range(30)]
    for number, name in enumerate(names[:19]):
        hearing.hear(answer(name, 1000.0 + number, 50 * number))
    assert hearing.alerts == []
    hearing.hear(answer(names[19], 1030, 3000))
    assert [alert.count for alert in hearing.alerts] == [20]

"""Drones by their Remote ID."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RATES, STA, beacon, element, frame
from tests.wifi.test_droneid import flight
from tests.wifi.test_remote_id import basic, location, nan, pack, system

from whimbrel.detections.presence.drones import Drone
from whimbrel.wifi import kinds
from whimbrel.wifi.frames import Frame


def flying(*messages: bytes, counter: int = 0, **more: object) -> Frame:
    said = element(221, b"\xfa\x0b\xbc\x0d" + bytes((counter & 255,)) + b"".join(messages))
    return beacon(element(0, b"RID-1") + RATES + said, **more)  # type: ignore[arg-type]


@pytest.mark.raises_alert("drone")
def test_what_it_says_in_single_beacons_is_put_together() -> None:
    hearing = Hearing(Drone)
    hearing.hear(
        flying(basic(b"1596F000000000001"), counter=1),
        flying(location(48.2, 16.37), counter=2, time=1020.0),
        flying(system(48.21, 16.36), counter=3, time=1040.0),
    )
    (alert,) = hearing.alerts
    assert (alert.rule, alert.severity, alert.sender) == ("drone", "notice", AP)
    newest = hearing.events[-1].text
    assert newest == (
        "helicopter or multirotor, 1596F000000000001, at 48.20000 N 16.37000 E, 100 m up, 5 m/s, "
        "pilot at 48.21000 N 16.36000 E"
    )


def test_it_is_followed_though_its_beacons_keep_changing() -> None:
    hearing = Hearing(Drone)
    hearing.hear(
        *(flying(pack(location(48 + n / 1000, -16.0)), counter=n, time=1000.0 + n) for n in range(40)),
    )
    assert hearing.events[-1].count >= 30
    assert "at 48.03" in hearing.events[-1].text
    assert "16.00000 W" in hearing.events[-1].text


def test_service_discovery() -> None:
    hearing = Hearing(Drone)
    hearing.hear(frame(kinds.ACTION, b"\x51\x6f\x9a\x01\x00\x00", STA, AP, nan(pack(basic(b"X1")))))
    assert [alert.sender for alert in hearing.alerts] == [STA]


@pytest.mark.parametrize("words", [b"\n forged", b"\x1b[31m"])
def test_hostile_words_are_escaped(words: bytes) -> None:
    hearing = Hearing(Drone)
    hearing.hear(flying(basic(words)))
    assert hearing.alerts[0].text.isprintable()


@pytest.mark.spares("drone")
def test_other_vendor_elements_are_none() -> None:
    hearing = Hearing(Drone)
    hearing.hear(beacon(element(0, b"x") + element(221, b"\x00\x50\xf2\x02\xfa\x0b\xbc\x0d")), flying(b"", counter=1))
    assert hearing.alerts == []


@given(st.binary(max_size=120))
def test_any_octets(octets: bytes) -> None:
    Hearing(Drone).hear(flying(octets[:200]), frame(kinds.ACTION, STA, AP, AP, octets))


def test_the_form_of_one_maker() -> None:
    said = element(221, b"\x26\x37\x12" + flight())
    (alert,) = Hearing(Drone).hear(beacon(element(0, b"drone") + RATES + said))
    assert alert.text == ("DJI drone, SERIAL0123456789, at 12.50000 N 13.25000 E, pilot at 56.00000 N 43.00000 E")

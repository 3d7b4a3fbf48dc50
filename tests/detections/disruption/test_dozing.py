from __future__ import annotations

import random
from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import secret
from tests.survey.air import AP, RATES, RAW, STA, beacon, element, frame, from_ap

from whimbrel.detections.disruption.dozing import PowerSaveDenial
from whimbrel.detections.disruption.joining import AssocFlood
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse

ASLEEP = 0x11
"""To the access point; power management."""


def null(at: float, *, rssi: int = -50, flags: int = ASLEEP, **more: Any) -> Frame:
    return frame(0x24, AP, STA, AP, time=1000.0 + at, rssi=rssi, flags=flags, **more)


def poll(at: float, aid: int = 1, *, rssi: int = -50) -> Frame:
    raw = b"\xa4\x10" + (0xC000 | aid).to_bytes(2, "little") + AP + STA
    made = parse(RAW, (1000.0 + at, raw, len(raw)))
    made.freq, made.rssi = 2437, rssi
    return made


def data(at: float, number: int, *, rssi: int = -50) -> Frame:
    return secret(number, time=1000.0 + at, seq=number & 0xFFF, rssi=rssi)


def working() -> Hearing:
    hearing = Hearing(PowerSaveDenial)
    hearing.hear(beacon(time=999.0), data(0.0, 1))
    return hearing


def attacked(hearing: Hearing, times: int, *, rssi: int = -62, polls: bool = False) -> None:
    for n in range(times):
        forged = poll(n + 0.5, rssi=rssi) if polls else null(n + 0.5, rssi=rssi)
        hearing.hear(data(n + 0.2, 10 + 2 * n), forged, data(n + 0.8, 11 + 2 * n))
    hearing.hear(beacon(time=1002.0 + times))


@pytest.mark.raises_alert("power-save-denial")
def test_null_frames_at_another_level() -> None:
    for polls in (False, True):
        hearing = working()
        attacked(hearing, 4, polls=polls)
        assert hearing.alerts == []
        hearing = working()
        attacked(hearing, 5, polls=polls)
        [alert] = hearing.alerts
        assert (alert.severity, alert.receiver, alert.bssid, alert.count) == (Severity.WARNING, STA, AP, 5)
        assert "levels -62 dBm of the one and -50 dBm of its data" in alert.text


@pytest.mark.raises_alert("power-save-denial")
def test_polls_with_guessed_identifiers() -> None:
    hearing = working()
    assert hearing.hear(*(poll(n * 0.1, n + 1) for n in range(5))) == [], "four changes"
    [alert] = hearing.hear(poll(0.6, 6))
    assert alert.confidence == "medium"


def test_a_hopping_radio_may_hear_the_data_of_other_visits() -> None:
    """It listens for half a second of two; who stays would have heard data in between, if there was any."""
    for hops in (True, False):
        hearing = working()
        for n in range(6):
            at = 6.0 * n
            hearing.hear(data(at + 0.4, 10 + 2 * n))
            if hops:
                hearing.hear(beacon(time=1000.5 + at, freq=2412), beacon(time=1002.0 + at, freq=2437))
            hearing.hear(null(at + 2.1, rssi=-62), data(at + 2.2, 11 + 2 * n))
            if hops:
                hearing.hear(beacon(time=1002.5 + at, freq=2412), beacon(time=1005.9 + at, freq=2437))
        assert bool(hearing.alerts) is hops


def request(at: float, *, flags: int = 0x10, kind: int = 0x00) -> Frame:
    """Return a request for association; the flag says that the station sleeps."""
    return frame(kind, AP, STA, AP, b"\x31\0\x0a\0" + element(0, b"harbour") + RATES, time=1000.0 + at, flags=flags)


@pytest.mark.raises_alert("power-save-denial")
@pytest.mark.parametrize("kind", [0x00, 0x02])
@pytest.mark.parametrize("answered", [False, True])
def test_requests_for_association_that_say_that_a_connected_station_sleeps(kind: int, answered: bool) -> None:
    """So does ESP32 Marauder; an access point may answer, and forget the station's keys."""
    hearing = Hearing(PowerSaveDenial, AssocFlood)
    hearing.hear(beacon(time=999.0), data(0.0, 1))
    for n in range(60):
        assert len(hearing.alerts) == (n > 4)
        hearing.hear(request(1 + n / 10, kind=kind), *([response(1.001 + n / 10)] if answered else []))
    [alert] = hearing.alerts
    assert (alert.rule, alert.severity, alert.receiver) == ("power-save-denial", Severity.WARNING, STA)
    assert alert.sender is None


def response(at: float) -> Frame:
    return frame(0x01, STA, AP, AP, b"\0\0\0\0\1\xc0", time=1000.0 + at)


def test_a_station_that_joins_may_set_that_bit_and_one_without_it_is_no_matter_of_sleep() -> None:
    hearing = working()
    for n in range(40):
        auth = frame(0x0B, AP, STA, AP, b"\0\0\1\0\0\0", time=1001.0 + n)
        hearing.hear(auth, request(1.01 + n), response(1.02 + n))
    hearing.hear(*(request(60 + n / 10, flags=0) for n in range(60)))
    strange = Hearing(PowerSaveDenial)
    strange.hear(beacon(time=999.0), *(request(n / 10) for n in range(60)))
    assert hearing.alerts == strange.alerts == []


@pytest.mark.raises_alert("power-save-denial")
def test_polls_that_nothing_answers() -> None:
    hearing = working()
    assert hearing.hear(*(poll(1 + n / 25) for n in range(199))) == []
    [alert] = hearing.hear(poll(9.0))
    assert (alert.severity, alert.count, alert.receiver) == (Severity.NOTICE, 200, STA)
    hearing.hear(*(poll(20 + n / 65) for n in range(600)))
    assert hearing.events[-1].severity is Severity.WARNING


def test_null_frames_in_the_same_name_are_no_answers() -> None:
    hearing = working()
    hearing.hear(*(null(1 + n / 50) if n % 4 == 3 else poll(1 + n / 50) for n in range(400)))
    assert hearing.rules == ["power-save-denial"]


@pytest.mark.parametrize("heard", [1.0, 0.5])
def test_a_station_that_fetches_its_packets_one_by_one(heard: float) -> None:
    """The receiver may miss half of them."""
    hearing, chance = working(), random.Random(2)
    for n in range(3000):
        at = 1 + n / 100
        answer = from_ap((n + 1).to_bytes(2, "little") + b"\0\x20" + bytes(20), time=1000.001 + at)
        hearing.hear(poll(at), *([answer] if chance.random() < heard else []))
    assert hearing.alerts == []


@pytest.mark.spares("power-save-denial")
def test_a_phone_that_sleeps_and_walks() -> None:
    hearing = working()
    for n in range(200):
        level = -45 - n // 4 % 40
        hearing.hear(
            data(n + 0.2, 10 + n, rssi=level),
            null(n + 0.3, rssi=level - 8),
            poll(n + 0.5, rssi=level - 5),
            null(n + 0.6, rssi=level, flags=0x01),
        )
    assert hearing.alerts == []


def test_one_step_of_the_level_that_lasts_is_a_movement() -> None:
    hearing = working()
    for n in range(20):
        before, after = (-50, -70) if n % 2 else (-70, -50)
        hearing.hear(
            data(2 * n, 10 + 2 * n, rssi=before), null(2 * n + 0.5, rssi=after), data(2 * n + 1, 11 + 2 * n, rssi=after)
        )
    assert hearing.alerts == []


def test_a_new_association_has_a_new_identifier() -> None:
    hearing = working()
    for n in range(20):
        hearing.hear(
            frame(0x0C, AP, STA, AP, b"\3\0", time=1000.0 + n),
            frame(0x01, STA, AP, AP, b"\0\0\0\0" + bytes((n + 1, 0xC0)), time=1000.1 + n),
            poll(n + 0.5, n + 1),
        )
    assert hearing.alerts == []

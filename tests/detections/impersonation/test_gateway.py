from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import authentication, handshake
from tests.survey.air import AP, beacon, from_ap

from whimbrel.detections.impersonation.gateway import (
    _ACCESS_POINTS,
    _GATEWAYS,
    _JOINING,
    _SENDERS,
    GatewayAsStation,
    GatewayAsStationSettings,
)
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

GATEWAY = AP[:5] + bytes((AP[5] ^ 1,))
GUEST = AP[:5] + bytes((AP[5] ^ 2,))
ELSEWHERE = bytes.fromhex("f4f26d000001")
STATIONS = tuple(bytes((0, 0x1A, 0x11, 0, 0, n)) for n in range(1, 5))


def serving(
    sources: Iterable[bytes] = (GATEWAY,), stations: Iterable[bytes] = STATIONS[:3], *, seconds: int = 20
) -> Iterator[Frame]:
    """Yield encrypted data from these sources to each station, twice a second."""
    for number in range(2 * seconds):
        time = 1000.0 + number / 2
        yield beacon(time=time)
        for source in sources:
            for station in stations:
                body = number.to_bytes(2, "little") + b"\0\x20\0\0\0\0" + bytes(24)
                yield from_ap(body, ra=station, sa=source, flags=0x42, time=time + 0.01, seq=number)


def listening(*frames: Frame, **settings: Any) -> Hearing:
    hearing = Hearing(GatewayAsStation, **settings)
    hearing.hear(
        beacon(time=999.0),
        beacon(bssid=GUEST, name=b"harbour guest", time=999.1),
        beacon(bssid=ELSEWHERE, name=b"cafe", time=999.2),
        *frames,
    )
    return hearing


def joins(bssid: bytes, station: bytes = GATEWAY) -> list[Frame]:
    return handshake(1030.0, bssid=bssid, station=station)


@pytest.mark.raises_alert("gateway-as-station")
@pytest.mark.parametrize("bssid", [AP, GUEST])
def test_the_gateway_joins_its_own_network_or_another_one_of_its_device(bssid: bytes) -> None:
    [alert] = listening(*serving()).hear(*joins(bssid))
    assert (alert.severity, alert.sender, alert.bssid) == (Severity.WARNING, GATEWAY, bssid)
    assert "while 3 stations of" in alert.text


def test_with_two_stations_it_is_a_notice_and_with_one_none() -> None:
    [alert] = listening(*serving(stations=STATIONS[:2])).hear(*joins(AP))
    assert alert.severity is Severity.NOTICE
    assert not listening(*serving(stations=STATIONS[:1])).hear(*joins(AP))


@pytest.mark.spares("gateway-as-station")
def test_a_router_that_joins_the_network_of_somebody_else() -> None:
    assert not listening(*serving()).hear(*joins(ELSEWHERE))


def test_a_server_beside_others_is_no_gateway() -> None:
    assert not listening(*serving((GATEWAY, ELSEWHERE))).hear(*joins(AP))
    few = listening(*serving(seconds=1))
    assert not few.hear(*joins(AP)), "two frames to each are too few to know"


def test_a_station_that_talks_with_all_others_is_no_gateway() -> None:
    hearing = listening(authentication(GATEWAY, time=999.5), *serving())
    assert not hearing.hear(*joins(AP))


def loud(number: int, *, rssi: int = -38, bssid: bytes = ELSEWHERE) -> list[Frame]:
    time = 1000.0 + number
    return [
        beacon(time=time, seq=10 * number, rssi=-50),
        authentication(AP, bssid, time=time + 0.1, seq=number, rssi=rssi),
    ]


def test_an_access_points_address_as_a_station_at_another_level() -> None:
    hearing = listening()
    assert not hearing.hear(*loud(1))
    [alert] = hearing.hear(*loud(2))
    assert (alert.severity, alert.count, alert.sender) == (Severity.WARNING, 2, AP)


def test_a_repeater_with_one_address_has_one_level() -> None:
    hearing = listening()
    for number in range(1, 30):
        hearing.hear(*loud(number, rssi=-39))
    assert not hearing.alerts


def test_settings() -> None:
    one = GatewayAsStationSettings(frames=1, sure=2)
    assert listening(gateway_as_station=one).hear(*loud(1))
    [alert] = listening(*serving(stations=STATIONS[:2]), gateway_as_station=one).hear(*joins(AP))
    assert alert.severity is Severity.WARNING


def test_what_is_kept_is_bounded() -> None:
    hearing = listening()
    for n in range(3000):
        made = b"\x02" + n.to_bytes(5, "big")
        body = b"\1\0\0\x20\0\0\0\0" + bytes(24)
        data = from_ap(body, ra=made, sa=made[::-1], bssid=AP if n % 2 else made, flags=0x42, time=1000.0 + n / 100)
        hearing.hear(data, authentication(made, AP, time=1000.0 + n / 100))
    [rule] = hearing.engine.detections
    assert isinstance(rule, GatewayAsStation)
    assert len(rule._sources) <= _ACCESS_POINTS
    assert len(rule._gateways) <= _GATEWAYS
    assert len(rule._stations) <= _JOINING
    for sources in rule._sources.entries.values():
        assert len(sources.stations) <= _SENDERS + 1
        assert all(len(each) <= _SENDERS for each in sources.stations.values())


def test_data_is_looked_at_in_some_seconds_only() -> None:
    hearing = listening(*serving())
    [rule] = hearing.engine.detections
    looked = 0
    for number in range(64):
        hearing.hear(beacon(time=1104.0 + number))
        looked += not rule.idle
    assert looked == 4


@pytest.mark.parametrize("learning", [True, False])
def test_data_is_looked_at_on_every_channel_of_a_hopping_radio(learning: bool) -> None:
    hearing = listening(*(() if learning else serving()))
    [rule] = hearing.engine.detections
    looked = set()
    for number in range(4000):
        hearing.hear(beacon(time=1104.0 + number))
        if not rule.idle:
            looked |= {(lap, number % lap) for lap in range(1, 25)}
    assert looked == {(lap, at) for lap in range(1, 25) for at in range(lap)}


def test_a_gateway_heard_in_one_second_of_four_is_found() -> None:
    for phase in range(4):
        data = [frame for frame in serving(seconds=240) if int(frame.time) % 4 == phase]
        others = [beacon(bssid=ELSEWHERE, name=b"cafe", time=1000.0 + n, freq=2462) for n in range(240)]
        hearing = listening(*sorted([*data, *others], key=lambda frame: frame.time))
        assert [alert.sender for alert in hearing.hear(*handshake(1250.0, bssid=AP, station=GATEWAY))] == [GATEWAY]

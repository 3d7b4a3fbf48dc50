from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import OTHER, OTHER_AP, handshake, secret
from tests.survey.air import AP, STA, beacon, frame, to_ap

from whimbrel.detections.guarded import Guard, GuardedNetwork
from whimbrel.detections.presence.roster import StrayDevice, UnknownDevice
from whimbrel.events.alerts import Severity
from whimbrel.settings import Mac, Ssid
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.security import Protection

HOME = Ssid(b"harbour")
CAFE = bytes.fromhex("f4f26d000001")


def guarded(*stations: bytes, bssids: Iterable[bytes] = (AP,)) -> GuardedNetwork:
    return GuardedNetwork(
        ssid=HOME,
        bssids=tuple(map(Mac, bssids)),
        security=(Protection.WPA2_PERSONAL,),
        stations=tuple(map(Mac, stations)),
    )


def listening(rule: Any, *networks: GuardedNetwork, trusted: Iterable[bytes] = ()) -> Hearing:
    hearing = Hearing(rule, guarded=networks, trusted=trusted)
    hearing.hear(
        beacon(time=999.0),
        beacon(bssid=OTHER_AP, time=999.1),
        beacon(bssid=CAFE, name=b"cafe", security=b"", time=999.2),
    )
    return hearing


def let_in(station: bytes, bssid: bytes, status: int = 0) -> Frame:
    return frame(0x01, station, bssid, bssid, b"\1\0" + status.to_bytes(2, "little") + b"\1\xc0", time=1000.0)


def working(station: bytes, bssid: bytes = AP, *, up: bool = True, down: bool = True) -> list[Frame]:
    frames = [secret(1, time=1000.0, ta=station, bssid=bssid)] * up
    frames += [secret(1, up=False, time=1000.1, ra=station, bssid=bssid)] * down
    return [*frames, beacon(time=1003.0)]


@pytest.mark.raises_alert("unknown-device")
def test_an_unknown_device_with_the_password() -> None:
    hearing = listening(UnknownDevice, guarded(OTHER))
    [alert] = hearing.hear(*handshake(1000.0))
    assert (alert.severity, alert.receiver, alert.ssid) == (Severity.NOTICE, STA, HOME)
    hearing = listening(UnknownDevice, guarded(OTHER))
    assert hearing.hear(*working(STA))


@pytest.mark.spares("unknown-device")
def test_known_and_trusted_devices_and_networks_without_a_list() -> None:
    for hearing in (
        listening(UnknownDevice, guarded(STA)),
        listening(UnknownDevice, guarded(OTHER), trusted=(STA,)),
        listening(UnknownDevice, guarded()),
        listening(UnknownDevice, guarded(STA), GuardedNetwork(ssid=Ssid(b"cafe"))),
    ):
        hearing.hear(*handshake(1000.0), *working(STA), let_in(OTHER, CAFE))
        assert hearing.alerts == []


def test_who_only_tries_is_not_in() -> None:
    hearing = listening(UnknownDevice, guarded(OTHER))
    hearing.hear(let_in(STA, AP), *handshake(1000.0)[:2], *working(STA, down=False))
    hearing.hear(let_in(STA, AP), *working(STA, up=False))
    hearing.hear(beacon(time=1100.0))
    assert hearing.alerts == []


def test_an_open_network_lets_in_by_itself() -> None:
    bare = GuardedNetwork(ssid=Ssid(b"cafe"), stations=(Mac(OTHER),))
    assert not listening(UnknownDevice, bare).hear(let_in(STA, CAFE, status=17), beacon(time=1010.0))
    assert listening(UnknownDevice, bare).hear(let_in(STA, CAFE))


@pytest.mark.raises_alert("stray-device")
def test_an_own_device_in_an_open_network() -> None:
    hearing = listening(StrayDevice, guarded(STA))
    [alert] = hearing.hear(let_in(STA, CAFE))
    assert (alert.severity, alert.bssid, alert.ssid) == (Severity.WARNING, CAFE, b"cafe")
    assert "which encrypts nothing" in alert.text


def test_an_own_device_at_an_access_point_that_is_not_listed() -> None:
    hearing = listening(StrayDevice, guarded(STA))
    [alert] = hearing.hear(*handshake(1000.0, bssid=OTHER_AP))
    assert "under the same name" in alert.text
    assert alert.severity is Severity.WARNING


def test_an_own_device_in_the_network_of_the_neighbour_is_a_notice() -> None:
    hearing = listening(StrayDevice, guarded(STA))
    hearing.hear(beacon(bssid=OTHER, name=b"neighbour", time=999.3))
    [alert] = hearing.hear(*handshake(1000.0, bssid=OTHER))
    assert alert.severity is Severity.NOTICE


@pytest.mark.spares("stray-device")
def test_devices_at_home_and_those_of_others() -> None:
    for hearing in (listening(StrayDevice, guarded(STA)), listening(StrayDevice, guarded(STA, bssids=()))):
        hearing.hear(*handshake(1000.0), *working(STA), let_in(OTHER, CAFE), to_ap(ta=OTHER, bssid=CAFE, flags=0x01))
        assert hearing.alerts == []


def test_the_lists_of_one_network_are_joined() -> None:
    guard = Guard([guarded(STA), guarded(OTHER)])
    assert guard.by_ssid[HOME].stations == (STA, OTHER)
    assert guard.homes == {STA: (HOME,), OTHER: (HOME,)}


def talking(bssid: bytes = CAFE, *, frames: int = 5, seconds: float = 3.0) -> list[Frame]:
    return [
        to_ap(b"\xaa\xaa\x03\0\0\0\x08\0" + bytes(40), ta=STA, bssid=bssid, flags=0x01, seq=n, time=1000.0 + n * 0.4)
        for n in range(frames)
    ] + [beacon(time=1000.0 + seconds)]


def test_an_own_device_that_talks_in_an_open_network_whose_joining_was_not_heard() -> None:
    hearing = listening(StrayDevice, guarded(STA))
    [alert] = hearing.hear(*talking())
    assert (alert.severity, alert.bssid) == (Severity.WARNING, CAFE)


def test_a_few_frames_or_a_station_that_is_sent_away_are_none() -> None:
    assert not listening(StrayDevice, guarded(STA)).hear(*talking(frames=4))
    assert not listening(StrayDevice, guarded(STA)).hear(*talking(OTHER_AP))
    away = frame(0x0C, STA, CAFE, CAFE, b"\7\0", time=1001.7)
    assert not listening(StrayDevice, guarded(STA)).hear(*talking()[:5], away, beacon(time=1003.0))

"""A watched device comes, stays and leaves."""

from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, STA, beacon, probe

from whimbrel.detections.presence.watched import WatchedDevice, WatchedSettings
from whimbrel.events.alerts import Alert, AlertClosed
from whimbrel.settings import Duration, Mac, Ssid

OTHER = b"\x00\x0a\x0b\x0c\x0d\x0e"


def waiting(**more: object) -> Hearing:
    settings = WatchedSettings(absent=Duration(60.0), **more)  # type: ignore[arg-type]
    return Hearing(WatchedDevice, watched_device=settings)


def passing(hearing: Hearing, since: int, until: int) -> None:
    """Let time pass with frames of others."""
    hearing.hear(*(probe(ta=OTHER, time=float(at)) for at in range(since, until)))


@pytest.mark.raises_alert("watched-device")
def test_a_device_comes_and_goes() -> None:
    hearing = waiting(addresses=(Mac(STA),))
    passing(hearing, 1000, 1010)
    assert hearing.alerts == []
    hearing.hear(probe(time=1010), probe(time=1030))
    passing(hearing, 1031, 1033)
    assert [(alert.rule, alert.receiver) for alert in hearing.alerts] == [("watched-device", STA)]
    passing(hearing, 1033, 1085)
    assert not isinstance(hearing.events[-1], AlertClosed)
    passing(hearing, 1085, 1100)
    assert isinstance(hearing.events[-1], AlertClosed)
    hearing.hear(probe(time=1200), probe(time=1202))
    assert isinstance(hearing.events[-1], Alert)
    assert hearing.events[-1].again == 1


def test_an_access_point_can_be_waited_for_too() -> None:
    hearing = waiting(addresses=(Mac(AP),))
    hearing.hear(beacon(time=1000), beacon(time=1001.5))
    assert [alert.receiver for alert in hearing.alerts] == [AP]


def test_a_trusted_device_can_be_waited_for() -> None:
    settings = WatchedSettings(addresses=(Mac(STA),))
    hearing = Hearing(WatchedDevice, trusted=[STA], watched_device=settings)
    hearing.hear(probe(time=1000), probe(time=1002))
    assert hearing.rules == ["watched-device"]


def test_names_that_are_offered_or_asked_for() -> None:
    hearing = waiting(ssids=(Ssid(b"harbour"), Ssid(b"canary")))
    hearing.hear(probe(b"canary", time=1000), probe(b"other", time=1000), beacon(time=1001), beacon(time=1003))
    assert [(alert.ssid, alert.bssid, alert.receiver) for alert in hearing.alerts] == [
        (b"canary", None, STA),
        (b"harbour", AP, None),
    ]


@pytest.mark.spares("watched-device")
def test_nobody_is_waited_for_by_itself() -> None:
    hearing = Hearing(WatchedDevice)
    hearing.hear(probe(b"canary", time=1000), beacon(time=1002), probe(time=1004))
    assert hearing.rules == []

from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import OTHER_AP, authentication
from tests.survey.air import AP, STA, beacon, from_ap, to_ap

from whimbrel.detections.impersonation.two_places import _STATIONS, StationAtTwoPlaces, TwoPlacesSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame


def listening(*, channel: int = 6, **settings: Any) -> Hearing:
    hearing = Hearing(StationAtTwoPlaces, **settings)
    hearing.hear(beacon(time=999.0), beacon(bssid=OTHER_AP, channel=channel, time=999.0))
    return hearing


def in_turn(count: int, *, pause: float = 1.0, station: bytes = STA) -> list[Frame]:
    return [to_ap(ta=station, bssid=(AP, OTHER_AP)[n % 2], time=1000.0 + pause * n, seq=n) for n in range(count)]


@pytest.mark.raises_alert("station-at-two-places")
def test_six_changes_are_enough_and_five_are_not() -> None:
    hearing = listening()
    frames = in_turn(7)
    assert not hearing.hear(*frames[:6])
    [alert] = hearing.hear(frames[6])
    assert (alert.severity, alert.confidence, alert.count, alert.receiver) == (Severity.WARNING, "medium", 6, STA)


def test_on_two_channels_it_is_a_notice() -> None:
    [alert] = listening(channel=11).hear(*in_turn(7))
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")


@pytest.mark.spares("station-at-two-places")
def test_roaming_and_what_is_still_sent_to_one_that_has_roamed() -> None:
    hearing = listening()
    for n in range(20):
        at = 1000.0 + n
        bssid, before = ((AP, OTHER_AP), (OTHER_AP, AP))[n % 2]
        hearing.hear(authentication(bssid=bssid, time=at), to_ap(bssid=bssid, time=at + 0.1))
        hearing.hear(from_ap(bssid=before, time=at + 0.2), to_ap(bssid=bssid, time=at + 0.3))
    assert not hearing.alerts


def test_slowly_it_is_none() -> None:
    assert not listening().hear(*in_turn(30, pause=2.5))


def test_a_part_of_the_frames_is_enough() -> None:
    lossy = [sent for n, sent in enumerate(in_turn(60, pause=0.25)) if n % 10 < 7]
    assert listening().hear(*lossy)


def test_settings_and_bounds() -> None:
    hearing = listening(station_at_two_places=TwoPlacesSettings(changes=3))
    assert hearing.hear(*in_turn(4))
    for n in range(200):
        hearing.hear(*in_turn(3, station=b"\x02" + n.to_bytes(5, "big")))
    [rule] = hearing.engine.detections
    assert isinstance(rule, StationAtTwoPlaces)
    assert len(rule._stations) <= _STATIONS

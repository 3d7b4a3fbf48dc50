from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RSN, STA, beacon, ds, element, probe, tim

from whimbrel.detections.presence.signature_data import SIGNATURES
from whimbrel.detections.presence.signatures import Signature
from whimbrel.detections.presence.surveillance import SurveillanceDevice, SurveillanceSettings
from whimbrel.events.alerts import Severity

CAMERA = b"Flock-12AF09"
OWN = Signature(
    name="radar of the town", element="aabbcc01", source="seen on Main Street", date="2026-10-01", confidence="high"
)


@pytest.mark.raises_alert("surveillance-device")
def test_the_name_of_a_camera() -> None:
    hearing = Hearing(SurveillanceDevice)
    [alert] = hearing.hear(beacon(name=CAMERA))
    assert (alert.severity, alert.confidence, alert.bssid) == (Severity.NOTICE, "high", AP)
    assert "licence plate camera" in alert.text
    assert "2026-11-30" in alert.text


def test_a_station_that_asks_for_it() -> None:
    hearing = Hearing(SurveillanceDevice)
    [alert] = hearing.hear(probe(CAMERA))
    assert (alert.receiver, alert.ssid) == (STA, CAMERA)


@pytest.mark.spares("surveillance-device")
def test_other_names() -> None:
    hearing = Hearing(SurveillanceDevice)
    hearing.hear(beacon(name=b"Flock of sheep"), beacon(name=b"Flock-12AF0Z"), probe(b"penguin"), beacon(name=b""))
    assert hearing.alerts == []


def test_an_own_signature() -> None:
    settings = SurveillanceSettings(own=(OWN,), shipped=False)
    hearing = Hearing(SurveillanceDevice, surveillance_device=settings)
    marked = element(0, b"x") + ds(6) + tim() + RSN + element(221, b"\xaa\xbb\xcc\1\2")
    hearing.hear(beacon(name=CAMERA), probe(CAMERA, time=1001.0))
    assert hearing.alerts == []
    [alert] = hearing.hear(beacon(marked, bssid=STA, time=1002.0))
    assert (alert.confidence, alert.severity) == ("high", Severity.NOTICE)


def test_every_shipped_one_is_well_formed_and_found_by_its_name() -> None:
    assert SIGNATURES
    for each in SIGNATURES:
        made = Signature(**each)
        for name in made.ssids:
            hearing = Hearing(SurveillanceDevice)
            hearing.hear(beacon(name=name.replace("#", "a").replace("*", " 1").encode()))
            assert [made.name in alert.text for alert in hearing.alerts] == [True]

from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import RSN, beacon

from whimbrel.detections.weakness.setting_up import SetupNetwork, waits_for_setup
from whimbrel.events.alerts import Severity


@pytest.mark.raises_alert("setup-network")
@pytest.mark.parametrize("name", [b"ESP_3A21B0", b"tasmota-5E2A11-0123", b"shellyplus1-a8032ab1", b"SmartLife-44E1"])
def test_a_device_that_waits(name: bytes) -> None:
    hearing = Hearing(SetupNetwork)
    [alert] = hearing.hear(beacon(name=name, security=b""))
    assert (alert.severity, alert.ssid) == (Severity.WEAKNESS, name)


@pytest.mark.spares("setup-network")
@pytest.mark.parametrize(
    ("name", "security"), [(b"ESP_3A21B0", RSN), (b"harbour", b""), (b"", b""), (b"my esp_1", b"")]
)
def test_other_networks(name: bytes, security: bytes) -> None:
    hearing = Hearing(SetupNetwork)
    hearing.hear(beacon(name=name, security=security))
    assert hearing.alerts == []


def test_names_of_any_octets() -> None:
    assert not waits_for_setup(b"\xff\xfeesp_")
    assert not waits_for_setup("ésp_1".encode())

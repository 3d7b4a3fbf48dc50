from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.test_station_downgrade import BOTH
from tests.survey.air import RSN, SAE, beacon

from whimbrel.detections.weakness.transition import _NAMES, SplitProtection, TransitionMode

WPA = bytes.fromhex("dd160050f20101000050f20201000050f20201000050f202")
SAE_OPTIONAL = SAE[:-2] + b"\x80\0"
OWE_PAIR = bytes.fromhex("dd14506f9a1c00112233446609616263646566676869")
OTHER = bytes.fromhex("001122334466")


@pytest.mark.parametrize(
    ("security", "words"),
    [
        (WPA + RSN, "WPA from 2003"),
        (BOTH, "WPA2 in addition to WPA3"),
        (SAE_OPTIONAL, "without requiring"),
        (OWE_PAIR, "open half"),
    ],
)
@pytest.mark.raises_alert("transition-mode")
def test_a_weaker_way_beside_the_strong_one(security: bytes, words: str) -> None:
    capability = 0x01 if security == OWE_PAIR else None
    [alert] = Hearing(TransitionMode).hear(beacon(security=security, capability=capability))
    assert (alert.rule, alert.severity, alert.ssid) == ("transition-mode", "weakness", b"harbour")
    assert words in alert.text


@pytest.mark.parametrize("security", [b"", RSN, SAE, WPA])
@pytest.mark.spares("transition-mode")
def test_one_way_alone(security: bytes) -> None:
    assert not Hearing(TransitionMode).hear(beacon(security=security))


@pytest.mark.raises_alert("split-protection")
def test_one_name_with_two_protections() -> None:
    hearing = Hearing(SplitProtection)
    assert not hearing.hear(beacon(security=SAE))
    [alert] = hearing.hear(beacon(bssid=OTHER, security=RSN))
    assert (alert.severity, alert.bssid, alert.ssid) == ("weakness", OTHER, b"harbour")


@pytest.mark.spares("split-protection")
def test_alike_or_under_other_names_they_are_in_order() -> None:
    hearing = Hearing(SplitProtection)
    hearing.hear(beacon(security=SAE), beacon(bssid=OTHER, security=SAE), beacon(bssid=OTHER, security=BOTH))
    hearing.hear(beacon(bssid=OTHER[:5] + b"\1", security=RSN, name=b"elsewhere"))
    assert not hearing.alerts


def test_what_is_kept_is_bounded() -> None:
    hearing = Hearing(SplitProtection)
    for n in range(300):
        hearing.hear(beacon(bssid=OTHER[:4] + n.to_bytes(2, "big"), name=b"net%d" % n, security=SAE))
    [rule] = hearing.engine.detections
    assert isinstance(rule, SplitProtection)
    assert len(rule._heard) <= _NAMES

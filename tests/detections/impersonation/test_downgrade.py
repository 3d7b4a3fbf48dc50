from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.impersonation.passing import (
    OWE,
    OWE_TRANSITION,
    OWN,
    PMF,
    STRANGER,
    TKIP,
    TRANSITION,
    beacons,
    elements,
)
from tests.detections.protocol.test_proof import with_fcs
from tests.survey.air import ESS, RSN, SAE, beacon, response

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.impersonation.downgrade import (
    AdhocConflict,
    AdhocSettings,
    DowngradeSettings,
    SecurityDowngrade,
)
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration, Ssid

FALLS = [
    (RSN, b"", "WPA2-Personal became open"),
    (SAE, RSN, "WPA3-Personal became WPA2-Personal"),
    (SAE, TRANSITION, "WPA3-Personal became WPA2/WPA3-Personal"),
    (TRANSITION, PMF, "WPA2/WPA3-Personal became WPA2-Personal"),
    (PMF, RSN, "protection of management frames went from optional to none"),
    (RSN, TKIP, "cipher CCMP-128 became TKIP"),
    (OWE, b"", "OWE became open"),
]


@pytest.mark.parametrize(("before", "after", "words"), FALLS)
@pytest.mark.raises_alert("security-downgrade")
def test_a_change_that_lasts_is_a_notice(before: bytes, after: bytes, words: str) -> None:
    hearing = Hearing(SecurityDowngrade)
    hearing.hear(*beacons(60, bssid=OWN, security=before), *beacons(90, 1007.0, bssid=OWN, security=after))
    assert hearing.alerts == []
    hearing.hear(*beacons(60, 1016.3, bssid=OWN, security=after))
    (alert,) = hearing.alerts
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")
    assert words in alert.text


@pytest.mark.parametrize(("before", "after", "words"), FALLS)
def test_to_and_fro_is_two_transmitters(before: bytes, after: bytes, words: str) -> None:
    hearing = Hearing(SecurityDowngrade)
    hearing.hear(*beacons(20, bssid=OWN, security=before))
    for turn in range(3):
        assert hearing.alerts == []
        hearing.hear(beacon(bssid=OWN, security=after, time=1003.0 + turn))
        hearing.hear(beacon(bssid=OWN, security=before, time=1003.1 + turn))
    (alert,) = hearing.alerts
    assert alert.confidence == "high"
    assert alert.severity is (Severity.CRITICAL if not after else Severity.WARNING)
    assert words in alert.text


def test_damage_that_the_capture_does_not_show_is_different_each_time() -> None:
    hearing = Hearing(SecurityDowngrade)
    hearing.hear(*beacons(20, bssid=OWN, security=SAE))
    for turn in range(8):
        damaged = elements(b"harbour", RSN, bytes((221, 5, 0, 0x50, 0xF2, 9, 1 << turn)))
        hearing.hear(
            beacon(damaged, bssid=OWN, time=1003.0 + turn), beacon(bssid=OWN, security=SAE, time=1003.1 + turn)
        )
    assert hearing.alerts == []
    for turn in range(3):
        with_check = with_fcs(beacon(damaged, bssid=OWN, time=1013.0 + turn))
        hearing.hear(with_check, beacon(bssid=OWN, security=SAE, time=1013.1 + turn))
    assert [alert.severity for alert in hearing.alerts] == [Severity.WARNING]


@pytest.mark.parametrize(("after", "before", "words"), FALLS)
@pytest.mark.spares("security-downgrade")
def test_more_protection_is_welcome(before: bytes, after: bytes, words: str) -> None:
    hearing = Hearing(SecurityDowngrade)
    hearing.hear(*beacons(60, bssid=OWN, security=before), *beacons(200, 1007.0, bssid=OWN, security=after))
    assert hearing.alerts == []


def test_flips_too_far_apart_do_not_add_up() -> None:
    hearing = Hearing(SecurityDowngrade)
    for turn in range(4):
        hearing.hear(*beacons(20, 1000.0 + 70 * turn, bssid=OWN))
        hearing.hear(beacon(bssid=OWN, security=b"", time=1003.0 + 70 * turn))
    assert hearing.alerts == []


def test_one_odd_beacon_frames_cut_short_and_half_told_security_raise_nothing() -> None:
    hearing = Hearing(SecurityDowngrade)
    hearing.hear(*beacons(20, bssid=OWN), beacon(bssid=OWN, security=b"", time=1003.0))
    hearing.hear(*beacons(20, 1004.0, bssid=OWN))
    hearing.hear(*beacons(150, 1007.0, bssid=OWN, elements=elements(b"harbour"), capability=0x11, cut=True))
    broken = elements(b"harbour", b"\x30\xff\x01\x00")
    hearing.hear(*beacons(150, 1030.0, bssid=OWN, elements=broken, capability=0x11))
    assert [alert for alert in hearing.alerts if "open" in alert.text] == []
    assert hearing.alerts == []


def test_probe_responses_before_the_first_beacon_say_nothing() -> None:
    hearing = Hearing(SecurityDowngrade)
    for number in range(20):
        hearing.hear(response(elements(b"harbour", SAE), bssid=OWN, time=1000.0 + number / 10, seq=number))
    hearing.hear(*beacons(200, 1003.0, bssid=OWN, security=TRANSITION))
    assert hearing.alerts == []


def test_two_networks_on_one_address_are_not_compared() -> None:
    hearing = Hearing(SecurityDowngrade)
    for number in range(100):
        hearing.hear(beacon(bssid=OWN, time=1000.0 + number / 5, seq=number))
        hearing.hear(beacon(bssid=OWN, name=b"guest", security=b"", time=1000.1 + number / 5, seq=number))
    assert hearing.alerts == []


def test_open_and_the_open_half_of_owe_are_the_same() -> None:
    hearing = Hearing(SecurityDowngrade)
    hearing.hear(*beacons(50, bssid=OWN, security=OWE_TRANSITION, capability=ESS))
    hearing.hear(*beacons(200, 1010.0, bssid=OWN, security=b""))
    assert hearing.alerts == []


def test_a_guarded_network_matters_more() -> None:
    hearing = Hearing(SecurityDowngrade, guarded=(GuardedNetwork(Ssid(b"harbour")),))
    hearing.hear(*beacons(60, bssid=OWN), *beacons(200, 1007.0, bssid=OWN, security=b""))
    assert [alert.severity for alert in hearing.alerts] == [Severity.WARNING]


def test_access_points_of_a_guarded_name_are_compared_with_each_other() -> None:
    hearing = Hearing(SecurityDowngrade, guarded=(GuardedNetwork(Ssid(b"harbour")),))
    hearing.hear(*beacons(40, bssid=OWN, security=SAE), *beacons(40, 1007.0, bssid=STRANGER, security=RSN))
    (alert,) = hearing.alerts
    assert (alert.bssid, alert.severity, alert.confidence) == (STRANGER, Severity.NOTICE, "low")


def test_the_settings_move_the_thresholds() -> None:
    settings = DowngradeSettings(frames=2, lasting=Duration(0.0), flips=2)
    hearing = Hearing(SecurityDowngrade, security_downgrade=settings)
    hearing.hear(*beacons(10, bssid=OWN))
    hearing.hear(*beacons(12, 1002.0, bssid=OWN, security=b""))
    assert hearing.rules == ["security-downgrade"]


def flip(count: int, every: float = 1.0) -> Hearing:
    hearing = Hearing(AdhocConflict)
    for number in range(count + 1):
        hearing.hear(
            beacon(bssid=OWN, capability=0x11 if number % 2 else 0x12, time=1000.0 + number * every, seq=number)
        )
    return hearing


@pytest.mark.raises_alert("adhoc-conflict")
def test_a_bssid_between_ad_hoc_and_access_point_raises_at_the_third_change() -> None:
    assert flip(2).alerts == []
    assert flip(3).rules == ["adhoc-conflict"]
    assert flip(10, every=70.0).alerts == []


@pytest.mark.spares("adhoc-conflict")
def test_a_mesh_is_neither() -> None:
    hearing = Hearing(AdhocConflict)
    for number in range(10):
        hearing.hear(beacon(bssid=OWN, capability=0x11 if number % 2 else 0x10, time=1000.0 + number, seq=number))
    assert hearing.alerts == []


def test_an_ad_hoc_network_with_the_name_of_an_access_point() -> None:
    def raised(**more: Any) -> list[Severity]:
        hearing = Hearing(AdhocConflict, guarded=more.pop("guarded", ()))
        hearing.hear(*beacons(15, bssid=OWN))
        hearing.hear(*beacons(12, 1005.0, bssid=b"\x02\1\2\3\4\5", capability=0x12, **more))
        return [alert.severity for alert in hearing.alerts]

    assert raised() == [Severity.NOTICE]
    assert raised(name=b"printer") == []
    assert raised(guarded=(GuardedNetwork(Ssid(b"harbour")),)) == [Severity.WARNING]


def test_the_settings_of_adhoc_conflict_move_its_threshold() -> None:
    hearing = Hearing(AdhocConflict, adhoc_conflict=AdhocSettings(flips=1))
    hearing.hear(beacon(bssid=OWN), beacon(bssid=OWN, capability=0x12, time=1001.0))
    assert hearing.rules == ["adhoc-conflict"]


def test_one_beacon_with_more_protection_is_a_damaged_frame() -> None:
    hearing = Hearing(SecurityDowngrade)
    hearing.hear(*beacons(60, bssid=OWN, security=RSN), beacon(bssid=OWN, security=SAE, time=1007.0))
    hearing.hear(*beacons(200, 1007.1, bssid=OWN, security=RSN))
    assert hearing.alerts == []


@pytest.mark.parametrize(("times", "told"), [(3, False), (4, True)])
def test_more_protection_that_comes_and_goes_is_none(times: int, told: bool) -> None:
    hearing = Hearing(SecurityDowngrade)
    hearing.hear(*beacons(60, bssid=OWN, security=RSN))
    for turn in range(times):
        hearing.hear(beacon(bssid=OWN, security=SAE, time=1007.0 + turn))
        hearing.hear(*beacons(5, 1007.1 + turn, bssid=OWN, security=RSN))
    hearing.hear(*beacons(200, 1015.0, bssid=OWN, security=RSN))
    assert bool(hearing.alerts) == told


def test_two_transmitters_of_which_the_weaker_was_first_are_told() -> None:
    hearing = Hearing(SecurityDowngrade)
    hearing.hear(*beacons(60, bssid=OWN, security=RSN))
    for turn in range(6):
        hearing.hear(beacon(bssid=OWN, security=SAE, time=1007.0 + turn))
        hearing.hear(beacon(bssid=OWN, security=RSN, time=1007.1 + turn))
    assert hearing.alerts

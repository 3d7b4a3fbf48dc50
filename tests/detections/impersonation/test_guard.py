from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.impersonation.passing import OWN, PMF, STRANGER, TKIP, TRANSITION, beacons, elements
from tests.survey.air import RATES, RSN, SAE, beacon, element, response

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.impersonation.guard import GuardBreach, GuardSettings
from whimbrel.events.alerts import Severity
from whimbrel.settings import Mac, Ssid
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.security import Pmf, Protection

NAME = Ssid(b"harbour")


def guarding(network: GuardedNetwork | None = None, settings: GuardSettings | None = None) -> Hearing:
    network = network or GuardedNetwork(
        NAME,
        (Mac(OWN),),
        (Channel(2437), Channel(5180)),
        (Protection.WPA2_PERSONAL, Protection.parse("WPA2/WPA3-Personal")),
        Pmf.OPTIONAL,
    )
    return Hearing(GuardBreach, guarded=(network,), guard_breach=settings or GuardSettings())


@pytest.mark.spares("guard-breach")
def test_what_the_entry_allows_raises_nothing() -> None:
    hearing = guarding()
    hearing.hear(*beacons(30, bssid=OWN, security=PMF), *beacons(30, 1004.0, bssid=OWN, security=TRANSITION))
    hearing.hear(*beacons(30, 1008.0, bssid=STRANGER, security=b"", channel=11))
    hearing.hear(*beacons(30, 1012.0, bssid=STRANGER, name=b"another", security=b""))
    assert hearing.alerts == []


@pytest.mark.parametrize(
    ("said", "severity", "word"),
    [
        ({"security": b""}, Severity.CRITICAL, "security open (allowed: WPA2-Personal, WPA2/WPA3-Personal)"),
        ({"security": b"", "capability": 0x11}, Severity.CRITICAL, "security WEP"),
        ({"security": RSN}, Severity.WARNING, "protection of management frames: none (at least: optional)"),
        ({"security": SAE}, Severity.NOTICE, "security WPA3-Personal"),
        ({"security": PMF, "channel": 11}, Severity.NOTICE, "channel 11 (allowed: 6, 36)"),
    ],
)
@pytest.mark.raises_alert("guard-breach")
def test_what_it_does_not_allow_raises_at_the_fifth_beacon(said: dict[str, Any], severity: Severity, word: str) -> None:
    hearing = guarding()
    assert hearing.hear(*beacons(4, bssid=OWN, **said)) == []
    (alert,) = hearing.hear(*beacons(1, 1001.0, bssid=OWN, **said))
    assert alert.severity is severity
    assert word in alert.text


def test_frames_that_tell_no_channel_and_frames_cut_short_are_no_breach() -> None:
    hearing = guarding()
    silent = element(0, NAME) + RATES + PMF
    hearing.hear(*beacons(10, bssid=OWN, elements=silent, freq=2462))
    hearing.hear(*beacons(10, 1002.0, bssid=OWN, elements=elements(NAME), capability=0x11, cut=True))
    assert hearing.alerts == []


def test_an_imitator_between_the_real_beacons_is_counted() -> None:
    hearing = guarding()
    for number in range(5):
        hearing.hear(beacon(bssid=OWN, security=PMF, time=1000 + number, seq=number))
        hearing.hear(beacon(bssid=OWN, security=b"", time=1000.05 + number, seq=2000 + number))
    assert [alert.severity for alert in hearing.alerts] == [Severity.CRITICAL]


def test_beacons_too_far_apart_do_not_add_up() -> None:
    hearing = guarding()
    for number in range(8):
        hearing.hear(beacon(bssid=OWN, security=PMF, time=1000.0 + 400 * number))
        hearing.hear(beacon(bssid=OWN, security=b"", time=1000.1 + 400 * number))
    assert hearing.alerts == []


def test_probe_responses_count_too() -> None:
    hearing = guarding()
    hearing.hear(*beacons(3, bssid=OWN, security=PMF))
    for number in range(5):
        assert hearing.alerts == []
        bare = elements(NAME)
        hearing.hear(response(bare, bssid=OWN, seq=number, time=1001.0 + number, capability=1))
    assert [alert.severity for alert in hearing.alerts] == [Severity.CRITICAL]


def test_without_addresses_every_access_point_of_the_name_is_looked_at() -> None:
    hearing = guarding(GuardedNetwork(NAME, security=(Protection.WPA2_PERSONAL,)))
    hearing.hear(*beacons(9, bssid=OWN), *beacons(9, 1002.0, bssid=STRANGER, security=b""))
    assert [alert.bssid for alert in hearing.alerts] == [STRANGER]


def test_weaker_security_that_is_not_open_is_a_warning() -> None:
    wpa = bytes.fromhex("dd160050f20101000050f20201000050f20201000050f202")
    hearing = guarding(GuardedNetwork(NAME, (Mac(OWN),), security=(Protection.WPA2_PERSONAL,)))
    hearing.hear(*beacons(9, bssid=OWN, security=wpa))
    assert [alert.severity for alert in hearing.alerts] == [Severity.WARNING]


def test_the_settings_move_the_threshold() -> None:
    hearing = guarding(settings=GuardSettings(frames=2))
    hearing.hear(beacon(bssid=OWN, security=b""))
    assert len(hearing.hear(beacon(bssid=OWN, security=b"", time=1000.1))) == 1


def test_the_cipher_is_no_concern_of_the_entry() -> None:
    hearing = guarding(GuardedNetwork(NAME, (Mac(OWN),), security=(Protection.WPA2_PERSONAL,)))
    hearing.hear(*beacons(9, bssid=OWN, security=TKIP))
    assert hearing.alerts == []

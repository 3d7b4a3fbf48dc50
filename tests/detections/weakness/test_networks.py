"""Which networks count as weak, and which do not."""

from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RATES, RSN, SAE, WPS, beacon, ds, element, response

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.weakness.names import DETECTIONS as NAMES
from whimbrel.detections.weakness.names import from_factory
from whimbrel.detections.weakness.networks import DETECTIONS as NETWORKS
from whimbrel.events.alerts import Severity
from whimbrel.settings import Ssid

TKIP = bytes.fromhex("30140100000fac020100000fac020100000fac020000")
MIXED = bytes.fromhex("30180100000fac020200000fac04000fac020100000fac020000")
PMF_OPTIONAL = bytes.fromhex("30140100000fac040100000fac040100000fac028000")
OWE_TRANSITION = bytes.fromhex("dd13506f9a1c001122334466") + b"\x08harbour2"
WPS_LOCKED = bytes.fromhex("dd130050f204104a00011010440001021057000101")
WPS_BUTTON = bytes.fromhex("dd140050f204104a0001101044000102100800020080")
WPS_NEW = bytes.fromhex("dd0e0050f204104a0001101044000101")


def found(*security: bytes, capability: int | None = None) -> list[str]:
    hearing = Hearing(*NETWORKS)
    elements = element(0, b"harbour") + RATES + ds(6) + b"".join(security)
    hearing.hear(beacon(elements, capability=0x11 if capability is None else capability))
    return hearing.rules


@pytest.mark.parametrize(
    ("rules", "security", "capability"),
    [
        (["open-network"], (), 0x01),
        ([], (OWE_TRANSITION,), 0x01),
        (["wep-network"], (), 0x11),
        (["tkip-network", "pmf-missing"], (TKIP,), 0x11),
        (["tkip-network", "pmf-missing"], (MIXED,), 0x11),
        (["pmf-missing"], (RSN,), 0x11),
        ([], (PMF_OPTIONAL,), 0x11),
        ([], (SAE,), 0x11),
        (["wps-network"], (SAE, WPS), 0x11),
        ([], (SAE, WPS_LOCKED), 0x11),
        ([], (SAE, WPS_BUTTON), 0x11),
        ([], (SAE, WPS_NEW), 0x11),
        ([], (), 0x02),  # made by stations among themselves
    ],
)
def test_what_is_weak(rules: list[str], security: tuple[bytes, ...], capability: int) -> None:
    assert found(*security, capability=capability) == rules


@pytest.mark.raises_alert("open-network", "wep-network", "tkip-network", "wps-network", "pmf-missing")
def test_each_weakness_is_called_by_its_name() -> None:
    assert found(capability=0x01) == ["open-network"]
    assert found(capability=0x11) == ["wep-network"]
    assert found(TKIP, WPS) == ["tkip-network", "wps-network", "pmf-missing"]


@pytest.mark.spares("open-network", "wep-network", "tkip-network", "wps-network", "pmf-missing")
def test_a_strong_network_is_none() -> None:
    assert found(SAE) == []


@pytest.mark.spares("default-name")
def test_a_name_that_somebody_has_given_is_none() -> None:
    hearing = Hearing(*NAMES)
    hearing.hear(beacon(name=b"harbour"))
    assert hearing.rules == []


def test_a_network_of_many_access_points_is_told_once_and_stays_silent() -> None:
    hearing = Hearing(*NETWORKS)
    hearing.hear(*(beacon(bssid=AP[:5] + bytes((n,)), time=1000 + n) for n in range(0, 40, 4)))
    hearing.hear(beacon(channel=11, time=1100), response(time=1101))
    assert hearing.rules == ["pmf-missing"]
    assert hearing.alerts[0].severity is Severity.WEAKNESS
    assert hearing.alerts[0].text == '"harbour" (00:11:22:33:44:00) does not protect management frames (PMF)'


def test_one_of_the_users_own_is_a_notice() -> None:
    hearing = Hearing(*NETWORKS, guarded=[GuardedNetwork(ssid=Ssid(b"harbour"))])
    (alert,) = hearing.hear(beacon())
    assert alert.severity is Severity.NOTICE


def test_a_beacon_that_was_cut_short_says_nothing_of_what_it_lacks() -> None:
    hearing = Hearing(*NETWORKS)
    hearing.hear(beacon(element(0, b"harbour") + RATES, capability=0x11, cut=True))
    assert hearing.rules == []


@pytest.mark.parametrize(
    "name",
    [b"linksys", b"NETGEAR42", b"TP-LINK_A1B2", b"TP-LINK_A1B2_5G", b"FRITZ!Box 7590", b"Vodafone-A1B2", b"SKY1A2B3",
     b"dlink", b"MOVISTAR_0A1B"],
)  # fmt: skip
@pytest.mark.raises_alert("default-name")
def test_names_from_the_factory(name: bytes) -> None:
    assert from_factory(name)
    hearing = Hearing(*NAMES)
    hearing.hear(beacon(name=name))
    assert hearing.rules == ["default-name"]


@pytest.mark.parametrize(
    "name", [b"harbour", b"home", b"skynet", b"linksys is mine", b"TP-LINK", b"", b"\xff" * 8, b"FRITZ!Box of Ann"]
)
def test_names_that_somebody_has_given(name: bytes) -> None:
    assert not from_factory(name)


def test_an_open_network_may_be_called_what_it_likes() -> None:
    hearing = Hearing(*NAMES)
    hearing.hear(beacon(name=b"linksys", security=b""))
    assert hearing.rules == []


def test_a_change_in_one_beacon_that_may_be_damaged_is_none() -> None:
    hearing = Hearing(*NETWORKS)
    hearing.hear(*(beacon(security=SAE, time=1000.0 + number / 10) for number in range(20)))
    hearing.hear(beacon(security=b"", capability=0x11, time=1002.0))
    hearing.hear(*(beacon(security=SAE, time=1002.1 + number / 10) for number in range(50)))
    assert hearing.rules == []


def test_a_change_that_was_taken_back_begins_to_last_anew() -> None:
    hearing = Hearing(*NETWORKS)
    wep: dict[str, Any] = {"security": b"", "capability": 0x11}
    hearing.hear(*(beacon(security=SAE, time=1000.0 + number / 10) for number in range(20)))
    hearing.hear(beacon(**wep, time=1002.0), beacon(security=SAE, time=1002.1), beacon(**wep, time=1002.2))
    hearing.hear(beacon(**wep, time=1003.3))
    assert hearing.rules == []
    hearing.hear(beacon(**wep, time=1003.4), beacon(**wep, time=1004.5))
    assert hearing.rules == ["wep-network"]


def test_a_change_that_lasts_is_told() -> None:
    hearing = Hearing(*NETWORKS)
    hearing.hear(*(beacon(security=SAE, time=1000.0 + number / 10) for number in range(20)))
    hearing.hear(*(beacon(security=b"", capability=0x11, time=1002.0 + number / 10) for number in range(50)))
    assert hearing.rules == ["wep-network"]
    assert hearing.alerts[0].frames == 1


def test_what_answers_to_every_name_offers_no_networks() -> None:
    air = Hearing(*(cls for cls in NETWORKS if cls.rule == "open-network"))
    for n in range(400):
        # Each name lasts, so none counts as a damaged frame.
        air.hear(beacon(name=b"Guest %d" % (n // 40), security=b"", time=1000 + n / 10))
    assert [alert.ssid for alert in air.alerts] == [b"Guest 0", b"Guest 1"]

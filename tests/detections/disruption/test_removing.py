from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RATES, RSN, beacon, ds, element, tim
from tests.wifi.test_multi_link import LINK_1, MLD, as_elements, basic, reconfiguration

from whimbrel.detections.disruption.removing import LinkRemoval
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

NEIGHBOUR = element(201, bytes((0, 16, 115, 36)) + b"\xff" + LINK_1 + bytes((0, 0, 0, 0, 0, 0, 0, 1, 0)))
"""The reduced neighbour report of `AP`, which lists link 1 at channel 36."""


def link(
    number: int, at: float, *removals: tuple[int, int], bssid: bytes = AP, mld: bytes = MLD, channel: int = 6,
    **more: Any,
) -> Frame:  # fmt: skip
    elements = element(0, b"harbour") + RATES + ds(channel) + tim() + RSN + (NEIGHBOUR if bssid == AP else b"")
    elements += as_elements(basic(number, mld=mld))
    if removals:
        elements += as_elements(reconfiguration(*removals))
    return beacon(elements, bssid=bssid, time=1000.0 + at, tsf=int(at * 1e6) + 1, **more)


def other(at: float, **more: Any) -> Frame:
    return link(1, at, bssid=LINK_1, channel=36, **more)


@pytest.mark.raises_alert("link-removal")
def test_a_forged_removal_among_the_beacons_of_the_access_point() -> None:
    hearing = Hearing(LinkRemoval)
    hearing.hear(link(0, 0), other(0.05))
    for n in range(3):
        assert hearing.alerts == []
        hearing.hear(link(0, n + 1, (1, 500)), link(0, n + 1.1), link(0, n + 1.2))
    [alert] = hearing.alerts
    assert (alert.severity, alert.bssid, alert.count) == (Severity.WARNING, AP, 3)
    assert "link 1 of its device" in alert.text


def test_a_link_that_stays_is_a_notice() -> None:
    hearing = Hearing(LinkRemoval)
    hearing.hear(link(0, 0), other(0.05))
    for n in range(50):
        hearing.hear(link(0, 1 + n / 10, (1, 50 - n)), other(1.05 + n / 10))
    for n in range(60, 300):
        hearing.hear(link(0, n / 10), other(n / 10 + 0.05))
    [alert] = hearing.alerts
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")


@pytest.mark.spares("link-removal")
def test_a_removal_that_is_carried_out() -> None:
    hearing = Hearing(LinkRemoval)
    hearing.hear(link(0, 0), other(0.05))
    for n in range(50):
        hearing.hear(link(0, 1 + n / 10, (1, 50 - n)), other(1.05 + n / 10))
    for n in range(60, 900):
        hearing.hear(link(0, n / 10))
    assert hearing.alerts == []


def test_the_address_of_another_device_with_that_number_is_not_the_link() -> None:
    hearing = Hearing(LinkRemoval)
    stranger = bytes.fromhex("f4f26d000001")
    for n in range(50):
        hearing.hear(link(0, 1 + n / 10, (1, 50 - n)), link(1, 1.05 + n / 10, bssid=stranger))
    for n in range(60, 300):
        hearing.hear(link(0, n / 10), link(1, n / 10 + 0.05, bssid=stranger))
    assert hearing.alerts == []


def test_announced_once_it_may_be_damage() -> None:
    hearing = Hearing(LinkRemoval)
    hearing.hear(link(0, 0), other(0.05), link(0, 1, (1, 500)))
    for n in range(2, 300):
        hearing.hear(link(0, n), other(n + 0.05))
    assert hearing.alerts == []

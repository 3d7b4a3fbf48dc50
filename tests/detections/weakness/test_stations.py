"""Stations that join without the protection that their network offers."""

from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RATES, RSN, STA, beacon, element, frame

from whimbrel.detections.weakness.stations import ClientWithoutPmf
from whimbrel.wifi import kinds
from whimbrel.wifi.frames import Frame

OPTIONAL = bytes.fromhex("30140100000fac040100000fac040100000fac028000")


def joining(security: bytes, kind: int = kinds.ASSOC_REQ) -> Frame:
    fixed = b"\x11\0\x0a\0" + (AP if kind == kinds.REASSOC_REQ else b"")
    return frame(kind, AP, STA, AP, fixed + element(0, b"harbour") + RATES + security)


def rules(network: bytes, *frames: Frame) -> list[str]:
    hearing = Hearing(ClientWithoutPmf)
    hearing.hear(beacon(security=network), *frames)
    return hearing.rules


@pytest.mark.raises_alert("client-without-pmf")
def test_one_that_could_be_protected_and_is_not() -> None:
    assert rules(OPTIONAL, joining(RSN), joining(RSN)) == ["client-without-pmf"]
    assert rules(OPTIONAL, joining(RSN, kinds.REASSOC_REQ)) == ["client-without-pmf"]


@pytest.mark.spares("client-without-pmf")
def test_one_that_is_protected() -> None:
    assert rules(OPTIONAL, joining(OPTIONAL)) == []


def test_where_the_network_offers_nothing() -> None:
    assert rules(RSN, joining(RSN)) == []
    assert rules(OPTIONAL, joining(b"")) == []


def test_of_an_access_point_that_is_not_known_nothing_is_said() -> None:
    hearing = Hearing(ClientWithoutPmf)
    hearing.hear(joining(RSN))
    assert hearing.rules == []

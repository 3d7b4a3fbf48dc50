"""The rules of this family in the simulated air: alerts for incidents, and none without."""

from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.drivers.sim.scenes import one, play

from whimbrel.detections.protocol import (
    fragments,
    handshake_harvest,
    key_reinstallation,
    malformed,
    nonces,
    plaintext,
    pmkid_harvest,
    wps,
)

ALL = (
    *key_reinstallation.DETECTIONS,
    *nonces.DETECTIONS,
    *plaintext.DETECTIONS,
    *fragments.DETECTIONS,
    *pmkid_harvest.DETECTIONS,
    *handshake_harvest.DETECTIONS,
    *wps.DETECTIONS,
    *malformed.DETECTIONS,
)


def rules(incident: str = "", security: str = "wpa2-psk", seconds: float = 40) -> set[str]:
    """Return the alerts while a station joins, works and stays, and the incident happens."""
    more = f"incidents: [{{{incident}}}]" if incident else ""
    hearing = Hearing(*ALL)
    hearing.hear(*play(one(security, station="habit: browse", more=more), seconds))
    hearing.end()
    return set(hearing.rules)


@pytest.mark.parametrize("security", ["open", "wep", "wpa2-psk", "wpa2-wpa3", "wpa3-sae", "wpa2-enterprise", "owe"])
def test_a_station_that_works_is_nothing_to_tell_of(security: str) -> None:
    assert not rules(security=security)


def test_pmkids_are_collected() -> None:
    assert rules("kind: pmkid-harvest, at: 5s, lasts: 20s, rate: 1, target: net") == {"pmkid-harvest"}


def test_handshakes_are_collected() -> None:
    flood = "kind: deauthentication, at: 10s, lasts: 4s, rate: 30, target: net"
    assert rules(flood) == {"handshake-harvest"}


def test_malformed_frames_are_told() -> None:
    assert rules("kind: malformed, at: 5s, lasts: 10s, rate: 10, channel: 6") == {"malformed"}


def test_a_flood_of_authentications_is_none_of_these() -> None:
    flood = "kind: authentication-flood, at: 5s, lasts: 10s, rate: 100, count: 300, target: net"
    assert not rules(flood)

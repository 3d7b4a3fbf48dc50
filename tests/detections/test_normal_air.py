"""Every rule together, in simulated air where nothing is wrong: no alert above notice, however it is heard."""

from __future__ import annotations

import pytest
from tools.soak import Soak

from whimbrel.drivers.sim import library
from whimbrel.events.alerts import Severity

CITY = """
radios:
  - {name: own, channel: 6, position: [1, 0], networks: [{ssid: pocket, security: wpa2-wpa3}], generation: he}
  - {name: shop, channel: 11, position: [9, 4], networks: [{ssid: shop, security: open}]}
  - {name: office, band: 5, channel: 36, generation: vht, position: [9, -4], networks: [{ssid: office}]}
stations:
  - {name: laptop, network: pocket, generation: he, position: [1, 1], habit: browse}
happenings:
  - {kind: passing, at: 1s, rate: 60, lasts: 40s}
  - {kind: passing, at: 1s, rate: 25, lasts: 30s, band: 5}
  - {kind: passing, at: 100s, rate: 300, lasts: 20s, channel: 11}
"""
"""A walk: an access point each second, and then a train with a hotspot in every pocket."""


def check(soak: Soak) -> None:
    """No false alarm, and nothing that failed; there was something to hear."""
    assert [f"{alert.first:.1f} {alert.rule}: {alert.text}" for alert in soak.above_notice()] == []
    assert soak.failures == []
    assert soak.frames > 1000


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("scene", "minutes"), [("home", 5), ("cafe", 3), ("day", 6), ("campus", 5)])
def test_a_normal_day_raises_no_alarm_while_the_radio_hops(scene: str, minutes: float, seed: int) -> None:
    soak = Soak(scene, seed, guarded=True, volume=0.05)
    soak.learn_at = 60.0
    soak.run(minutes * 60)
    check(soak)
    assert len(soak.notices()) <= 3


@pytest.mark.parametrize("scene", ["home", "cafe", "day", "campus"])
def test_a_normal_day_raises_no_alarm_where_every_channel_is_heard_at_once(scene: str) -> None:
    soak = Soak(scene, 4, hop=False, volume=0.05)
    soak.run(100)
    check(soak)


@pytest.mark.parametrize("timeless", [False, True])
@pytest.mark.parametrize(("scene", "seed"), [("home", 1), ("cafe", 2), ("day", 3)])
def test_a_normal_day_raises_no_alarm_by_scanning(scene: str, seed: int, timeless: bool) -> None:
    soak = Soak(scene, seed, guarded=True, volume=0.02)
    soak.learn_at = 60.0
    soak.scan(600, timeless=timeless)
    assert [f"{alert.first:.1f} {alert.rule}: {alert.text}" for alert in soak.above_notice()] == []
    assert soak.failures == []
    assert soak.frames > 100


def test_a_walk_into_a_city_raises_no_alarm_by_scanning() -> None:
    soak = Soak(library.parse(CITY, "city.yaml"), 3, volume=0.02)
    soak.scan(300, timeless=True)
    assert [f"{alert.first:.1f} {alert.rule}: {alert.text}" for alert in soak.above_notice()] == []
    assert soak.failures == []


@pytest.mark.parametrize("ear", ["short", "bare", "unmarked", "lossy"])
def test_a_poor_receiver_raises_no_alarm(ear: str) -> None:
    soak = Soak("home" if ear == "bare" else "day", 5, hop=False, ear=ear, volume=0.05)
    soak.run(80)
    check(soak)


def test_three_radios_in_one_capture_raise_no_alarm() -> None:
    soak = Soak("home", 6, volume=0.05)
    soak.hear_three(60)
    check(soak)


def test_beginning_in_the_middle_of_it_raises_no_alarm() -> None:
    soak = Soak("day", 7, volume=0.05)
    soak.skip(120)
    soak.run(100)
    check(soak)


def test_deafness_and_a_clock_that_is_set_raise_no_alarm() -> None:
    soak = Soak("home", 8, hop=False, guarded=True, volume=0.05)
    soak.learn_at = 30.0
    soak.run(40)
    soak.skip(600)
    soak.run(30)
    soak.set_clock(40_000_000.0)
    soak.run(30)
    soak.set_clock(-3600.5)
    soak.run(30)
    check(soak)


@pytest.mark.parametrize("hop", [True, False])
def test_a_walk_through_a_city_raises_no_alarm(hop: bool) -> None:
    soak = Soak(library.parse(CITY, "city.yaml"), 9, hop=hop)
    soak.run(130)
    check(soak)
    if not hop:
        assert len(soak.detections.survey.access_points.table.entries) > 120


def test_a_guarded_network_is_one_that_was_learned() -> None:
    soak = Soak("home", 1, hop=False, guarded=True, volume=0)
    soak.learn_at = 20.0
    soak.run(22)
    guarded = soak.detections.air.guard.by_ssid
    assert set(guarded) == {b"Fernweh", b"Fernweh Guests", b"Fernweh Things"}
    assert len(guarded[b"Fernweh"].bssids) >= 3


def test_an_attack_is_told_in_the_same_way() -> None:
    soak = Soak("attack", 1, volume=0)
    soak.run(75)
    assert "deauth-flood" in {alert.rule for alert in soak.above_notice()}
    assert all(alert.severity.rank > Severity.NOTICE.rank for alert in soak.above_notice())

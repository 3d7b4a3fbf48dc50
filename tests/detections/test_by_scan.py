"""The rules, and what a scan brings."""

from __future__ import annotations

import struct

import pytest
from tests.drivers.scan.test_frames import bss
from tools.soak import Soak

from whimbrel.detections.base import Detection
from whimbrel.detections.options import RuleSettings
from whimbrel.detections.registry import all_detections
from whimbrel.drivers.scan.frames import News
from whimbrel.events.alerts import Severity
from whimbrel.survey.survey import Survey
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.kinds import BEACON, DEAUTH
from whimbrel.wifi.linktypes import RADIOTAP, parser_for

RULES = {cls.rule: cls for cls in all_detections()}


class OfBeacons(Detection[RuleSettings]):
    kinds = frozenset({BEACON, DEAUTH})


class OfOthers(Detection[RuleSettings]):
    kinds = frozenset({DEAUTH})


class OfTime(OfOthers):
    by_scan = True


def test_a_rule_needs_monitor_mode_unless_it_asks_for_beacons() -> None:
    assert [cls.needs_monitor_mode() for cls in (OfBeacons, OfOthers, OfTime)] == [False, True, False]


@pytest.mark.parametrize(
    ("rule", "needs"),
    [
        *((rule, False) for rule in ("guard-breach", "evil-twin", "lookalike-ssid", "security-downgrade")),
        *(
            (rule, False)
            for rule in ("two-clocks", "beacon-flood", "drone", "watched-device", "open-network", "country-change")
        ),
        *((rule, True) for rule in ("deauth-flood", "follower", "two-counters", "two-levels", "pmkid-harvest")),
    ],
)
def test_what_a_scan_can_meet(rule: str, needs: bool) -> None:
    assert RULES[rule].needs_monitor_mode() is needs


def record(octets: bytes, at: float) -> CaptureRecord:
    return at, octets, len(octets)


@pytest.mark.parametrize("tsf", [0, 90_000_000_000])
def test_the_time_since_the_start_of_an_access_point_is_told_if_known(tsf: int) -> None:
    survey = Survey()
    ((at, octets),) = News(0.0).take([bss(5.0, beacon_tsf=tsf)])
    survey.observe(parser_for(RADIOTAP)(record(octets, at)))
    (row,) = survey.access_point_rows()
    assert row.uptime == (90_000 if tsf else None)
    assert row.last_seq is None


def test_many_newcomers_without_numbers_and_clocks_are_no_flood() -> None:
    """Sixty neighbours of as many makers, all new, each with a number of 0 and a timestamp of 0."""
    soak = Soak("home", 1)
    news = News(0.0)
    for scan in range(1, 40):
        table = [
            bss(4.0 * scan, b"\0\6" + b"net%03d" % n + b"\1\4\x82\x84\x8b\x96\3\1\1\5\4\0\1\0\0", 0,
                bssid=struct.pack(">BBBBH", 2, 4 * n, 7 * n % 251, 11 * n % 241, 65_521 // n))
            for n in range(1, 61)
        ]  # fmt: skip
        for at, octets in news.take(table):
            soak.hear(record(octets, 1.7e9 + at), 0)
    assert soak.failures == []
    assert [alert.rule for alert in soak.alerts if alert.severity.rank >= Severity.NOTICE.rank] == []
    assert len(soak.detections.survey.access_point_rows()) == 60


def test_an_attack_is_noticed_by_its_beacons() -> None:
    soak = Soak("attack", 5, guarded=True, volume=0.02)
    soak.learn_at = 60.0
    soak.scan(600)
    found = {alert.rule for alert in soak.alerts if alert.severity is Severity.CRITICAL}
    assert {"evil-twin", "beacon-flood"} <= found


@pytest.mark.parametrize("freq", [2412, 2437])
def test_two_clocks_under_one_address_are_noticed(freq: int) -> None:
    """A clone on the same channel is heard in every other scan, one on another channel in each."""
    soak = Soak("home", 1)
    news = News(0.0)
    elements = b"\0\4home\1\4\x82\x84\x8b\x96\3\1\1\5\4\0\1\0\0"
    for scan in range(1, 60):
        at = 5.0 * scan
        clocks = [(2412, 90_000_000_000), (freq, 7_000_000_000)]
        heard = clocks if freq != 2412 else [clocks[scan % 2]]
        table = [bss(at + n / 10, elements, tsf + int(at * 1e6), freq=on) for n, (on, tsf) in enumerate(heard)]
        for heard_at, octets in news.take(table):
            soak.hear(record(octets, 1.7e9 + heard_at), 0)
    assert "two-clocks" in {alert.rule for alert in soak.alerts}

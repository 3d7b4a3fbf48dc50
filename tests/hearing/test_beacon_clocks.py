from __future__ import annotations

import pytest
from tests.hearing.frames import ACCESS_POINTS, FLAGGED, beacon, deauthentication, radiotap, record

from whimbrel.hearing.beacon_clocks import clock_was_set
from whimbrel.wifi.capture_record import CaptureRecord

NOW = 1_700_000_000.0
HOURS = 5 * 3600.0
APART = 0.1024
"""Seconds from one beacon to the next."""


def beacons(first: float, access_points: int = 1, *, damaged: bool = False, count: int = 5) -> list[CaptureRecord]:
    """Return beacons from the second `first` on of the clocks of access points."""
    sent = []
    for number in range(round(first / APART), round(first / APART) + count):
        for bssid in ACCESS_POINTS[:access_points]:
            raw = beacon(bssid, number=number) + (b"\0\0\0\0" if damaged else b"")
            sent.append(record(radiotap(raw, FLAGGED if damaged else 0), NOW))
    return sent


@pytest.mark.parametrize(("went", "was_set"), [(0.2, True), (50.0, True), (70.0, False), (HOURS, False), (-9.0, False)])
def test_the_clock_was_set_if_that_of_an_access_point_went_on_at_once(went: float, was_set: bool) -> None:
    assert clock_was_set(127, beacons(100.0), beacons(100.5 + went), HOURS) is was_set


def test_most_access_points_decide() -> None:
    before = beacons(100.0, 3)
    at_once, later = beacons(101.0, 1), beacons(100.0 + HOURS, 3)
    assert not clock_was_set(127, before, [*at_once, *[one for one in later if ACCESS_POINTS[0] not in one[1]]], HOURS)
    assert clock_was_set(127, before, beacons(101.0, 2), HOURS)


def test_the_first_beacon_afterwards_and_the_last_before_count() -> None:
    assert clock_was_set(127, beacons(0.0, count=2000), beacons(206.0, count=2000), HOURS)


def test_neither_damaged_beacons_nor_other_frames_nor_unknown_access_points_tell() -> None:
    assert not clock_was_set(127, beacons(100.0, damaged=True), beacons(101.0, damaged=True), HOURS)
    gone = [record(radiotap(deauthentication(ACCESS_POINTS[0]), 0), NOW)] * 3
    assert not clock_was_set(127, gone, gone, HOURS)
    other = [one for one in beacons(101.0, 2) if ACCESS_POINTS[0] not in one[1]]
    assert not clock_was_set(127, beacons(100.0), other, HOURS)
    assert not clock_was_set(127, [record(b"\x80", NOW)], [record(b"", NOW)], HOURS)

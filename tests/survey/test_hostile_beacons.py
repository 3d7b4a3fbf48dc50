"""Beacons made to cost memory or time, or to hide a change from the comparison with the one before."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from tests.survey.air import AP, ESS, RATES, RSN, SAE, beacon, ds, element, feed, kinds, load, probe, response, tim

from whimbrel.survey.survey import Survey, SurveyLimits
from whimbrel.wifi.frames import Frame

SIZE = 2300
"""Octets that fit into a management frame (IEEE 802.11-2020, table 9-34)."""
EMPTY = b"\x42\0" * (SIZE // 2)
LIMITS = SurveyLimits(access_points=32, stations=32, report_every=0)
CHANNEL_SWITCH = element(37, b"\0\x0b\3")


def address(number: int) -> bytes:
    return b"\x02" + number.to_bytes(5, "big")


def carrying(*indices: int, indicator: int = 8) -> bytes:
    """Return elements that announce further networks."""
    found = b""
    for index in indices:
        profile = element(83, ESS.to_bytes(2, "little")) + element(0, b"guests") + element(85, bytes((index,)))
        found += element(71, bytes((indicator,)) + element(0, profile))
    return element(0, b"harbour") + RATES + ds(6) + tim() + found


def all_empty(number: int) -> Frame:
    return beacon(EMPTY, bssid=address(number))


def two_announcements_of_empties(number: int) -> Frame:
    return beacon(EMPTY + (RSN if number % 2 else SAE), bssid=address(number // 2))


def loads(number: int) -> Frame:
    return beacon(element(11, bytes((number & 0xFF,))) * (SIZE // 3), bssid=address(number % 32))


def worn_out(number: int) -> Frame:
    return beacon(element(66, bytes((number // 32 & 0xFF,))) * (SIZE // 3), bssid=address(number % 32))


def chain(number: int) -> Frame:
    """Each access point announces the next, which then speaks for itself and announces the one after it."""
    return beacon(carrying(1) + element(66, bytes(255)) * 8, bssid=address(number % 256))


def beyond_any_radio(number: int) -> Frame:
    made = (beacon, response)[number % 2](EMPTY * 10, bssid=address(number % 32))
    return made if number % 3 else probe(ta=address(number), elements=EMPTY * 10)


@pytest.mark.parametrize("made", [all_empty, two_announcements_of_empties, loads, worn_out, chain, beyond_any_radio])
def test_memory_for_one_access_point_is_bounded(made: Callable[[int], Frame]) -> None:
    survey = Survey(LIMITS)
    tracemalloc.start()
    try:
        for number in range(400):
            survey.observe(made(number))
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used < LIMITS.access_points * 50_000


def test_one_beacon_brings_few_networks() -> None:
    survey = Survey()
    found = survey.observe(beacon(carrying(*range(1, 200)))).findings
    assert kinds(found) == ["access-point-found"] * 33
    assert survey.totals().carried_left_out == 1


def test_networks_that_no_set_of_addresses_holds() -> None:
    assert kinds(Survey().observe(beacon(carrying(0, 8, 9, indicator=3))).findings) == ["access-point-found"]
    assert kinds(Survey().observe(beacon(carrying(1, indicator=9))).findings) == ["access-point-found"]


def test_network_that_is_no_longer_announced_is_lost_in_time() -> None:
    survey = Survey()
    feed(survey, [beacon(carrying(1, 2), time=1000.0), beacon(carrying(1, 2), time=1200.0)])
    found = feed(survey, [beacon(carrying(1), time=1210.0 + n) for n in range(0, 600, 5)])
    lost = [(body.kind, body.bssid, body.last_heard) for body in found if body.kind == "access-point-lost"]  # type: ignore[attr-defined]
    assert lost == [("access-point-lost", AP[:5] + b"\x57", 1000.0)]


def heard_anew(first: bytes, second: bytes) -> bool:
    """Return whether the survey parses a beacon with the elements `second` after one with `first`."""
    survey = Survey()
    feed(survey, [beacon(first), beacon(first)])
    before = survey.access_points.table.entries[AP].announced
    survey.observe(beacon(second))
    return survey.access_points.table.entries[AP].announced is not before


NAME = element(0, b"harbour")
OTHER = element(66, b"abcde")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (NAME + tim() + RSN, NAME + tim() + RSN + CHANNEL_SWITCH),
        (NAME + tim() + RSN, NAME + tim() + CHANNEL_SWITCH + RSN),
        (NAME + tim() + RSN, NAME + CHANNEL_SWITCH + tim() + RSN),
        (NAME + tim(bytes(6)) + RSN, NAME + tim() + CHANNEL_SWITCH + RSN),
        (NAME + tim(b"") + OTHER[:5] + RSN, NAME + tim(b"\x42\3abc"[:2]) + RSN),
        (NAME + tim() + OTHER + RSN, NAME + OTHER + tim() + RSN),
        (NAME + load(1, 1) + tim(bytes(6)) + RSN, NAME + load(1, 1) + tim() + CHANNEL_SWITCH + RSN),
        (NAME + load(1, 1) + tim() + RSN, NAME + element(11, b"") + CHANNEL_SWITCH + tim() + RSN),
        (NAME + tim() + load(1, 1) + RSN, NAME + tim() + element(11, b"") + CHANNEL_SWITCH + RSN),
        (NAME + tim() + tim() + RSN, NAME + tim() + tim(b"\x01") + RSN),
        (NAME + tim() + RSN, NAME + tim() + RSN[:-1] + b"\x80"),
        (NAME + tim() + element(68, b"a"), NAME + tim() + element(68, b"b")),
    ],
)
def test_a_change_is_never_taken_for_traffic(first: bytes, second: bytes) -> None:
    assert heard_anew(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (NAME + tim() + RSN, NAME + tim(bytes(9)) + RSN),
        (NAME + tim() + load(1, 1) + RSN, NAME + tim(bytes(9)) + load(7, 99) + RSN),
        (NAME + load(1, 1) + tim() + RSN, NAME + load(7, 9) + tim(b"\1") + RSN),
    ],
)
def test_traffic_is_never_taken_for_a_change(first: bytes, second: bytes) -> None:
    assert not heard_anew(first, second)


def test_channel_switch_count_down_is_looked_into_every_time() -> None:
    survey = Survey()
    seen = set()
    for count in (*range(9, 0, -1), *range(9, 0, -1)):
        survey.observe(beacon(NAME + tim() + element(37, bytes((0, 11, count))) + RSN))
        seen.add(id(said := survey.access_points.table.entries[AP].announced))
        assert said.raw[said.spans[2][1] + 2] == count

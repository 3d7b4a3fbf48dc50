from __future__ import annotations

import json
import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.air import AP, STA, beacon, element, feed, frame, from_ap, key, kinds, probe, response, to_ap

from whimbrel.events.air import AccessPointLost, AirReport, StationLost
from whimbrel.events.base import Body
from whimbrel.events.encode import dump
from whimbrel.survey.survey import Survey, SurveyLimits
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.linktypes import parse

LIMITS = SurveyLimits(access_points=8, stations=16, forget_access_points=60, forget_stations=120, report_every=0)


def silence(start: float, end: float) -> list[Frame]:
    """Frames that only show that the radio hears: acknowledgements."""
    acks = []
    for second in range(int(start), int(end), 4):
        ack = Frame()
        ack.kind, ack.time = 0x1D, float(second)
        acks.append(ack)
    return acks


def test_silence_loses() -> None:
    survey = Survey(LIMITS)
    found = feed(survey, [beacon(time=1000.0), probe(time=1000.0), *silence(1001, 1150)])
    assert found[2:] == [
        AccessPointLost(bssid=AP, ssid=b"harbour", last_heard=1000.0, reason="silent"),
        StationLost(station=STA, last_heard=1000.0, reason="silent"),
    ]
    assert not survey.access_points.table.entries


def test_a_deaf_radio_loses_nobody() -> None:
    survey = Survey(LIMITS)
    survey.observe(beacon(time=1000.0))
    assert feed(survey, silence(5000, 5050)) == []
    assert kinds(feed(survey, silence(5050, 5070))) == ["access-point-lost"]


@pytest.mark.parametrize("jump", [-1e9, -500.0, -3.0, 1e9])
def test_time_that_jumps_loses_nobody(jump: float) -> None:
    survey = Survey(LIMITS)
    first = [beacon(time=1e9 + n) for n in range(20)]
    then = [beacon(time=1e9 + 20 + jump + n) for n in range(40)]
    assert kinds(feed(survey, first + then)) == ["access-point-found"]
    assert kinds(feed(survey, silence(1e9 + 60 + jump, 1e9 + 150 + jump))) == ["access-point-lost"]


def test_one_wild_time_does_no_lasting_harm() -> None:
    survey = Survey(LIMITS)
    times = [1000.0, 1001.0, 4e12, 1002.0, 0.0, 1003.0]
    assert kinds(feed(survey, [beacon(time=time) for time in times])) == ["access-point-found"]
    assert survey.access_points.table.entries[AP].last == 1003.0


def test_flips_are_told_from_changes_after_the_clock_was_set_back() -> None:
    survey = Survey(LIMITS)
    feed(survey, [beacon(time=1e9 + n, name=name) for n, name in enumerate((b"a", b"b", b"c", b"d"))])
    found = feed(survey, [beacon(time=100.0 + n, name=(b"x", b"y", b"z")[n % 3]) for n in range(12)])
    assert kinds(found) == ["access-point-changed"] * 3
    assert survey.access_points.table.entries[AP].flips == 9


def test_frames_slightly_out_of_order_are_fine() -> None:
    survey = Survey(LIMITS)
    feed(survey, [beacon(time=1000.0), to_ap(time=999.5), beacon(time=1000.1)])
    assert survey.access_points.table.entries[AP].beacons == 2


def test_shift_keeps_ages() -> None:
    survey = Survey(LIMITS)
    feed(survey, [beacon(time=0.0), *silence(1, 40)])
    survey.shift(1e9)
    assert survey.access_points.table.entries[AP].last == 1e9
    assert kinds(feed(survey, silence(1e9 + 40, 1e9 + 70))) == ["access-point-lost"]


def test_flood_of_access_points_is_bounded() -> None:
    survey = Survey(LIMITS)
    found: list[Body] = []
    for number in range(1000):
        found += survey.observe(beacon(bssid=number.to_bytes(6, "little"), time=1000 + number / 1000)).findings
        assert len(survey.access_points.table) <= LIMITS.access_points
    assert kinds(found).count("access-point-found") == 1000
    evicted = [each for each in found if isinstance(each, AccessPointLost)]
    assert len(evicted) == survey.access_points.table.evicted == 1000 - len(survey.access_points.table)
    assert [each.last_heard for each in evicted] == sorted(each.last_heard for each in evicted)


def test_flood_of_stations_is_bounded() -> None:
    survey = Survey(LIMITS)
    for number in range(1000):
        survey.observe(probe(b"%d" % number, ta=(number << 8).to_bytes(6, "little")))
        assert len(survey.stations.table) <= LIMITS.stations
    assert survey.totals().stations_evicted == 1000 - len(survey.stations.table)


def test_who_is_heard_stays_through_a_flood() -> None:
    survey = Survey(LIMITS)
    for number in range(1000):
        survey.observe(beacon(time=1000 + number / 1000))
        survey.observe(beacon(bssid=b"\x02" + number.to_bytes(5, "little"), time=1000 + number / 1000))
    assert survey.access_points.table.entries[AP].beacons == 1000


def test_memory_under_a_flood_of_everything_is_bounded() -> None:
    survey = Survey(SurveyLimits(access_points=32, stations=64))
    rng = random.Random(7)

    def flood(count: int) -> int:
        for _ in range(count):
            address = bytes((rng.randrange(256) & 0xFE,)) + rng.randbytes(5)
            name, time = rng.randbytes(8), 1000 + rng.random()
            for each in (
                beacon(bssid=address, name=name, time=time, freq=rng.randrange(70000), length=rng.randrange(4000)),
                beacon(name=name, time=time),
                response(name=name, time=time),
                probe(name, ta=address, elements=element(221, rng.randbytes(30)), time=time),
                to_ap(ta=address, bssid=rng.randbytes(6), time=time),
                key(1, 1, time=time),
            ):
                survey.observe(each)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        return peak

    tracemalloc.start()
    try:
        flood(600)
        before = flood(600)
        assert flood(600) < before * 1.1
    finally:
        tracemalloc.stop()


def test_damaged_frames_teach_nothing() -> None:
    survey = Survey()
    assert not survey.observe(beacon(bad_fcs=True)).findings
    assert not survey.observe(probe(bad_fcs=True)).findings
    assert (survey.bad_fcs, survey.channels.frames) == (2, 2)
    assert not survey.access_points.table.entries
    survey.observe(beacon())
    survey.observe(beacon(bad_fcs=True))
    assert survey.access_points.table.entries[AP].beacons == 1


def test_malformed_frames_are_counted() -> None:
    survey = Survey()
    short = frame(0x08, b"\xff" * 6, AP, AP, b"short")
    assert short.malformed is Malformed.BODY
    assert feed(survey, [short, parse(105, (1000.0, b"\x80", 1)), parse(105, (1000.0, b"\xd4\0", 2))]) == []
    assert survey.malformed == 3
    assert survey.totals().frames == 3


def test_report() -> None:
    survey = Survey(SurveyLimits(report_every=10))
    found = feed(survey, [beacon(time=1000 + n / 10) for n in range(101)])
    assert found[-1] == AirReport(
        access_points=1, stations=0, frames=100, malformed=0, evicted=0, rate=10.0, busiest_freq=2437
    )
    assert kinds(found) == ["access-point-found", "air-report"]


def test_no_reports_where_none_are_wanted() -> None:
    survey = Survey(SurveyLimits(report_every=0))
    assert kinds(feed(survey, [beacon(time=1000.0 + n * 10) for n in range(100)])) == ["access-point-found"]


def test_rows_are_json() -> None:
    survey = Survey()
    feed(survey, [beacon(name=b"\x1b[2J\xff\n"), probe(b"home"), to_ap(), from_ap()])
    rows = json.loads(dump([survey.access_point_rows(), survey.station_rows(), survey.channel_rows()]))
    assert rows[0][0]["ssid"] == "\\x1b[2J\\xff\\n"
    assert rows[0][0]["stations"] == 1
    assert rows[1][0]["bssid"] == rows[0][0]["bssid"] == "00:11:22:33:44:55"
    assert [row["channel"] for row in rows[2]] == [6]


@given(records=st.lists(st.tuples(st.floats(0, 1e10), st.binary(max_size=80)), max_size=40))
def test_total_for_any_bytes_at_any_time(records: list[tuple[float, bytes]]) -> None:
    survey = Survey(LIMITS)
    for time, raw in records:
        survey.observe(parse(105, (time, raw, len(raw))))
    survey.finish()


kind = st.sampled_from([0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x24, 0x28, 0x2C])
address = st.sampled_from([AP, STA, b"\xff" * 6, b"\x02" * 6])


@given(
    frames=st.lists(
        st.builds(frame, kind, address, address, address, st.binary(max_size=60), flags=st.integers(0, 127)),
        max_size=40,
    )
)
def test_total_and_repeatable_for_any_well_formed_frames(frames: list[Frame]) -> None:
    one, two = Survey(LIMITS), Survey(LIMITS)
    assert feed(one, frames) == feed(two, frames)
    assert dump(one.access_point_rows()) == dump(two.access_point_rows())

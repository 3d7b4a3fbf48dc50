from __future__ import annotations

from binascii import crc32

import pytest
from tests.survey.air import ALL, AP, RATES, STA, beacon, ds, element, feed, frame, from_ap, kinds, probe, to_ap

from whimbrel.events.air import NetworkProbed, StationFound, StationJoined
from whimbrel.survey.station import PROBED
from whimbrel.survey.survey import Survey
from whimbrel.wifi.linktypes import parse

RANDOM = bytes.fromhex("daa119000001")


@pytest.fixture
def survey() -> Survey:
    return Survey()


def test_probe_request(survey: Survey) -> None:
    found = feed(survey, [probe(b"home"), probe(b"home"), probe(b""), probe(bytes(4)), probe(b"work")])
    assert isinstance(found[0], StationFound)
    assert (found[0].station, found[0].randomised, found[0].rssi) == (STA, False, -50)
    assert found[1:] == [NetworkProbed(station=STA, ssid=b"home"), NetworkProbed(station=STA, ssid=b"work")]
    station = survey.stations.table.entries[STA]
    assert (list(station.probed), station.frames) == ([b"home", b"work"], 5)


def test_randomised_address_has_no_vendor(survey: Survey) -> None:
    found = survey.observe(probe(ta=RANDOM)).findings
    assert isinstance(found[0], StationFound)
    assert (found[0].randomised, found[0].vendor) == (True, "")


def test_probed_names_are_bounded_and_counted(survey: Survey) -> None:
    for number in range(100):
        survey.observe(probe(b"name %d" % number))
    station = survey.stations.table.entries[STA]
    assert len(station.probed) == PROBED
    assert station.probed_dropped == 100 - PROBED


def test_fingerprint_is_of_the_device_not_of_the_request(survey: Survey) -> None:
    def fingerprint(**what: bytes) -> str:
        survey.observe(probe(**what))
        return survey.stations.table.entries[STA].fingerprint

    one = fingerprint(name=b"home", elements=RATES + ds(1))
    assert one == fingerprint(name=b"work", elements=RATES + ds(11))
    assert one != fingerprint(name=b"home", elements=RATES + ds(1) + element(45, bytes(26)))
    assert one != fingerprint(name=b"home", elements=ds(1) + RATES)


def test_group_addresses_are_no_stations(survey: Survey) -> None:
    assert not survey.observe(from_ap(ra=b"\x01\x00\x5e\x00\x00\xfb")).findings
    assert not survey.observe(probe(ta=b"\x01" + STA[1:])).findings


def test_a_damaged_frame_makes_no_station_also_when_the_receiver_did_not_notice(survey: Survey) -> None:
    radiotap = bytes.fromhex("0000090002000000" + "10")  # flags: FCS at the end
    request = bytes.fromhex("40000000") + ALL + STA + ALL + bytes(4) + RATES
    check = crc32(request).to_bytes(4, "little")
    damaged = request[:10] + bytes([request[10] ^ 4]) + request[11:]
    whole, broken = (parse(127, (1000.0, radiotap + octets + check, 0)) for octets in (request, damaged))
    assert not survey.observe(broken).findings
    assert survey.totals().disbelieved == 1
    assert kinds(survey.observe(whole).findings) == ["station-found"]


def test_data_joins(survey: Survey) -> None:
    found = feed(survey, [beacon(), to_ap(), to_ap(), from_ap()])
    assert kinds(found) == ["access-point-found", "station-found", "station-joined"]
    assert found[2] == StationJoined(station=STA, bssid=AP, ssid=b"harbour", previous=None)
    station = survey.stations.table.entries[STA]
    assert (station.frames, station.data_octets) == (2, 3 * to_ap().length)


def test_station_that_is_only_spoken_to(survey: Survey) -> None:
    found = survey.observe(from_ap()).findings
    assert isinstance(found[0], StationFound)
    assert found[0].rssi is None
    assert kinds(found) == ["station-found", "station-joined"]
    assert survey.stations.table.entries[STA].frames == 0


def test_unheard_access_point_is_no_station(survey: Survey) -> None:
    survey.observe(from_ap())
    survey.observe(frame(0x0B, STA, AP, AP, bytes(6)))
    assert list(survey.stations.table.entries) == [STA]


def test_roaming_names_the_access_point_before(survey: Survey) -> None:
    other = AP[:5] + b"\x99"
    found = feed(survey, [to_ap(), to_ap(bssid=other)])
    assert found[-1] == StationJoined(station=STA, bssid=other, ssid=b"", previous=AP)


@pytest.mark.parametrize("kind", [0x01, 0x03])
def test_association_response(survey: Survey, kind: int) -> None:
    refused, accepted = bytes((1, 0, 17, 0, 0, 0)), bytes((1, 0, 0, 0, 1, 0xC0))
    survey.observe(beacon())
    assert not survey.observe(frame(kind, STA, AP, AP, refused)).findings
    found = survey.observe(frame(kind, STA, AP, AP, accepted)).findings
    assert kinds(found) == ["station-found", "station-joined"]
    assert not survey.observe(frame(kind, STA, AP, AP, accepted, flags=0x08)).findings


def test_coming_back_after_a_disconnection_is_a_join(survey: Survey) -> None:
    accepted = frame(0x01, STA, AP, AP, bytes((1, 0, 0, 0, 1, 0xC0)))
    survey.observe(accepted)
    assert kinds(survey.observe(frame(0x0C, STA, AP, AP, b"\3\0")).findings) == ["disconnected"]
    assert not survey.observe(to_ap()).findings
    assert survey.observe(accepted).findings == [StationJoined(station=STA, bssid=AP, ssid=b"", previous=AP)]


def test_control_frame_of_a_stranger_is_not_believed(survey: Survey) -> None:
    rts = to_ap(time=1001.0)
    rts.kind = 0x1B
    assert not survey.observe(rts).findings
    survey.observe(probe(time=1002.0))
    rts.time = 1003.0
    survey.observe(rts)
    assert survey.stations.table.entries[STA].last == 1003.0


def test_broadcast_probe_is_everybodys(survey: Survey) -> None:
    survey.observe(probe())
    assert ALL not in survey.stations.table.entries
    assert ALL not in survey.access_points.table.entries


def test_row_has_octets(survey: Survey) -> None:
    survey.observe(probe(b"a\x1b[31m\xff"))
    row = survey.station_rows()[0]
    assert row.station == STA
    assert row.probed == (b"a\x1b[31m\xff",)

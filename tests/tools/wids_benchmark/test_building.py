"""Frames and elements, read back by a dissector that is not ours."""

from __future__ import annotations

import itertools
import random
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11Elt, Dot11FCS, RadioTap
from scapy.utils import rdpcap
from tools.wids_benchmark.building import capture, eapol, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.air import Air, Counter, Phy, Radio, Sent
from tools.wids_benchmark.building.exchanges import exchange, plain
from tools.wids_benchmark.building.networks import AccessPoint
from tools.wids_benchmark.building.security import ENTERPRISE, OPEN, TRANSITION, WPA2, WPA3, Protection
from tools.wids_benchmark.building.stations import Station

BSSID, STATION = bytes.fromhex("50c7bf102030"), bytes.fromhex("3c58c2010203")


def air_and_ap(protection: Protection = WPA2) -> tuple[Air, AccessPoint]:
    air = Air(random.Random(7))
    return air, AccessPoint(air, b"Seaglass", BSSID, 6, -50, protection, generation="ax")


@given(st.integers(0, 4095), st.integers(0, 15))
def test_a_sequence_number_keeps_the_fragment_number(sequence: int, fragment: int) -> None:
    frame = mac.data(BSSID, STATION, BSSID, b"x", flags=mac.TO_DS, fragment=fragment)
    read = Dot11(mac.numbered(frame, sequence))
    assert (read.SC >> 4, read.SC & 15, read.addr1, read.addr2) == (
        sequence,
        fragment,
        mac.written(BSSID),
        mac.written(STATION),
    )


@given(st.text("0123456789abcdef:", max_size=20))
def test_an_address_is_six_octets_or_refused(text: str) -> None:
    try:
        assert len(mac.address(text)) == 6
    except ValueError:
        assert text.replace(":", "") != text or len(text) != 12


def test_an_address_is_written_as_it_is_read() -> None:
    assert mac.address("50:c7:bf:10:20:30") == BSSID
    assert mac.written(BSSID) == "50:c7:bf:10:20:30"


def test_a_beacon_says_what_the_access_point_is() -> None:
    air, ap = air_and_ap(TRANSITION)
    ap.beacons(0, 1.05)
    beacons = [Dot11(sent.octets) for sent in air.finish()]
    assert 9 <= len(beacons) <= 11
    stats = beacons[0][Dot11Beacon].network_stats()
    assert (stats["ssid"], stats["channel"], stats["country"]) == ("Seaglass", 6, "DE")
    assert stats["crypto"] == {"WPA3-transition/PSK"}
    ends = [beacon[Dot11Beacon].timestamp for beacon in beacons]
    assert all(100_000 < later - earlier < 106_000 for earlier, later in itertools.pairwise(ends))
    numbers = [beacon.SC >> 4 for beacon in beacons]
    assert all((later - earlier) % 4096 == 1 for earlier, later in itertools.pairwise(numbers))


def test_elements_fill_the_body_exactly() -> None:
    body = (
        el.ssid(b"x")
        + el.rates(b=True)
        + el.rsn((el.SAE,), caps=el.MFPC | el.MFPR)
        + el.ht(6)
        + el.he(access_point=True)
    )
    at = 0
    while at < len(body):
        at += 2 + body[at + 1]
    assert at == len(body)
    assert Dot11Elt(body).ID == 0


@pytest.mark.parametrize("protection", [OPEN, WPA2, WPA3, ENTERPRISE])
def test_a_join_is_complete_and_in_order(protection: Protection) -> None:
    air, ap = air_and_ap(protection)
    station = Station(air, STATION, -60, ap, generation="ax")
    end = station.join(1.0)
    frames = [sent.octets for sent in air.finish()]
    assert all(1.0 <= sent.at <= end for sent in air.sent)
    subtypes = [octets[0] for octets in frames if octets[0] & 0x0C == 0]
    assert subtypes[:2] == [0xB0, 0xB0]
    assert subtypes.index(0x00) + 1 == subtypes.index(0x10)
    infos = [
        struct.unpack(">H", octets[39:41])[0] for octets in frames if eapol.SNAP in octets and octets[35:36] == b"\3"
    ]
    keys = [info & 0x13C8 for info in infos]
    assert keys == ([0x0088, 0x0108, 0x13C8, 0x0308] if protection.akms else [])


def test_packet_numbers_rise_in_order_of_time_and_retries_repeat_everything() -> None:
    air, ap = air_and_ap()
    station = Station(air, STATION, -60, ap)
    late = exchange(station, 2.0, up=True, retries=1)
    exchange(station, 1.0, up=True, retries=0)
    sent = [each for each in air.finish() if each.octets[:1] == b"\x88"]
    assert late > 2.0
    numbers = [struct.unpack("<H", each.octets[26:28])[0] for each in sent]
    assert numbers == [1, 2, 2]
    assert sent[2].octets[1] == sent[1].octets[1] | mac.RETRY
    assert sent[2].octets[2:] == sent[1].octets[2:]
    assert sent[1].octets != sent[0].octets


def test_octets_made_late_know_the_numbers_before() -> None:
    air, ap = air_and_ap()
    counter = Counter(41)
    ap_frame = mac.data(STATION, BSSID, BSSID, flags=mac.FROM_DS, tid=0)
    air.send(ap, 1.0, lambda: mac.block_ack(STATION, BSSID, 0, counter.value))
    air.send(ap, 0.5, ap_frame, sequence=counter)
    assert struct.unpack("<H", air.finish()[1].octets[18:20])[0] >> 4 == 42


@pytest.mark.parametrize("phy", list(Phy))
@pytest.mark.parametrize("freq", [2437, 5180])
def test_a_capture_is_read_back(tmp_path: Path, phy: Phy, freq: int) -> None:
    radio = Radio(random.Random(1), -50, freq)
    sent = Sent(1.25, mac.ack(STATION), radio, freq, -51, phy, 3 if phy is not Phy.LEGACY else 11.0)
    bad = Sent(1.5, mac.ack(STATION), radio, freq, -90, phy, 6.0, damaged=True)
    assert capture.write(tmp_path / "x.pcap", [sent, bad]) == 2
    good, broken = rdpcap(str(tmp_path / "x.pcap"))
    assert isinstance(good, RadioTap)
    assert (good.ChannelFrequency, good.dBm_AntSignal, good[Dot11FCS].addr1) == (freq, -51, mac.written(STATION))
    assert good[Dot11FCS].fcs == zlib.crc32(sent.octets)
    assert "badFCS" in str(broken.Flags)
    assert broken[Dot11FCS].fcs != zlib.crc32(bad.octets)
    assert float(good.time) == pytest.approx(1_750_000_001.25)


def test_weak_frames_arrive_damaged_where_the_air_says_so() -> None:
    air = Air(random.Random(3), damage=0.5)
    weak, strong = Radio(air.rng, -90, 2437), Radio(air.rng, -50, 2437)
    for number in range(200):
        air.send(weak, number, mac.ack(STATION))
        air.send(strong, number + 0.5, mac.ack(STATION))
    sent = air.finish()
    assert 60 < sum(each.damaged for each in sent if each.radio is weak) < 140
    assert not any(each.damaged for each in sent if each.radio is strong)
    assert all((each.octets != mac.ack(STATION)) >= each.damaged for each in sent if not each.damaged)


def test_ipv4_in_clear_has_a_correct_checksum() -> None:
    _, ap = air_and_ap(OPEN)
    header = plain(64, Station(ap.air, STATION, -50, ap))[8:28]
    total = sum(struct.unpack(">10H", header))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF

"""A frame as scapy dissects it, on demand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11Elt, RadioTap
from tests.lab.fresh import fresh

from whimbrel.wifi.frames import Frame, PhyMode
from whimbrel.wifi.linktypes import IEEE802_11, RADIOTAP, parse, parser_for

BEACON = Dot11(type=0, subtype=8, addr2="02:00:00:00:00:01", addr3="02:00:00:00:00:01") / Dot11Beacon(timestamp=7)


def test_scapy_dissects_it_without_its_capture_header() -> None:
    octets = bytes(RadioTap() / BEACON / Dot11Elt(ID=0, info=b"harbour"))
    packet = parse(RADIOTAP, (1.0, octets, len(octets))).scapy()
    assert packet[Dot11].addr2 == "02:00:00:00:00:01"
    assert packet[Dot11Beacon].timestamp == 7
    assert packet[Dot11Elt].info == b"harbour"


@given(st.binary(max_size=80))
def test_it_never_raises(octets: bytes) -> None:
    frame = parse(IEEE802_11, (1.0, octets, len(octets)))
    assert frame.scapy() is not None


def test_scapy_is_imported_then_and_not_before() -> None:
    script = "import sys, whimbrel.wifi.frames; print('scapy' in sys.modules)"
    assert fresh(script).stdout == "False\n"


@pytest.mark.parametrize("retry", [False, True])
@pytest.mark.parametrize("protected", [False, True])
@pytest.mark.parametrize(
    ("ra", "group"), [("02:00:00:00:00:01", False), ("01:00:5e:00:00:fb", True), ("ff:ff:ff:ff:ff:ff", True)]
)
def test_marks_that_scapy_wrote(retry: bool, protected: bool, ra: str, group: bool) -> None:
    marks = "+".join(name for name, on in (("from_DS", True), ("retry", retry), ("protected", protected)) if on)
    octets = bytes(Dot11(type=2, subtype=0, FCfield=marks, addr1=ra))
    frame = parse(IEEE802_11, (1.0, octets, len(octets)))
    assert (frame.retry, frame.protected, frame.group) == (retry, protected, group)


def test_without_a_receiver_there_is_no_group() -> None:
    frame = parse(IEEE802_11, (1.0, b"\x08", 1))
    assert (frame.ra, frame.group) == (None, False)


def test_only_a_scan_leaves_the_time_of_an_access_point_open() -> None:
    octets = bytes(BEACON)
    told = parse(IEEE802_11, (1.0, octets, len(octets)))
    zero = parse(IEEE802_11, (1.0, octets[:24] + bytes(12), 36))
    assert not told.timeless
    assert not zero.timeless, "its clock is at zero"
    told.seq = zero.seq = None
    assert not told.timeless
    assert zero.timeless


def test_frames_that_were_sent_alike_share_their_mode() -> None:
    def heard(rate: float) -> Frame:
        octets = bytes(RadioTap(present="Rate+Channel", Rate=rate, ChannelFrequency=2484, ChannelFlags=0x00A0) / BEACON)
        return parse_radiotap((1.0, octets, len(octets)))

    parse_radiotap = parser_for(RADIOTAP)
    one, two, slow = heard(11.0), heard(11.0), heard(1.0)
    assert one.mode is not None
    assert slow.mode is not None
    assert one.mode is two.mode is not slow.mode
    assert (one.mode.freq, one.mode.rate, one.mode.phy) == (one.freq, one.rate, one.phy) == (2484, 11.0, "dsss")
    assert (slow.mode.rate, PhyMode(2484, 1.0, "dsss").modulated) == (1.0, {})

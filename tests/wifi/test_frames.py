"""A frame as scapy dissects it, on demand."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11Elt, RadioTap

from whimbrel.wifi.linktypes import IEEE802_11, RADIOTAP, parse

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
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "False\n"

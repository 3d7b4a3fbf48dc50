"""Networks that keep beaconing, for the tests of imitations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.survey.air import RATES, beacon, ds, element, frame, tim

from whimbrel.wifi.frames import Frame

OWN = bytes.fromhex("0024d4000010")
STRANGER = bytes.fromhex("a4083c123456")
TKIP = bytes.fromhex("30140100000fac020100000fac020100000fac020000")
"""WPA2-Personal with TKIP."""
PMF = bytes.fromhex("30140100000fac040100000fac040100000fac028000")
"""WPA2-Personal, PMF optional."""
TRANSITION = bytes.fromhex("30180100000fac040100000fac040200000fac02000fac088000")
"""WPA2/WPA3-Personal, PMF optional."""
OWE = bytes.fromhex("30140100000fac040100000fac040100000fac12c000")
OWE_TRANSITION = bytes.fromhex("dd14506f9a1c") + bytes.fromhex("0024d400001307") + b"harbour"


def beacons(count: int, start: float = 1000.0, *, every: float = 0.1024, **more: Any) -> Iterator[Frame]:
    """Yield beacons of one access point, ten a second."""
    for number in range(count):
        yield beacon(time=start + number * every, seq=number % 4096, tsf=round((start + number * every) * 1e6), **more)


def elements(name: bytes, *parts: bytes, channel: int = 6) -> bytes:
    return element(0, name) + RATES + ds(channel) + tim() + b"".join(parts)


def disconnection(bssid: bytes, time: float, **more: Any) -> Frame:
    return frame(0x0C, b"\xff" * 6, bssid, bssid, b"\x07\0", time=time, **more)

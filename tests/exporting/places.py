"""Sightings as an attacker may have them made, and as they usually are."""

from __future__ import annotations

import functools
import operator

from hypothesis import strategies as st

from whimbrel.geo import Position
from whimbrel.rows import SightingRow
from whimbrel.wifi.security import Protection

_TIMES = st.floats(-1e12, 1e15)
POSITIONS = st.builds(
    Position,
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    altitude=st.none() | st.floats(-1e5, 1e5),
    error=st.floats(0, 1e7),
    speed=st.none() | st.floats(0, 3000),
    time=_TIMES,
)
NASTY = [
    b"", b"two\nlines", b"\r\n", b'"', b'"";x,y', b"=cmd|' /C calc'!A0", b"</name><script>", b"]]>", b"&amp;", b"\x00",
    b"\x1b[2J",
    "abc\u202egnp".encode(), "\ufffe\uffff\x85\u2028".encode(), b"\xff" * 32, b"\xed\xa0\x80", b"\\",
    "Café 🦆".encode(),
]  # fmt: skip
SECURITIES = st.sets(st.sampled_from(list(Protection))).map(
    lambda flags: functools.reduce(operator.or_, flags, Protection(0))
)
ROWS = st.builds(
    SightingRow,
    bssid=st.binary(min_size=6, max_size=6),
    ssid=st.sampled_from(NASTY) | st.binary(max_size=32) | st.text(max_size=10).map(lambda text: text.encode()[:32]),
    freq=st.integers(0, 70000),
    channel=st.integers(0, 255),
    band=st.sampled_from(["", "2.4", "5", "6"]),
    security=SECURITIES,
    akms=st.just(("PSK",)),
    ciphers=st.lists(st.sampled_from(["CCMP-128", "TKIP", "GCMP-256"]), max_size=3).map(tuple),
    wps=st.booleans(),
    adhoc=st.booleans(),
    rssi=st.integers(-128, 127),
    strongest=POSITIONS,
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    spread=st.floats(0, 1e7),
    samples=st.integers(1, 10**6),
    weight=st.floats(1e-3, 1e12),
    first=_TIMES,
    last=_TIMES,
)
TRACKS = st.lists(POSITIONS, max_size=6).map(lambda points: sorted(points, key=lambda point: point.time))

HERE = Position(latitude=59.3293, longitude=18.0686, altitude=28.04, error=8.06, time=1_782_648_000.5)
ROW = SightingRow(
    bssid=bytes.fromhex("021122334455"), ssid="Café, 🦆".encode(), freq=5180, channel=36, band="5",
    security=Protection.WPA2_PERSONAL | Protection.WPA3_PERSONAL, akms=("PSK", "SAE"), ciphers=("CCMP-128",), wps=True,
    adhoc=False, rssi=-61, strongest=HERE, latitude=59.3294, longitude=18.0687, spread=12.34, samples=3, weight=900.0,
    first=1_782_648_000.5, last=1_782_648_060.0,
)  # fmt: skip
WAY = [HERE.replace(time=HERE.time + seconds, latitude=59.0 + seconds / 1e5) for seconds in (0, 10, 300, 310)]

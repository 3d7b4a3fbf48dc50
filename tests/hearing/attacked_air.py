"""A short stretch of air in which something of every family of detections happens."""

from __future__ import annotations

import struct

from tests.hearing.frames import ACCESS_POINTS, deauthentication
from tests.wifi.test_remote_id import basic, location, pack

HARBOUR, LIBRARY, CAFE, DRONE, _ = ACCESS_POINTS
FAMILIES = {
    "disruption": {"deauth-flood"},
    "impersonation": {"two-clocks", "fingerprint-change"},
    "protocol": {"malformed"},
    "weakness": {"open-network", "pmf-missing"},
    "presence": {"drone"},
}
"""Rules that it meets, by family."""

_RSN = bytes.fromhex("3014 0100 000fac04 0100 000fac04 0100 000fac02 0000")
_BROKEN_RSN = bytes.fromhex("3014 0100 000fac04 ffff 000fac04 0100 000fac02 0000")
_RATES = b"\x01\x08\x82\x84\x8b\x96\x0c\x12\x18\x24\x03\x01\x06"


def _element(number: int, body: bytes) -> bytes:
    return bytes([number, len(body)]) + body


def _beacon(bssid: bytes, name: bytes, more: bytes, number: int) -> bytes:
    header = b"\x80\0\0\0" + b"\xff" * 6 + bssid * 2 + struct.pack("<H", number % 4096 << 4)
    fixed = struct.pack("<QHH", number * 102_400, 100, 0x0411 if more else 0x0401)
    return header + fixed + _element(0, name) + _RATES + more


def attacked_air() -> list[tuple[float, bytes]]:
    """Return frames without an FCS, and the seconds at which each is heard."""
    heard: list[tuple[float, bytes]] = []
    for number in range(120):
        at = number * 0.1024
        heard += [
            (at, _beacon(HARBOUR, b"Harbour House", _RSN, number)),
            (at + 0.011, _beacon(LIBRARY, b"Library", _RSN, number + 77)),
            (at + 0.023, _beacon(CAFE, b"Cafe", b"", number + 999)),
        ]
        heard.append((at + 0.03, b"\xd4\0\0\0" + HARBOUR))
    for number in range(40):
        heard.append((4 + number * 0.02, deauthentication(HARBOUR, number=number)))
    for number in range(24):
        heard.append((8 + number * 0.05, _beacon(LIBRARY, b"Library", _BROKEN_RSN, number + 177)))
    flying = b"\xfa\x0b\xbc\x0d\x01" + pack(basic(b"1596F000000000001"), location(48.2, 16.37))
    for number in range(20):
        heard.append((9 + number * 0.1, _beacon(DRONE, b"RID-1", _element(221, flying), number)))
    heard.sort(key=lambda part: part[0])
    return heard

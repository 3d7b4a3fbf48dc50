"""Frames as they are in the air, built octet by octet, and given to the survey as the parser gives them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from whimbrel.events.base import Body
from whimbrel.survey.access_point import AccessPoint
from whimbrel.survey.survey import Survey
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse

RAW = 105
"""LINKTYPE_IEEE802_11: no header of the capture before the frame."""
AP = bytes.fromhex("001122334455")
STA = bytes.fromhex("00aabbccddee")
ALL = b"\xff" * 6
ROUTER = bytes.fromhex("007777777777")
"""A device behind the access point."""

RATES = bytes.fromhex("010882848b960c121824")
RSN = bytes.fromhex("30140100000fac040100000fac040100000fac020000")
"""WPA2-Personal, CCMP, no PMF."""
SAE = bytes.fromhex("30140100000fac040100000fac040100000fac08c000")
"""WPA3-Personal, CCMP, PMF required."""
WPS = bytes.fromhex("dd0e0050f204104a0001101044000102")
ESS, PRIVACY = 0x0001, 0x0010


def element(number: int, payload: bytes) -> bytes:
    return bytes((number, len(payload))) + payload


def ds(channel: int) -> bytes:
    return element(3, bytes((channel,)))


def tim(bitmap: bytes = b"\0", count: int = 0) -> bytes:
    return element(5, bytes((count, 2, 0)) + bitmap)


def load(stations: int, use: int) -> bytes:
    return element(11, stations.to_bytes(2, "little") + bytes((use, 0, 0)))


def frame(
    kind: int, ra: bytes, ta: bytes, addr3: bytes, body: bytes = b"", *, flags: int = 0, time: float = 1000.0,
    seq: int = 0, freq: int = 2437, rssi: int | None = -50, **more: Any,
) -> Frame:  # fmt: skip
    """Return a management or data frame; `more` are other fields of the `Frame`, as the radio would fill them in."""
    control = bytes((kind >> 4 << 2 | (kind & 0xF) << 4, flags, 0, 0))
    header = control + ra + ta + addr3 + (seq << 4).to_bytes(2, "little")
    if kind >= 0x28:
        header += b"\0\0"
    made = parse(RAW, (time, header + body, len(header + body)))
    made.freq, made.rssi, made.rate = freq, rssi, 1.0
    for name, value in more.items():
        setattr(made, name, value)
    return made


def beacon(
    elements: bytes | None = None, *, bssid: bytes = AP, name: bytes = b"harbour", channel: int = 6, security: bytes =
    RSN, kind: int = 0x08, tsf: int = 1, interval: int = 100, capability: int | None = None, ra: bytes = ALL, **more:
    Any,
) -> Frame:  # fmt: skip
    """Return a beacon (or another kind that is built alike) of a network with a usual set of elements."""
    if capability is None:
        capability = ESS | (PRIVACY if security else 0)
    if elements is None:
        elements = element(0, name) + RATES + ds(channel) + tim() + security
    fixed = tsf.to_bytes(8, "little") + interval.to_bytes(2, "little") + capability.to_bytes(2, "little")
    return frame(kind, ra, bssid, bssid, fixed + elements, **more)


def response(elements: bytes | None = None, *, name: bytes = b"harbour", **more: Any) -> Frame:
    """Return a probe response."""
    if elements is None:
        elements = element(0, name) + RATES + ds(6) + RSN
    return beacon(elements, kind=0x05, ra=STA, **more)


def probe(name: bytes = b"", *, ta: bytes = STA, elements: bytes = RATES, **more: Any) -> Frame:
    return frame(0x04, ALL, ta, ALL, element(0, name) + elements, **more)


def to_ap(
    body: bytes = b"\0" * 20, *, ta: bytes = STA, bssid: bytes = AP, da: bytes = ROUTER, kind: int = 0x20,
    flags: int = 0x41, **more: Any,
) -> Frame:  # fmt: skip
    """Return a data frame from a station to its access point, encrypted unless `flags` say otherwise."""
    return frame(kind, bssid, ta, da, body, flags=flags, **more)


def from_ap(
    body: bytes = b"\0" * 20, *, ra: bytes = STA, bssid: bytes = AP, sa: bytes = ROUTER, flags: int = 0x42, **more: Any
) -> Frame:
    return frame(0x20, ra, bssid, sa, body, flags=flags, **more)


def key(number: int, replay: int, **more: Any) -> Frame:
    """Return message `number` of a 4-way handshake between `AP` and `STA`."""
    info = {1: 0x008A, 2: 0x010A, 3: 0x13CA, 4: 0x030A}[number]
    data = b"" if number in {1, 4} else RSN
    nonce = bytes(32) if number == 4 else bytes((number,)) * 32
    packet = b"\x02" + info.to_bytes(2, "big") + b"\0\x10" + replay.to_bytes(8, "big") + nonce + bytes(16 + 8 + 8)
    packet += bytes(16) + len(data).to_bytes(2, "big") + data
    body = bytes.fromhex("aaaa03000000888e0203") + len(packet).to_bytes(2, "big") + packet
    return from_ap(body, flags=0x02, sa=AP, **more) if number % 2 else to_ap(body, flags=0x01, da=AP, **more)


def the_ap(survey: Survey, bssid: bytes = AP) -> AccessPoint:
    """Return an access point in the survey."""
    return survey.access_points.table.entries[bssid]


def feed(survey: Survey, frames: Iterable[Frame]) -> list[Body]:
    """Return the survey's findings in `frames`."""
    return [finding for each in frames for finding in survey.observe(each).findings]


def kinds(findings: Iterable[Body]) -> list[str]:
    return [finding.kind for finding in findings]

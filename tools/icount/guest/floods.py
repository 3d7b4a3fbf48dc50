"""Counts frames of floods, and new devices while the tables are full; writes a line for each: label, name, frames,
findings.

Each case has three marks, as in `tools.icount.guest.frames`. The beginning of a flood is not counted.
"""

from __future__ import annotations

import gc
import random
import struct
import zlib
from collections.abc import Callable, Iterator

from tools.icount.guest.frames import FRAMES, Air, read_mix
from tools.icount.guest.marks import mark

_SPACING = 0.001
"""Seconds between frames of a flood."""
_BEGINNING, MANY = 1200, 512
"""Frames of a flood before those that are counted, and these."""
_FULL, _FULL_STATIONS = 700, 2300
"""More than the access points and the stations that a survey remembers by default."""
_MAKER, _MADE_UP = b"\x00\x1d\x7e", b"\x02\x1d\x7e"
"""The beginnings of addresses: of a maker, and without one."""
_CALM = 0.2
"""Seconds between access points that are no flood."""


def _sealed(frame: bytearray) -> bytes:
    """Return a frame of the mix with the FCS that it must have."""
    start = frame[2] | frame[3] << 8
    struct.pack_into("<I", frame, len(frame) - 4, zlib.crc32(memoryview(frame)[start:-4]))
    return bytes(frame)


def _renamed(raw: bytes, number: int) -> bytes:
    """Return a beacon of another access point, under another name of the same length."""
    frame = bytearray(raw)
    start = frame[2] | frame[3] << 8
    frame[start + 10 : start + 22] = (_MAKER + number.to_bytes(3, "big")) * 2
    struct.pack_into("<H", frame, start + 22, (number & 0xFFF) << 4)
    name = start + 38
    length = frame[name - 1]
    frame[name : name + length] = f"{number:0{length}d}".encode()[-length:]
    return _sealed(frame)


def _made_up(mix: dict[str, bytes]) -> Iterator[bytes]:
    """Yield the beacons of a tool that makes up access points: a name and an address each, and little more."""
    chance = random.Random(7)  # it must be the same every time
    raw = mix["beacon"]
    start = raw[2] | raw[3] << 8
    number = 0
    while True:
        number += 1
        name = bytes(chance.choices(b"abcdefghijklmnopqrstuvwxyz0123456789", k=chance.randint(4, 20)))
        body = bytes(8) + b"\x64\x00\x01\x04" + bytes((0, len(name))) + name + b"\x01\x04\x82\x84\x8b\x96\x03\x01\x06"
        address = chance.randbytes(6)
        header = b"\x80\x00\x00\x00" + b"\xff" * 6 + bytes((address[0] & 0xFE,)) + address[1:]
        header += header[10:16] + struct.pack("<H", (number & 0xFFF) << 4)
        yield _sealed(bytearray(raw[:start] + header + body + bytes(4)))


def _sent_by_many(raw: bytes) -> Iterator[bytes]:
    """Yield a frame from one made-up station after the other."""
    number = 0
    while True:
        number += 1
        frame = bytearray(raw)
        start = frame[2] | frame[3] << 8
        frame[start + 10 : start + 16] = _MADE_UP + number.to_bytes(3, "big")
        struct.pack_into("<H", frame, start + 22, (number & 0xFFF) << 4)
        yield _sealed(frame)


def _authentications(mix: dict[str, bytes]) -> Iterator[bytes]:
    """Yield requests of open authentication to the network of the mix, each from another address."""
    raw = mix["deauthentication"]
    start = raw[2] | raw[3] << 8
    bssid = mix["beacon"][(mix["beacon"][2] | mix["beacon"][3] << 8) + 16 :][:6]
    header = b"\xb0\x00\x3a\x01" + bssid + bytes(6) + bssid + bytes(2)
    yield from _sent_by_many(raw[:start] + header + b"\x00\x00\x01\x00\x00\x00" + bytes(4))


def _repeated(raw: bytes) -> Iterator[bytes]:
    """Yield a frame again and again, with a new sequence number each time."""
    number = 0
    while True:
        number += 1
        frame = bytearray(raw)
        start = frame[2] | frame[3] << 8
        struct.pack_into("<H", frame, start + 22, (number & 0xFFF) << 4)
        yield _sealed(frame)


FLOODS: dict[str, Callable[[dict[str, bytes]], Iterator[bytes]]] = {
    "beacon of a flood of made-up access points": _made_up,
    "deauthentication of a flood": lambda mix: _repeated(mix["deauthentication"]),
    "authentication of a flood": _authentications,
    "probe request of a flood of stations": lambda mix: _sent_by_many(mix["probe request"]),
}


class Cases:
    """Counts one case after the other."""

    def __init__(self) -> None:
        self.label = 0

    def count(self, name: str, air: Air, frames: list[bytes], spacing: float) -> int:
        """Count frames; return how many findings there were."""
        records = stamped(air, frames, spacing)
        gc.collect()
        mark(self.label)
        air.take([])
        mark(self.label)
        findings = air.take(records)
        mark(self.label)
        print(f"{self.label}\t{name}\t{len(frames)}\t{findings}")
        self.label += 1
        return findings


def stamped(air: Air, frames: list[bytes], spacing: float) -> list[tuple[float, bytes, int]]:
    """Return frames as a source delivers them, from now on."""
    records = []
    for frame in frames:
        air.now += spacing
        records.append((air.now, frame, len(frame)))
    return records


def main() -> None:
    """Count every flood, then news with full tables."""
    mix = read_mix(FRAMES)
    cases = Cases()
    for name, make in FLOODS.items():
        air = Air(mix)
        flood = make(mix)
        air.take(stamped(air, [next(flood) for _ in range(_BEGINNING)], _SPACING))
        cases.count(name, air, [next(flood) for _ in range(MANY)], _SPACING)
    air = Air(mix)
    stations = _sent_by_many(mix["probe request"])
    air.take(stamped(air, [next(stations) for _ in range(_FULL_STATIONS)], _CALM))
    news = [_renamed(mix["beacon"], number) for number in range(_FULL + MANY)]
    air.take(stamped(air, news[:_FULL], _CALM))
    findings = cases.count("new access point, tables full", air, news[_FULL:], _CALM)
    if findings < len(news) - _FULL:
        raise SystemExit(f"only {findings} of {len(news) - _FULL} beacons introduced somebody")

"""Different receptions of the same air: the receiver, and the kept parts of its frames."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from whimbrel.drivers.sim import world
from whimbrel.drivers.sim.rates import FLAG_BAD_FCS, FLAG_FCS
from whimbrel.drivers.sim.scene import Scene
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.linktypes import IEEE802_11, RADIOTAP

_FLAGS_AT = 16
"""Offset of radiotap's Flags in the frames of the simulated air."""
_FCS = 4
_LAG = 0.003
"""Seconds by which the clock of each further radio is behind."""


class Ear(NamedTuple):
    """A kind of capture."""

    about: str
    change: Callable[[CaptureRecord, random.Random], CaptureRecord | None] | None = None
    """The result for a record; None: it is lost."""
    linktype: int = RADIOTAP


def _short(record: CaptureRecord, rng: random.Random) -> CaptureRecord:
    time, data, length = record
    return time, data[:60], length


def _bare(record: CaptureRecord, rng: random.Random) -> CaptureRecord:
    time, data, length = record
    head = data[2]
    return time, data[head:-_FCS], length - head - _FCS


def _unmarked(record: CaptureRecord, rng: random.Random) -> CaptureRecord:
    time, data, length = record
    frame = bytearray(data[:-_FCS])
    frame[_FLAGS_AT] &= ~(FLAG_BAD_FCS | FLAG_FCS)
    if rng.random() < 0.003 and len(frame) > frame[2]:
        frame[rng.randrange(frame[2], len(frame))] ^= 1 << rng.randrange(8)
    return time, bytes(frame), length - _FCS


def _lossy(record: CaptureRecord, rng: random.Random) -> CaptureRecord | None:
    return record if rng.random() < 0.6 else None


EARS = {
    "plain": Ear("radiotap, and the FCS"),
    "short": Ear("60 octets of each frame", _short),
    "bare": Ear("no radiotap: neither channel nor level nor FCS", _bare, IEEE802_11),
    "unmarked": Ear("no FCS, and damaged frames not marked as such", _unmarked),
    "lossy": Ear("two frames in five are lost", _lossy),
    "three": Ear("three radios on three channels, in one capture"),
}


def three_radios(scene: Scene, seed: int, start: float, freqs: list[int], seconds: float) -> Iterator[CaptureRecord]:
    """Yield the records of radios on three of `freqs`: twice if two of them hear one, a little out of order."""

    def one(number: int, freq: int) -> Iterator[CaptureRecord]:
        air = world.build(scene, seed, start=start).air
        air.tune(freq)
        for time, data, length in air.until(seconds):
            yield time + number * _LAG, data, length

    three = [freqs[0], freqs[len(freqs) // 2], freqs[-1]]
    return heapq.merge(*(one(number, freq) for number, freq in enumerate(three)), key=lambda record: record[0])

"""The air: who sends which octets when, how strong they arrive, and the counters of each sender."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from tools.wids_benchmark.building import mac

START = 1_750_000_000.0
"""Epoch second at which every capture begins."""
PN_AT = {False: 24, True: 26}
"""Offset of the CCMP header by whether the frame is QoS data (9.3.2.1; three addresses)."""


class Phy(Enum):
    """How a frame was modulated: ears differ in what of it they can hear."""

    LEGACY = "legacy"
    HT = "ht"
    VHT = "vht"
    HE = "he"


class Counter:
    """A counter of sequence numbers, or of packet numbers of one key."""

    def __init__(self, value: int) -> None:
        self.value = value

    def next(self) -> int:
        """Return the next number."""
        self.value += 1
        return self.value


class Radio:
    """A transmitter at its place: its level at the ear, and its counters of sequence numbers."""

    def __init__(self, rng: random.Random, level: float, freq: int) -> None:
        self.level = level
        self.freq = freq
        self._rng = rng
        self._counters: dict[str, Counter] = {}
        self._phase = rng.uniform(0, 6.28)
        self._period = rng.uniform(15, 70)

    def counter(self, name: str = "") -> Counter:
        """Return one of its counters: ``""`` for management and non-QoS data, else one of a TID (10.3.2.14.2)."""
        if name not in self._counters:
            self._counters[name] = Counter(self._rng.randrange(4096))
        return self._counters[name]

    def heard(self, at: float) -> int:
        """Return the level in dBm of a frame sent at `at`: slow fading, and a little noise on each frame."""
        slow = 2.0 * math.sin(6.283 * at / self._period + self._phase)
        return max(-95, min(-12, round(self.level + slow + self._rng.gauss(0, 1.3))))


@dataclass(slots=True)
class Sent:
    """One frame in the air; `at` in seconds since the start."""

    at: float
    octets: bytes
    radio: Radio
    freq: int
    level: int
    phy: Phy = Phy.LEGACY
    rate: float = 1.0
    sequence: Counter | None = None
    packet_number: Counter | None = None
    original: Sent | None = None
    late: Callable[[], bytes] | None = None
    """Makes the octets when everything before has its numbers."""
    attack: bool = False
    damaged: bool = False
    marked: bool = True


@dataclass
class Air:
    """Everything that was sent, in any order; `finish` numbers it in order of time."""

    rng: random.Random
    sent: list[Sent] = field(default_factory=list)
    attacking: bool = False
    """Whether what is sent now belongs to an attack."""
    damage: float = 0.0
    """The share of weak frames (below -80 dBm) that arrive damaged; of these one in ten is not marked as such."""

    def send(
        self,
        radio: Radio,
        at: float,
        octets: bytes | Callable[[], bytes],
        *,
        phy: Phy = Phy.LEGACY,
        rate: float = 1.0,
        sequence: Counter | None = None,
        packet_number: Counter | None = None,
        freq: int = 0,
    ) -> Sent:
        """Send a frame; without a counter its sequence number stays as it is.

        `octets` may be a function, which makes them when everything sent before has its numbers. `freq` in MHz, by
        default the radio's.
        """
        sent = Sent(
            at,
            b"",
            radio,
            freq or radio.freq,
            radio.heard(at),
            phy,
            rate,
            sequence,
            packet_number,
            attack=self.attacking,
        )
        if callable(octets):
            sent.late = octets
        else:
            sent.octets = octets
        self.sent.append(sent)
        return sent

    def repeat(self, sent: Sent, at: float) -> Sent:
        """Send a frame again, with the retry flag, the same numbers and the same content."""
        copy = Sent(at, b"", sent.radio, sent.freq, sent.radio.heard(at), sent.phy, sent.rate, original=sent)
        copy.attack = sent.attack
        self.sent.append(copy)
        return copy

    def finish(self) -> list[Sent]:
        """Return everything in order of time, with sequence and packet numbers filled in."""
        self.sent.sort(key=lambda sent: sent.at)
        for sent in self.sent:
            if sent.original is not None:
                sent.octets = mac.again(sent.original.octets)
                continue
            if sent.late is not None:
                sent.octets = sent.late()
            if sent.sequence is not None:
                sent.octets = mac.numbered(sent.octets, sent.sequence.next())
            if sent.packet_number is not None:
                sent.octets = with_packet_number(sent.octets, sent.packet_number.next())
        if self.damage:
            self._spoil()
        return self.sent

    def _spoil(self) -> None:
        rng = self.rng
        for sent in self.sent:
            if sent.level < -80 and rng.random() < self.damage:
                octets = bytearray(sent.octets)
                for _ in range(rng.choice((1, 2, 8))):
                    octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
                sent.octets, sent.damaged, sent.marked = bytes(octets), True, rng.random() < 0.9


def with_packet_number(octets: bytes, number: int) -> bytes:
    """Return a protected data frame of three addresses with this CCMP packet number (12.5.3.2)."""
    at = PN_AT[bool(octets[0] & 0x80)] if octets[0] & 0x0C == 8 else 24
    low, high = number & 0xFFFF, number >> 16
    header = struct.pack("<HBBI", low, 0, octets[at + 3], high & 0xFFFFFFFF)
    return octets[:at] + header + octets[at + 8 :]

"""The stage of an attack: a network with stations and its neighbourhood, an attacker, and a time for the attack."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from tools.wids_benchmark.building import addresses
from tools.wids_benchmark.building.air import Air, Radio
from tools.wids_benchmark.building.exchanges import traffic
from tools.wids_benchmark.building.neighbourhood import neighbours, passers_by
from tools.wids_benchmark.building.networks import AccessPoint, frequency
from tools.wids_benchmark.building.security import WPA2, Protection
from tools.wids_benchmark.building.stations import Station

BEGIN, END, TOTAL = 75.0, 135.0, 150.0
"""Seconds: the attack lies between the first two, the capture ends at the third."""
INTENSITIES = ("low", "medium", "high")
_V = TypeVar("_V")


@dataclass
class Parties:
    """The addresses of an attack, for its label."""

    transmitters: list[bytes]
    """Addresses that the attacker's frames bear; empty where each bears another one."""
    victims: list[bytes]
    bssids: list[bytes]


class Stage:
    """Everything that an attack needs. `intensity` is an index into `INTENSITIES`.

    The network is on channel 6; its three stations are a phone and a laptop with 802.11ax, which join in the first
    seconds, and a television with 802.11n, which was there before.
    """

    def __init__(self, seed: str, intensity: int, protection: Protection = WPA2, *, generation: str = "ax") -> None:
        self.rng = random.Random(seed)
        self.air = Air(self.rng)
        self.intensity = intensity
        rng = self.rng
        self.ap = AccessPoint(
            self.air, b"Seaglass", addresses.router(rng), 6, rng.uniform(-58, -45), protection, generation=generation
        )
        self.phone = Station(self.air, addresses.randomised(rng), rng.uniform(-66, -52), self.ap, generation=generation)
        self.laptop = Station(self.air, addresses.device(rng), rng.uniform(-66, -52), self.ap, generation=generation)
        self.television = Station(self.air, addresses.device(rng), rng.uniform(-70, -58), self.ap, generation="n")
        self.television.up_packets.value, self.television.down_packets.value = 20_111, 90_377
        self.stations = (self.phone, self.laptop, self.television)
        self.attacker = Radio(rng, rng.uniform(-55, -35), self.ap.freq)
        self.parties = Parties([self.ap.bssid], [], [self.ap.bssid])
        self.neighbours: list[AccessPoint] = []

    def pick(self, low: _V, medium: _V, high: _V) -> _V:
        """Return the one for this intensity."""
        return (low, medium, high)[self.intensity]

    def furnish(self) -> None:
        """Fill the air with all that has nothing to do with the attack."""
        self.neighbours = neighbours(self.air, 0, TOTAL, (6, 6, 1, 1, 11, 11, 3, 13))
        passers_by(self.air, 0, TOTAL, 6.0, [*self.neighbours, self.ap])
        self.ap.beacons(0, TOTAL)
        at = 0.5
        while at < TOTAL:
            self.ap.group_data(at)
            at += self.rng.expovariate(1 / 1.5)
        self.normal((self.television,), 0, BEGIN)
        for number, station in enumerate((self.phone, self.laptop)):
            joined = 4.0 + 6 * number + self.rng.uniform(0, 3)
            station.probe(joined - 0.2)
            self.normal((station,), station.join(joined), BEGIN)

    def normal(self, stations: tuple[Station, ...], start: float = BEGIN, end: float = TOTAL) -> None:
        """Let these stations exchange data as if nothing happened, by default from the attack's begin on."""
        for station in stations:
            traffic(station, start + 0.2, end, rate=1.5)

    def announce(self, element: bytes) -> None:
        """Let the access point's beacons and probe responses have this element too, from the start."""
        self.ap.extra += element
        for sent in self.air.sent:
            if sent.radio is self.ap and sent.octets[:1] in {b"\x80", b"\x50"}:
                sent.octets += element

    def rejoin(self, station: Station, at: float) -> float:
        """Let a station that was thrown out come back; return the time when it is."""
        return station.join(at + self.rng.uniform(0.2, 0.9))

    @contextmanager
    def attack(self) -> Iterator[Radio]:
        """Count what is sent inside as the attack's."""
        self.air.attacking = True
        try:
            yield self.attacker
        finally:
            self.air.attacking = False

    def forge(
        self, at: float, octets: bytes | Callable[[], bytes], *, rate: float = 1.0, own_counter: bool = True
    ) -> None:
        """Send a frame from the attacker, numbered by its own counter or as it is; 802.11b rates, as tools inject."""
        with self.attack() as radio:
            self.air.send(radio, at, octets, rate=rate, sequence=radio.counter() if own_counter else None)

    def times(self, a_second: float, start: float = BEGIN, end: float = END) -> Iterator[float]:
        """Yield moments from `start` to `end`, so many a second, not quite even."""
        step = 1 / a_second
        at = start + self.rng.uniform(0, step)
        while at < end:
            yield at
            at += step * self.rng.uniform(0.8, 1.2)

    def stranger(self, channel: int = 6) -> Radio:
        """Return another transmitter, with no name yet."""
        return Radio(self.rng, self.rng.uniform(-75, -45), frequency(channel))

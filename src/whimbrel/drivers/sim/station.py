"""Stations: they come, look around, join, work, move on to a nearer access point, and go."""

from __future__ import annotations

import random
from collections.abc import Sequence

from whimbrel.drivers.sim import elements, frames, space, steering, traffic
from whimbrel.drivers.sim.access_point import Bss
from whimbrel.drivers.sim.elements import ElementLayout
from whimbrel.drivers.sim.link import NOBODY, StationLink, kit
from whimbrel.drivers.sim.medium import Life, Medium, Transmitter
from whimbrel.drivers.sim.rates import legacy
from whimbrel.drivers.sim.scene import ScriptedStation
from whimbrel.drivers.sim.template import Template
from whimbrel.wifi.kinds import ACK

_BETTER = 8.0
"""dB by which another access point must be louder to be worth moving to."""
_AGAIN = (4_000_000, 16_000_000)
"""us until a station looks again for its network, where it is not there."""
_LISTEN = 24_000
"""us that a station waits on a channel for answers."""


def made_up(rng: random.Random) -> bytes:
    """Return a random address as phones make them up: locally administered, individual."""
    octets = rng.randbytes(6)
    return bytes((octets[0] & 0xFC | 0x02,)) + octets[1:]


class SimStation(Transmitter):
    """One station with its own behaviour."""

    __slots__ = (
        "_ack",
        "_asks",
        "_freqs",
        "_home",
        "_networks",
        "_scan_due",
        "_volume",
        "air",
        "link",
        "rng",
        "station",
    )

    def __init__(
        self,
        air: Medium,
        station: ScriptedStation,
        networks: Sequence[Bss],
        probes: ProbeShelf,
        rng: random.Random,
        volume: float,
    ) -> None:
        rooms = [(x, y) for x, y in station.rooms]
        place = (
            space.Walk(rooms, station.speed, station.rest, rng)
            if rooms
            else space.Spot((station.position[0], station.position[1]))
        )
        vendor = bytes.fromhex(station.vendor.replace(":", ""))
        address = vendor + rng.randbytes(3) if vendor else made_up(rng)
        usable = [bss for bss in networks if bss.layout.band in station.bands]
        self._networks = usable
        self._freqs = sorted({bss.freq for bss in usable} | ({2412, 2437, 2462} if "2.4" in station.bands else set()))
        super().__init__(address, place, station.power, self._freqs[0] if self._freqs else 5180, rng)
        self.air = air
        self.station = station
        self.rng = rng
        self.link: StationLink | None = None
        self._home = address  # its address in its network, for as long as it stays
        self._volume = volume
        self._scan_due = 0
        self._asks = probes.requests(station)
        self._ack = Template(legacy(24), frames.control(ACK, NOBODY))

    def prepare(self) -> None:
        """Have scapy build every frame that it may need, so that nothing is built while the air is running."""
        usable = [bss for bss in self._networks if bss.ssid == self.station.network]
        for bss in usable:
            kit(bss, self.station.generation, again=False)
            if len(usable) > 1:
                kit(bss, self.station.generation, again=True)

    def live(self) -> Life:
        """Come and go for ever, under a new address each time unless the station has a vendor's."""
        visit, rng = self.station.visit, self.rng
        yield round(visit.arrives * rng.uniform(0.8, 1.2) * 1e6) + rng.randrange(15_000_000)
        while True:
            stay = round(visit.stays * rng.uniform(0.67, 1.33) * 1e6)
            yield from self._visit(self.air.now + stay if stay else None)
            yield round(visit.away * rng.uniform(0.67, 1.33) * 1e6)
            self._rename()
            self._home = self.address

    def _rename(self) -> None:
        if not self.station.vendor:
            self.address = made_up(self.rng)
            self.sequence = self.rng.randrange(4096)

    def _visit(self, until: int | None) -> Life:
        while until is None or self.air.now < until:
            if self.air.now >= self._scan_due:
                yield from self._look_around()
                yield from self._settle()
            if self.link is None:
                yield max(1, min(self._scan_due - self.air.now, 5_000_000))
            elif not self.link.alive:
                self.link = None
                self._scan_due = self.air.now + self.rng.randrange(2_000_000, 8_000_000)
            else:
                self.link.refresh()
                yield from traffic.burst(self.link, self.station.habit, self._volume)
        if self.link is not None:
            if self.rng.random() < 0.7 and self.link.alive:
                yield from self.link.leave()
            else:
                self.link.forget()
            self.link = None

    def _look_around(self) -> Life:
        """Probe on each channel, also by name, and let the receivers answer."""
        air, rng = self.air, self.rng
        if self.link is None:
            self._rename()
        here = self.place.at(air.now)
        ack = self._ack
        for freq in sorted({*self._freqs, *(bss.freq for bss in self._networks)}):
            for ssid, request in self._asks[0 if freq < 5000 else 1]:
                air.send(self, request.addressed(frames.BROADCAST, self.address), freq)
                for bss in self._networks:
                    if (
                        bss.freq == freq
                        and (bss.ssid == ssid or not (ssid or bss.network.hidden))
                        and bss.reaches(here)
                    ):
                        air.add(bss.answer(self.address, self, ack.addressed(bss.address)), air.now + request.airtime)
                yield request.airtime + rng.randrange(300, 1500)
            yield _LISTEN
        self._scan_due = air.now + round(self.station.scans * rng.uniform(0.5, 1.5) * 1e6)

    def _settle(self) -> Life:
        """Join the network, or move to a louder access point of it."""
        name = self.station.network
        if name is None:
            return
        here = self.place.at(self.air.now)
        known = [bss for bss in self._networks if bss.ssid == name and bss.reaches(here)]
        if not known:
            self._scan_due = min(self._scan_due, self.air.now + self.rng.randrange(*_AGAIN))
            return
        best = max(known, key=lambda bss: self._worth(bss, here))
        link = self.link
        if link is not None and link.alive:
            if best is link.bss or self._worth(best, here) < self._worth(link.bss, here) + _BETTER:
                return
            if link.bss.radio.manages:
                yield from steering.report(link, best)
                if self.rng.random() < 0.5:
                    yield from steering.transition(link, best, comply=True)
                else:
                    yield from steering.part(link)
            link.forget()
        if link is None or not link.alive:
            self.address = self._home
        generation = self.station.generation
        self.link = StationLink(self.air, self, best, generation, self.rng, again=link is not None and link.alive)
        self.freq = best.freq
        yield from self.link.join()

    def _worth(self, bss: Bss, here: space.Point) -> float:
        return space.loudness(bss.power, bss.place.at(0), here) + (0 if bss.layout.band == "2.4" else 4)


class ProbeShelf:
    """Probe requests, built once for each kind of station."""

    def __init__(self) -> None:
        self._shelf: dict[tuple[str, str, bytes], Template] = {}

    def requests(self, station: ScriptedStation) -> tuple[list[tuple[bytes, Template]], list[tuple[bytes, Template]]]:
        """Return (probed name, request) of a station for 2.4 GHz, and for the other bands."""
        names = (b"", *station.asks)
        return (
            [(name, self._request("2.4", station.generation, name)) for name in names],
            [(name, self._request("5", station.generation, name)) for name in names],
        )

    def _request(self, band: str, generation: str, name: bytes) -> Template:
        key = (band, generation, name)
        if key not in self._shelf:
            layout = ElementLayout(band, 6 if band == "2.4" else 36, 20 if band == "2.4" else 80, generation)
            body = elements.element(0, name) + elements.rates(band, generation)
            body += elements.element(3, b"\x06") if band == "2.4" else b""
            body += elements.capabilities(layout)
            body += elements.element(127, b"\0\0\x08\x84\0\0\0\x40") if generation != "b" else b""
            self._shelf[key] = Template(legacy(1 if band == "2.4" else 6), frames.probe_request(NOBODY, body))
        return self._shelf[key]

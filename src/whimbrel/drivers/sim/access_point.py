"""Access points: their announcements, beacon times, and answers."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from whimbrel.drivers.sim import elements, frames, space
from whimbrel.drivers.sim.elements import ElementLayout
from whimbrel.drivers.sim.medium import Life, Medium, Transmitter
from whimbrel.drivers.sim.rates import Rate, legacy
from whimbrel.drivers.sim.scene import Radio, ScriptedNetwork
from whimbrel.drivers.sim.security import SECURITY, SimSecurity, transition
from whimbrel.drivers.sim.security import elements as security_elements
from whimbrel.drivers.sim.template import Template, element_at
from whimbrel.wifi.kinds import ACK

SIFS = 16
_TU = 1024
_DTIM = 3
_RANGE = -88.0
"""dBm at which an access point still hears a station."""


def basic_rate(layout: ElementLayout) -> Rate:
    """Return the rate of management frames."""
    return legacy(1 if layout.band == "2.4" else 6)


def ack_rate(layout: ElementLayout) -> Rate:
    """Return the rate of control frames."""
    return legacy(2 if layout.generation == "b" else 24)


class Bss(Transmitter):
    """One network on one radio: a transmitter with its own address."""

    __slots__ = (
        "ack", "air", "asleep", "association", "beacon", "cap", "company", "elements", "epoch", "extra", "group",
        "interval", "kits", "layout", "load_at", "members", "network", "offset", "plan", "radio", "response", "rng",
        "security", "ssid", "switch", "switch_at", "switch_left", "tim_at", "turned_away", "up",
    )  # fmt: skip

    def __init__(
        self, air: Medium, radio: Radio, network: ScriptedNetwork, address: bytes, rng: random.Random, interval: int
    ) -> None:
        layout = ElementLayout(radio.band, radio.channel, radio.width, radio.generation)
        super().__init__(
            address,
            space.Spot((radio.position[0], radio.position[1])),
            radio.power,
            layout.freq,
            rng,
            rng.randint(-20, 20),
        )
        self.air = air
        self.rng = rng
        self.radio = radio
        self.network = network
        self.layout = layout
        self.ssid: bytes = network.ssid
        self.security: SimSecurity = SECURITY[network.security]
        self.interval = interval * _TU
        self.offset = rng.randrange(self.interval)
        self.cap = frames.capability(private=self.security.private, band=radio.band)
        self.members = 0
        self.association = 0
        self.asleep = 0
        self.epoch = 0
        self.up = True
        self.kits: dict[tuple[str, bool], object] = {}
        self.company: tuple[Bss | None, list[Bss]] = (None, [])
        self.extra = b""
        """Elements at the end of its beacons and probe responses."""
        self.plan: Callable[[], Life] | None = None
        """Its next action, once, before further beacons."""
        self.turned_away: dict[Transmitter, int] = {}
        """Stations that it refuses, and how often it still will."""
        self.switch: Callable[[], Life] | None = None
        """Its action at the end of the countdown."""
        self.switch_at = self.switch_left = 0

    def build(self, partner: Bss | None, neighbours: list[Bss]) -> None:
        """Have scapy build the frames. `partner` is the other half of an OWE transition network."""
        self.company = partner, neighbours
        layout, radio = self.layout, self.radio
        rate = basic_rate(layout)
        head = elements.rates(layout.band, layout.generation)
        if layout.band == "2.4":
            head += elements.element(3, bytes((layout.channel,)))
        tail = elements.country(radio.country, layout.band) if radio.country else b""
        if layout.band == "2.4" and layout.generation != "b":
            tail += elements.element(42, b"\0")
        tail += security_elements(self.security)
        if radio.load:
            tail += elements.bss_load(0, 0)
        if radio.mobility_domain is not None:
            tail += elements.mobility_domain(radio.mobility_domain)
        self.elements = self._tail(tail, partner, neighbours)
        shown = b"" if self.network.hidden else self.ssid
        tim = elements.element(5, bytes((0, _DTIM, 0, 0)))
        interval = self.interval // _TU
        beacon = frames.beacon(
            self.address, interval, self.cap, elements.element(0, shown) + head + tim + self.elements
        )
        response = elements.element(0, self.ssid) + head + self.elements
        self.beacon = Template(rate, beacon)
        self.response = Template(rate, frames.probe_response(self.address, interval, self.cap, response))
        self.tim_at = self.beacon.mac + element_at(beacon, 5)
        self.load_at = self.beacon.mac + element_at(beacon, 11) if radio.load else 0
        self.ack = Template(ack_rate(layout), frames.control(ACK, self.address))
        third = self.address[:5] + bytes((self.address[5] ^ 0x10,))
        payload = self.payload(110, random.Random(self.salt))  # noqa: S311
        up = frames.data(frames.BROADCAST, self.address, third, payload, up=False, qos=False, secret=self.secret)
        self.group = Template(rate, up)

    def _tail(self, tail: bytes, partner: Bss | None, neighbours: list[Bss]) -> bytes:
        tail += elements.operation(self.layout)
        if self.layout.generation != "b":
            tail += elements.element(127, b"\x04\0\x08\0\0\0\0\x40")
        if neighbours:
            tail += elements.neighbour_report([(n.layout, n.address, n.ssid) for n in neighbours])
        if self.layout.generation not in {"b", "g"}:
            tail += elements.wmm()
        if self.network.wps:
            tail += elements.wps(self.radio.name)
        if partner is not None:
            tail += transition(partner.address, partner.ssid)
        return tail + self.extra

    @property
    def secret(self) -> bool:
        """Whether its data is encrypted."""
        return self.security.private

    def payload(self, octets: int, rng: random.Random) -> bytes:
        """Return the body of a data frame: a cipher's header and noise, or plain IPv4 and UDP."""
        if not self.security.private:
            from scapy.layers.inet import IP, UDP
            from scapy.packet import Raw

            packet = IP(src="192.0.2.9", dst="192.0.2.1") / UDP(sport=49500, dport=443) / Raw(rng.randbytes(octets))
            return frames.SNAP_IPV4 + bytes(packet)
        if self.security.wep:
            return rng.randbytes(3) + b"\0" + rng.randbytes(octets + 4)
        extra = 12 if self.security.pairwise[0] == 2 else 8
        return b"\1\0\0\x20\0\0\0\0" + rng.randbytes(octets + extra)

    def live(self) -> Life:
        """Beacon for ever, and restart now and then."""
        air, rng = self.air, self.rng
        yield self.offset
        again = round(self.radio.restarts * 1e6)
        restart_at = air.now + round(again * rng.uniform(0.5, 1.0)) if again else 0
        number, begun = 0, air.now
        while True:
            self._beacon(number)
            if self.members and number % 40 == 7:
                yield self.beacon.airtime + 60
                air.send(self, self.group)
            if self.plan is not None or (restart_at and air.now >= restart_at):
                plan, self.plan = self.plan or self.restart, None
                yield from plan()
                restart_at, number, begun = again and air.now + again, 0, air.now
            number += 1
            due = begun + number * self.interval * (1_000_000 - self.drift) // 1_000_000
            yield max(1, due + int(rng.random() ** 6 * 4000) - air.now)

    def _beacon(self, number: int) -> None:
        frame = self.air.hear(self, self.beacon)
        if frame is not None:
            frame[self.tim_at] = _DTIM - 1 - number % _DTIM
            if self.asleep and number & 1:
                frame[self.tim_at + 3] = 2 << self.association % 6
            if self.load_at:
                busy = 18 + 9 * self.members + int(14 * space.noise(self.salt, number, 7))
                struct.pack_into("<HB", frame, self.load_at, self.members, min(busy, 230))
            if self.switch_left:
                frame[self.switch_at] = self.switch_left
            self.air.deliver(frame)
        if self.switch_left:
            self.switch_left -= 1
            if not self.switch_left:
                self.plan = self.switch

    def announce_switch(self, channel: int, beacons: int, then: Callable[[], Life]) -> None:
        """Count down in the next `beacons` that it goes to `channel`, and do `then`."""
        self.switch = then
        mpdu = self.beacon.mpdu + elements.channel_switch(channel, beacons)
        self.beacon = Template(basic_rate(self.layout), mpdu)
        self.switch_at = self.beacon.mac + element_at(mpdu, 37) + 2
        self.switch_left = beacons

    def move(self, channel: int) -> None:
        """Be on `channel` of the same band from now on."""
        self.layout = self.layout._replace(channel=channel)
        self.freq = self.layout.freq
        self.build(*self.company)

    def protect(self, security: str) -> None:
        """Change the security."""
        self.security = SECURITY[security]
        self.cap = frames.capability(private=self.security.private, band=self.layout.band)
        self.kits.clear()
        self.build(*self.company)

    def restart(self, change: Callable[[], None] | None = None, *, farewell: bool = True) -> Life:
        """Send everybody away, fall silent, come back, perhaps after a `change`, with a clock that begins at 0."""
        if farewell:
            leaving = frames.deauthentication(frames.BROADCAST, self.address, self.address, 3)
            template = Template(basic_rate(self.layout), leaving)
            for _ in range(3):
                self.air.send(self, template)
                yield 2000
        self.up = False
        self.drop_all()
        yield self.rng.randrange(35_000_000, 55_000_000)
        if change is not None:
            change()
        self.up = True
        self.clock = -self.air.now - self.air.now * self.drift // 1_000_000
        self.sequence = 0

    def drop_all(self) -> None:
        """Forget every station; each notices by itself."""
        self.epoch += 1
        self.members = self.asleep = 0

    def admit(self) -> int:
        """Count a station in; return its association identifier."""
        self.members += 1
        self.association = self.association % 2007 + 1
        return self.association

    def reaches(self, point: space.Point) -> bool:
        """Return whether a station at `point` hears it and is heard."""
        return self.up and space.loudness(self.power - 5, self.place.at(0), point) > _RANGE

    def answer(self, station: bytes, sender: Transmitter, ack: Template) -> Life:
        """Send a probe response to `station` once the air is free; it acknowledges."""
        yield self.rng.randrange(400, 6000)
        template = self.response.addressed(station)
        self.air.send(self, template)
        if self.rng.random() < 0.12:
            yield template.airtime + 300
            self.air.again(self, template)
        yield template.airtime + SIFS
        self.air.send(sender, ack, self.freq)

"""Passing devices: access points that pass by, or that the carried receiver passes; an ad-hoc printer."""

from __future__ import annotations

import random

from whimbrel.drivers.sim import elements, frames, space
from whimbrel.drivers.sim.access_point import basic_rate
from whimbrel.drivers.sim.elements import ElementLayout
from whimbrel.drivers.sim.medium import Life, Medium, Transmitter
from whimbrel.drivers.sim.scene import CHANNELS, SimulatedHappening
from whimbrel.drivers.sim.security import SECURITY
from whimbrel.drivers.sim.security import elements as security_elements
from whimbrel.drivers.sim.template import Template

_VENDORS = ("f492bf", "c02506", "50c7bf", "788a20", "2c3afd", "00265a", "001d7e", "e8df70", "b0be76", "3c3712")
_NAMES = ("FRITZ!Box 7590 ", "WLAN-", "Vodafone-", "TP-Link_", "AndroidAP", "SKY", "NETGEAR", "BT-", "iPhone von ")
_SSID_AT = 38
_INTERVAL = 102_400
_FAR = 60.0
"""Metres at which one comes into reach."""


class Way(space.Spot):
    """A device that passes the receiver at a distance of `aside` metres."""

    moving = True

    def __init__(self, begins: int, ends: int, aside: float) -> None:
        super().__init__((0.0, aside))
        self._begins = begins
        self._lasts = ends - begins

    def at(self, time: int) -> space.Point:
        """Return the position in metres at `time`, in us."""
        return _FAR * (2 * (time - self._begins) / self._lasts - 1), self.point[1]


class Street:
    """Beacons as they are met in a street, built once for each kind."""

    def __init__(self, rng: random.Random, band: str, channels: tuple[int, ...]) -> None:
        self.kinds: list[tuple[ElementLayout, Template]] = []
        for channel in channels:
            for generation in ("g", "ht", "he") if band == "2.4" else ("vht", "he"):
                layout = ElementLayout(band, channel, 20 if band == "2.4" else 80, generation)
                security = SECURITY[rng.choice(("wpa2-psk", "wpa2-psk", "wpa2-wpa3", "wpa-wpa2-psk", "wpa3-sae"))]
                body = elements.element(0, bytes(16)) + elements.rates(band, generation)
                body += elements.element(3, bytes((channel,))) if band == "2.4" else b""
                body += elements.element(5, b"\0\2\0\0") + security_elements(security) + elements.operation(layout)
                body += elements.wmm() if generation != "g" else b""
                cap = frames.capability(private=True, band=band)
                self.kinds.append((layout, Template(basic_rate(layout), frames.beacon(bytes(6), 100, cap, body))))


def access_points(happening: SimulatedHappening, air: Medium, rng: random.Random) -> Life:
    """Let access points come into range and leave it, `rate` a minute, each for `lasts`."""
    channels = (happening.channel,) if happening.channel else (1, 6, 11) if happening.band == "2.4" else (36, 52, 100)
    street = Street(rng, happening.band, channels)
    while True:
        air.add(_pass(happening, air, street, rng), air.now)
        yield max(1, round(rng.expovariate(happening.rate / 60) * 1e6))


def _pass(happening: SimulatedHappening, air: Medium, street: Street, rng: random.Random) -> Life:
    layout, kind = rng.choice(street.kinds)
    address = bytes.fromhex(rng.choice(_VENDORS)) + rng.randbytes(3)
    name = (rng.choice(_NAMES).encode() + rng.randbytes(8).hex().upper().encode())[:16]
    end = air.now + round(happening.lasts * rng.uniform(0.5, 1.5) * 1e6)
    place = Way(air.now, end, rng.uniform(5, 25))
    sender = Transmitter(address, place, 18.0, layout.freq, rng, rng.randint(-20, 20))
    template = kind.addressed(frames.BROADCAST, address, address).patched(_SSID_AT, name)
    while air.now < end:
        air.send(sender, template)
        yield _INTERVAL


def adhoc(happening: SimulatedHappening, air: Medium, rng: random.Random) -> Life:
    """Let a printer and a laptop beacon alternately for their own network (IBSS) with a common clock."""
    channel = happening.channel or CHANNELS["2.4"][5]
    layout = ElementLayout("2.4", channel, 20, "g")
    bssid = bytes((rng.getrandbits(8) & 0xFC | 0x02,)) + rng.randbytes(5)
    place = space.Spot((happening.position[0], happening.position[1]))
    body = elements.element(0, b"hpsetup") + elements.rates("2.4", "g") + elements.element(3, bytes((channel,)))
    body += elements.element(6, b"\0\0")
    cap = frames.capability(private=False, band="2.4", ess=False) | 2
    mpdu = frames.beacon(bssid, 100, cap, body)
    senders = [Transmitter(bytes.fromhex("0026ab") + rng.randbytes(3), place, 14.0, layout.freq, rng) for _ in range(2)]
    senders[1].clock = senders[0].clock
    own = [Template(basic_rate(layout), mpdu).addressed(frames.BROADCAST, s.address) for s in senders]
    end = air.now + round(happening.lasts * 1e6)
    while air.now < end:
        turn = int(rng.random() < 0.3)
        air.send(senders[turn], own[turn])
        yield _INTERVAL

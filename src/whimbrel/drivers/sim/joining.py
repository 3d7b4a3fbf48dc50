"""Stations that join in other ways than usual, or fail to: a wrong password, WPS by button; and data in fragments."""

from __future__ import annotations

import random
import struct

from whimbrel.drivers.sim import elements, frames, space, steering
from whimbrel.drivers.sim.access_point import Bss, basic_rate
from whimbrel.drivers.sim.link import NOBODY, StationLink
from whimbrel.drivers.sim.medium import Life, Medium, Transmitter
from whimbrel.drivers.sim.station import made_up
from whimbrel.drivers.sim.template import Template

_TIMEOUT, _EAP_FAILED = 15, 23  # reasons
_REPEATS = 3
_BUTTON = b"\0\x04"
_EXPANDED = b"\xfe\0\x37\x2a\0\0\0\1"  # EAP method of WPS: vendor 0x00372a, type 1
_START, _MESSAGE, _DONE = 1, 4, 5
_M1 = 0x04


def visitor(bss: Bss, rng: random.Random) -> Transmitter:
    """Return a station with its own address, some metres from the access point."""
    x, y = bss.place.at(0)
    place = space.Spot((x + rng.uniform(-4, 4), y + rng.uniform(-4, 4)))
    return Transmitter(made_up(rng), place, 15.0, bss.freq, rng)


def wrong_password(air: Medium, bss: Bss, station: Transmitter, rng: random.Random) -> Life:
    """Join as far as message 2, which the access point cannot verify: it repeats message 1, and gives up."""
    link = StationLink(air, station, bss, "ht", rng, again=False)
    for step in link.kit.opening:
        yield rng.randrange(600, 2500)
        yield from link.exchange(step[0], link.own(step))
    if not bss.security.sae and link.kit.keys:
        yield from link.in_vain(_REPEATS)
        yield from steering.dismiss(link, _TIMEOUT)


def push_button(air: Medium, bss: Bss, station: Transmitter, rng: random.Random) -> Life:
    """The button is pressed: the access point announces it, the station gets the password, and joins with it."""
    calm = bss.extra
    bss.extra = calm + _selected()
    bss.build(*bss.company)
    yield rng.randrange(5_000_000, 20_000_000)
    link = StationLink(air, station, bss, "ht", rng, again=False)
    for step in link.kit.opening:
        yield rng.randrange(600, 2500)
        yield from link.exchange(step[0], link.own(step))
    for up, packet in _exchange(rng):
        ra, ta = (bss.address, station.address) if up else (station.address, bss.address)
        mpdu = frames.data(ra, ta, bss.address, packet, up=up, qos=True, secret=False)
        yield rng.randrange(2000, 90_000)
        yield from link.exchange(up, Template(basic_rate(bss.layout), mpdu), link.up_flow if up else link.down_flow)
    bss.extra = calm
    bss.build(*bss.company)
    yield from steering.dismiss(link, _EAP_FAILED)
    yield 1_500_000
    again = StationLink(air, station, bss, "ht", rng, again=False)
    yield from again.join()
    yield 600_000_000
    again.forget()


def _selected() -> bytes:
    """Return the WPS element of an access point after its button was pressed."""
    parts = [(0x104A, b"\x10"), (0x1044, b"\2"), (0x1041, b"\1"), (0x1012, _BUTTON), (0x1053, b"\x26\x88")]
    return elements.element(221, b"\0\x50\xf2\x04" + b"".join(struct.pack(">HH", k, len(v)) + v for k, v in parts))


def _exchange(rng: random.Random) -> list[tuple[bool, bytes]]:
    """Return the packets of the WPS registration protocol: the direction and content of each."""

    def eap(code: int, number: int, body: bytes) -> bytes:
        return frames.eapol(0, struct.pack(">BBH", code, number, 4 + len(body)) + body)

    def wsc(code: int, number: int, operation: int, message: int) -> bytes:
        attributes = b"\x10\x4a\0\1\x10\x10\x22\0\1" + bytes((message,)) + b"\x10\x1a\0\x10" + rng.randbytes(16)
        return eap(code, number, _EXPANDED + bytes((operation, 0)) + (attributes if message else b""))

    packets = [
        (True, frames.eapol(1)),
        (False, eap(1, 0, b"\1")),
        (True, eap(2, 0, b"\1WFA-SimpleConfig-Enrollee-1-0")),
        (False, wsc(1, 1, _START, 0)),
    ]
    # The station is the enrollee: it sends the odd ones.
    for index in range(8):
        up = index % 2 == 0
        number = 1 + (index + 1) // 2
        packets.append((up, wsc(2 if up else 1, number, _MESSAGE, _M1 + index + (index > 1))))
    packets.append((True, wsc(2, 5, _DONE, 0x0F)))
    packets.append((False, eap(4, 5, b"")))
    return packets


def fragments(link: StationLink) -> Life:
    """Send one packet in three fragments: the same number, one fragment number after the other (10.4)."""
    bss, air = link.bss, link.air
    payload = bss.payload(400, link.rng)
    for number in range(3):
        part = payload[number * 140 : (number + 1) * 140]
        if bss.secret:
            part = payload[:8] + link.rng.randbytes(148)
        mpdu = frames.data(bss.address, NOBODY, link.kit.router, part, up=True, qos=link.kit.qos, secret=bss.secret)
        template = Template(link.kit.rate, bytes((mpdu[0], mpdu[1] | 0x04 * (number < 2))) + mpdu[2:])
        if number:
            link.up_flow.sequence -= 1
        frame = air.hear(link.station, template.addressed(bss.address, link.station.address), bss.freq, link.up_flow)
        if frame is not None:
            frame[template.sequence_at] |= number
            air.deliver(frame)
        yield template.airtime + 60
        air.send(bss, link.ack_down, bss.freq)
        yield 80

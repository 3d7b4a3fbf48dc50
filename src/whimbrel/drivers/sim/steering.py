"""An access point's steering of a connected station: it informs it of others, moves it there, disconnects it."""

from __future__ import annotations

import struct

from whimbrel.drivers.sim import elements, frames
from whimbrel.drivers.sim.access_point import SIFS, Bss, basic_rate
from whimbrel.drivers.sim.link import NOBODY, StationLink
from whimbrel.drivers.sim.medium import Life
from whimbrel.drivers.sim.template import Template

_RADIO_MEASUREMENT, _WIRELESS_NETWORK = 5, 10
_NEIGHBOUR_REQUEST, _NEIGHBOUR_RESPONSE = 4, 5
_TRANSITION_REQUEST, _TRANSITION_RESPONSE = 7, 8
_ACCEPTED, _REJECTED = 0, 1
_UNHEARD = 7
"""Times that a frame is sent to a station that is not there any more."""


def neighbour(bss: Bss) -> bytes:
    """Return the Neighbor Report element of an access point (9.4.2.36)."""
    operating_class = 81 if bss.layout.band == "2.4" else 115 if bss.layout.channel < 52 else 118
    return elements.element(52, bss.address + struct.pack("<IBBB", 0x8F, operating_class, bss.layout.channel, 7))


def report(link: StationLink, target: Bss) -> Life:
    """Let the station request neighbours, and answer with one (9.6.6.6)."""
    ask = bytes((_RADIO_MEASUREMENT, _NEIGHBOUR_REQUEST, 1))
    yield from _action(link, True, ask)
    yield from _action(link, False, bytes((_RADIO_MEASUREMENT, _NEIGHBOUR_RESPONSE, 1)) + neighbour(target))


def transition(link: StationLink, target: Bss, *, comply: bool) -> Life:
    """Ask the station to move to `target` (BSS transition management, 9.6.13.9); it accepts or refuses."""
    head = bytes((_WIRELESS_NETWORK, _TRANSITION_REQUEST, 1, 0x05, 100, 0, 255))
    yield from _action(link, False, head + neighbour(target))
    yield link.rng.randrange(5000, 60_000)
    answer = bytes((_WIRELESS_NETWORK, _TRANSITION_RESPONSE, 1, _ACCEPTED if comply else _REJECTED, 0))
    yield from _action(link, True, answer + (target.address if comply else b""))


def _action(link: StationLink, up: bool, body: bytes) -> Life:
    bss = link.bss
    ends = (bss.address, NOBODY) if up else (NOBODY, bss.address)
    key = f"action {body.hex()}", up
    template = bss.kits.get(key)
    if not isinstance(template, Template):
        # With PMF such frames are encrypted: a CCMP header, and the MIC after the body.
        secret = bss.security.pmf != "none"
        content = b"\1\0\0\x20\0\0\0\0" + body + bytes(8) if secret else body
        mpdu = frames.action(*ends, bss.address, content, secret=secret)
        template = bss.kits[key] = Template(basic_rate(bss.layout), mpdu)
    yield link.rng.randrange(500, 4000)
    yield from link.exchange(up, link.own((up, template)))


def part(link: StationLink) -> Life:
    """Let the station announce that it leaves for another access point (disassociation, reason 8)."""
    bss = link.bss
    key = "part", True
    template = bss.kits.get(key)
    if not isinstance(template, Template):
        if bss.security.pmf == "none":
            mpdu = frames.deauthentication(bss.address, NOBODY, bss.address, 8, leave=True)
        else:
            mpdu = frames.protected_deauthentication(bss.address, NOBODY, bss.address, link.rng.randbytes(10))
        template = bss.kits[key] = Template(basic_rate(bss.layout), mpdu)
    yield from link.exchange(True, link.own((True, template)))


def dismiss(link: StationLink, reason: int, *, leave: bool = False, heard: bool = True) -> Life:
    """Disconnect the station (disassociate it, if `leave`); one that is gone does not acknowledge."""
    bss = link.bss
    key = f"dismiss {reason}", leave
    template = bss.kits.get(key)
    if not isinstance(template, Template):
        if bss.security.pmf == "none":
            mpdu = frames.deauthentication(NOBODY, bss.address, bss.address, reason, leave=leave)
        else:
            mpdu = frames.protected_deauthentication(NOBODY, bss.address, bss.address, link.rng.randbytes(10))
        template = bss.kits[key] = Template(basic_rate(bss.layout), mpdu)
    own = template.addressed(link.station.address)
    if heard:
        yield from link.exchange(False, own)
    else:
        link.air.send(bss, own)
        for _ in range(_UNHEARD - 1):
            yield own.airtime + SIFS + link.rng.randrange(50, 900)
            link.air.again(bss, own)
    link.forget()
    link.over = True

"""What harmless devices do that looks like an attack: long reservations, answers to a station that has left."""

from __future__ import annotations

import struct

from whimbrel.drivers.sim import frames
from whimbrel.drivers.sim.access_point import SIFS, basic_rate
from whimbrel.drivers.sim.link import PAYLOADS, StationLink
from whimbrel.drivers.sim.medium import Life
from whimbrel.drivers.sim.rates import legacy
from whimbrel.drivers.sim.template import Template
from whimbrel.wifi.kinds import CTS

_LONGEST, _SHORTEST = 13_102, 11_486
"""Microseconds that an 802.11ax access point was seen to reserve by RTS for one exchange."""
_COEXISTENCE = 30_000
"""Microseconds that a radio reserves by CTS to itself, to leave the band to its Bluetooth."""
_TRIES = (1, 1, 1, 2, 3, 6)
_DURATION_AT = 2
_NOT_ASSOCIATED = (6, 7)
"""Reasons of an access point's answer to a frame of a station that it does not know (11.3.3)."""


def reserved(link: StationLink) -> Life:
    """One exchange that uses what its RTS has reserved; the first RTS may find no answer."""
    kit, air, rng, freq = link.kit, link.air, link.rng, link.bss.freq
    if not kit.qos:
        return
    up = rng.random() < 0.3
    sender, receiver = (link.station, link.bss) if up else (link.bss, link.station)
    flow = link.up_flow if up else link.down_flow
    lasting = rng.randrange(_SHORTEST, _LONGEST)
    rts = link.own((up, kit.rts[up])).patched(_DURATION_AT, struct.pack("<H", lasting))
    cts = link.own((not up, kit.cts[up])).patched(_DURATION_AT, struct.pack("<H", lasting - 50))
    for _ in range(rng.choice(_TRIES) - 1):
        air.send(sender, rts, freq)
        yield rts.airtime + 400
    air.send(sender, rts, freq)
    yield rts.airtime + SIFS
    air.send(receiver, cts, freq)
    yield cts.airtime + SIFS
    began = air.now
    template = link.data(PAYLOADS[-1], up=up)
    while air.now - began < lasting - 2000:
        air.send(sender, template, freq, flow)
        yield max(20, template.airtime - 40)
    air.send(receiver, link.own((not up, kit.block_ack[up])), freq)
    yield rng.randrange(1500, 9000)


def coexistence(link: StationLink) -> Life:
    """Reserve time for Bluetooth by CTS to itself, four or five times a second for some seconds."""
    cts = Template(legacy(11), frames.control(CTS, link.station.address, duration=_COEXISTENCE))
    for _ in range(link.rng.randrange(20, 60)):
        link.air.send(link.station, cts, link.bss.freq)
        yield link.rng.randrange(120_000, 320_000)


def leave_and_go_on(link: StationLink, most: int) -> Life:
    """Let the station leave and send up to `most` frames of its queue, each of which is answered in clear, also where
    management frames are protected: a station without keys can only be answered so."""
    rng, bss = link.rng, link.bss
    yield from link.leave()
    link.over = True
    for _ in range(rng.randint(1, most)):
        yield rng.randrange(2000, 20_000)
        yield from link.exchange(True, link.data(PAYLOADS[0], up=True), link.up_flow)
        body = frames.deauthentication(link.station.address, bss.address, bss.address, rng.choice(_NOT_ASSOCIATED))
        yield from link.exchange(False, Template(basic_rate(bss.layout), body))

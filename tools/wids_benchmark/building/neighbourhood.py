"""What is in any air: other networks on all channels, their stations, and phones that pass and probe."""

from __future__ import annotations

from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.air import Air, Radio
from tools.wids_benchmark.building.exchanges import traffic
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.networks import AccessPoint, frequency
from tools.wids_benchmark.building.security import OPEN, TRANSITION, WPA2, WPA2_PMF, WPA3
from tools.wids_benchmark.building.stations import Station

_NAMES = (
    b"Birchwood 12",
    b"FRITZ!Box 7530 QX",
    b"Vodafone-8C1F",
    b"Lindenhof",
    b"TP-Link_4A2E",
    b"Casa Mar",
    b"Haus 9",
    b"",
)
_PROTECTIONS = (WPA2, WPA2, TRANSITION, WPA2_PMF, WPA3, WPA2, OPEN, WPA2)
_SEARCHED = (b"", b"", b"", b"Airport Free", b"eduroam", b"Cafe Central", b"MyHome-5")


def neighbours(
    air: Air, start: float, end: float, channels: tuple[int, ...], *, busy: bool = True
) -> list[AccessPoint]:
    """Let one network on each of `channels` beacon, with a station that exchanges data now and then."""
    rng = air.rng
    made = []
    for number, channel in enumerate(channels):
        level = rng.uniform(-84, -66)
        name = _NAMES[number % len(_NAMES)]
        ap = AccessPoint(
            air,
            name or b"Keller",
            addresses.router(rng),
            channel,
            level,
            _PROTECTIONS[number % len(_PROTECTIONS)],
            generation=rng.choice(("n", "n", "ac", "ax")),
            wps=number % 3 == 0,
            hidden=not name,
        )
        ap.beacons(start, end, share=0.97 if level > -75 else 0.8)
        if busy:
            station = Station(
                air, addresses.device(rng), level - rng.uniform(-6, 6), ap, generation=rng.choice(("n", "ax"))
            )
            station.up_packets.value, station.down_packets.value = rng.randrange(100_000), rng.randrange(100_000)
            traffic(station, start, end, rate=0.7)
        made.append(ap)
    return made


def passers_by(air: Air, start: float, end: float, every: float, aps: list[AccessPoint]) -> None:
    """Let a phone with a new random address probe every so many seconds on each channel; access points there answer."""
    rng = air.rng
    at = start + rng.expovariate(1 / every)
    while at < end:
        phone = Radio(rng, rng.uniform(-82, -55), 2437)
        own = addresses.randomised(rng)
        body = el.ssid(rng.choice(_SEARCHED)) + el.rates(b=True) + el.ht(0) + el.extended_capabilities()
        for channel in (1, 6, 11):
            when = at + channel * 0.06
            for ap in (ap for ap in aps if ap.channel == channel and ap.level > -78):
                ap.answer_probe(when + rng.uniform(0.001, 0.01), own, tries=rng.choice((1, 1, 2)))
            for delay in (0.0, 0.021):
                frame = mac.management(Management.PROBE_REQUEST, mac.EVERYONE, own, mac.EVERYONE, body)
                air.send(phone, when + delay, frame, sequence=phone.counter(), freq=frequency(channel))
        at += rng.expovariate(1 / every)

"""Benign air of public places: a café, an office, a campus, a hall full of phones."""

from __future__ import annotations

import struct

from tools.wids_benchmark.attacks.steering import transition_request
from tools.wids_benchmark.benign.living import GENERATIONS, chatter, visits
from tools.wids_benchmark.benign.registry import scene
from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.air import Air, Radio
from tools.wids_benchmark.building.exchanges import traffic
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.neighbourhood import neighbours, passers_by
from tools.wids_benchmark.building.networks import AccessPoint, frequency
from tools.wids_benchmark.building.security import ENTERPRISE, ENTERPRISE_PMF, OPEN, WPA2, Protection
from tools.wids_benchmark.building.stations import Station


def _sisters(
    air: Air, names: tuple[tuple[bytes, Protection], ...], channel: int, level: float, generation: str = "ac"
) -> list[AccessPoint]:
    """Return the networks of one radio: addresses in sequence, one clock, one place."""
    own = addresses.router(air.rng)
    up = air.rng.uniform(1e4, 1e6)
    made = []
    for number, (name, protection) in enumerate(names):
        bssid = own[:5] + bytes([own[5] + number])
        made.append(
            AccessPoint(air, name, bssid, channel, level, protection, generation=generation, up=up + number * 0.01)
        )
    return made


@scene("cafe", "A café: an open network with a portal, guests with invented addresses who come and go.")
def _cafe(air: Air, end: float) -> None:
    rng = air.rng
    near = neighbours(air, 0, end, (6, 1, 11, 11))
    guests, staff = _sisters(air, ((b"Cafe Central", OPEN), (b"Cafe Central Staff", WPA2)), 6, -47)
    for ap in (guests, staff):
        ap.beacons(0, end)
        chatter(ap, end)
    passers_by(air, 0, end, 6, [guests, staff, *near])
    at = 5.0
    while at < end - 60:
        guest = Station(
            air, addresses.randomised(rng), rng.uniform(-80, -48), guests, generation=rng.choice(GENERATIONS)
        )
        guest.probe(at)
        begun = guest.join(at + 0.4)
        stop = min(end, begun + 30 + rng.expovariate(1 / 240))
        traffic(guest, begun, stop, rate=0.8)
        if rng.random() < 0.4:
            guest.leave(stop)
        at += rng.expovariate(1 / 45)
    till = Station(air, addresses.device(rng), -55, staff)
    visits(till, end, stay=900, away=20)


@scene("office", "An office: five access points, logins, roaming, steering with imminent disassociation.")
def _office(air: Air, end: float) -> None:
    aps = []
    for channel, level in ((6, -45), (6, -63), (1, -58), (11, -60), (6, -74)):
        aps += _sisters(air, ((b"Contoso", ENTERPRISE), (b"Contoso-Guest", OPEN)), channel, level, "ax")
    for ap in aps:
        ap.beacons(0, end)
    corporate = aps[::2]
    for ap in corporate:
        chatter(ap, end, 3)
    passers_by(air, 0, end, 12, aps)
    for number in range(14):
        _employee(air, corporate, end, number)


def _employee(air: Air, aps: list[AccessPoint], end: float, number: int) -> None:
    """Roam from one access point to the next: by itself, steered, or thrown out where the signal is weak."""
    rng = air.rng
    station = Station(
        air, addresses.device(rng), rng.uniform(-76, -48), rng.choice(aps), generation=rng.choice(GENERATIONS)
    )
    at = rng.uniform(0, 60)
    while at < end - 30:
        begun = station.join(at, again=at > 60)
        stay = min(end, begun + 30 + rng.expovariate(1 / 300))
        traffic(station, begun, stay - 1, rate=0.6)
        target = rng.choice(aps)
        way = (number + round(at)) % 5
        if way < 2:
            for token in range(rng.choice((1, 2, 3))):
                body = transition_request(token, candidate=target.bssid, channel=target.channel, imminent=way == 1)
                station.manage_down(stay - 0.9 + 0.3 * token, Management.ACTION, body)
            if way == 1:
                station.manage_down(stay, Management.DISASSOCIATION, struct.pack("<H", 12))
        elif way == 2:
            station.manage_down(stay, Management.DEAUTHENTICATION, struct.pack("<H", rng.choice((1, 5, 34))))
        station.at_home(target)
        at = stay + rng.uniform(0.1, 3)


@scene(
    "campus",
    "A campus: 60 access points of 20 radios, weak ones with damaged frames, some not marked as damaged.",
    share=0.2,
)
def _campus(air: Air, end: float) -> None:
    rng = air.rng
    networks = ((b"eduroam", ENTERPRISE_PMF), (b"Campus-Guest", OPEN), (b"Campus-IoT", WPA2))
    aps = []
    for number in range(20):
        level = rng.uniform(-90, -55)
        aps += _sisters(air, networks, (1, 6, 11)[number % 3], level, "ax")
    for ap in aps:
        ap.beacons(0, end, share=0.95 if ap.level > -78 else 0.6)
    near = [ap for ap in aps if ap.protection is ENTERPRISE_PMF and ap.channel == 6]
    passers_by(air, 0, end, 2, [ap for ap in aps if ap.level > -75])
    for _ in range(25):
        student = Station(
            air, addresses.randomised(rng), rng.uniform(-85, -55), rng.choice(near), generation=rng.choice(GENERATIONS)
        )
        visits(student, end, stay=200, away=60, rate=0.6)
    air.damage = 0.25


@scene("crowd", "A hall full of phones: invented addresses, a few models, probes for names.", share=0.5)
def _crowd(air: Air, end: float) -> None:
    rng = air.rng
    near = neighbours(air, 0, end, (6, 1, 11))
    models = [
        el.rates(b=True) + el.ht(0) + el.extended_capabilities() + el.vendor(maker, 9, rng.randbytes(6))
        for maker in (b"\x00\x17\xf2", b"\x00\x10\x18", b"\x8c\xfd\xf0", b"\x00\xe0\x4c", b"\x00\x0c\xe7")
    ]
    names = (b"", b"", b"", b"", b"eduroam", b"WLAN-Haus", b"Telekom_FON")
    at = 0.0
    while at < end:
        phone, own = Radio(rng, rng.uniform(-88, -50), 2437), addresses.randomised(rng)
        body = el.ssid(rng.choice(names)) + rng.choice(models)
        for channel in (1, 6, 11):
            for _ in range(rng.choice((1, 2, 3))):
                frame = mac.management(Management.PROBE_REQUEST, mac.EVERYONE, own, mac.EVERYONE, body)
                air.send(
                    phone,
                    at + channel * 0.05 + rng.uniform(0, 0.02),
                    frame,
                    sequence=phone.counter(),
                    freq=frequency(channel),
                )
        if rng.random() < 0.3:
            near[0].answer_probe(at + 0.33, own)
        at += rng.expovariate(2.0)

"""Benign air of homes: a home, a repeater and a mesh, hotspots of phones, Wi-Fi 7."""

from __future__ import annotations

import struct

from tools.wids_benchmark.benign.living import GENERATIONS, chatter, resident, restart, visits
from tools.wids_benchmark.benign.registry import scene
from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.air import Air, Radio
from tools.wids_benchmark.building.exchanges import sealed, traffic
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.neighbourhood import neighbours, passers_by
from tools.wids_benchmark.building.networks import TIME_UNIT, AccessPoint
from tools.wids_benchmark.building.security import OPEN, TRANSITION, WPA2, WPA3
from tools.wids_benchmark.building.stations import Station

AROUND = (6, 1, 1, 11, 11, 3, 13)


@scene("home", "A home at evening: residents, visitors, neighbours, and a router that restarts once.")
def _home(air: Air, end: float) -> None:
    rng = air.rng
    near = neighbours(air, 0, end, (6, *AROUND))
    ap = AccessPoint(air, b"Amsel 4", addresses.router(rng), 6, -48, TRANSITION, generation="ax", wps=True)
    passers_by(air, 0, end, 20, [ap, *near])
    for number in range(3):
        resident(air, ap, end * 0.6, rate=0.5 + number)
    ap.beacons(0, end * 0.6)
    chatter(ap, end * 0.6)
    for _ in range(3):
        guest = Station(air, addresses.randomised(rng), rng.uniform(-75, -55), ap, generation=rng.choice(GENERATIONS))
        visits(guest, end * 0.6, stay=end / 12, away=end / 8)
    family = [Station(air, addresses.device(rng), rng.uniform(-75, -50), ap, generation="ax") for _ in range(4)]
    back = restart(ap, end * 0.6, family)
    ap.beacons(back, end)
    chatter(ap, end, start=back)
    for station in family:
        traffic(station, back + 12, end)


@scene(
    "repeater",
    "A router, a repeater of the same name with four addresses between them, and an 802.11s mesh.",
    share=0.5,
)
def _repeater(air: Air, end: float) -> None:
    rng = air.rng
    near = neighbours(air, 0, end, AROUND)
    own = addresses.router(rng)
    router = AccessPoint(air, b"Kranich", own, 6, -50, WPA2, generation="n")
    repeater = AccessPoint(air, b"Kranich", bytes([own[0] | 2, *own[1:]]), 6, -61, WPA2, generation="n")
    passers_by(air, 0, end, 20, [router, repeater, *near])
    link = Station(air, own[:5] + bytes([own[5] ^ 7]), -61, router, generation="n")
    link.join(3)
    for ap in (router, repeater):
        ap.beacons(0, end)
        chatter(ap, end, 4)
        resident(air, ap, end)
    _bridge(air, link, router, end)
    roamer = Station(air, addresses.device(rng), -58, router)
    at = 5.0
    while at < end:
        begun = roamer.join(at, again=at > 6)
        at = begun + 40 + rng.expovariate(1 / 120)
        traffic(roamer, begun, min(at - 1, end))
        roamer.at_home(repeater if roamer.ap is router else router)
    _mesh(air, end)


def _bridge(air: Air, link: Station, router: AccessPoint, end: float) -> None:
    """Send data with four addresses both ways."""
    at = 5.0
    while at < end:
        for to, sender, radio, packets in (
            (router.bssid, link.address, link, link.up_packets),
            (link.address, router.bssid, router, link.down_packets),
        ):
            far = addresses.device(air.rng)
            fourth = addresses.device(air.rng)
            body = sealed(80, link)
            frame = mac.data(to, sender, far, body, flags=mac.TO_DS | mac.FROM_DS | mac.PROTECTED, tid=0, fourth=fourth)
            number = packets.next()
            header = struct.pack("<HBBI", number & 0xFFFF, 0, 0x20, number >> 16)
            frame = frame[:32] + header + frame[40:]
            air.send(radio, at, frame, rate=24.0, sequence=radio.counter(f"0 {to.hex()}"))
            at += 0.003
        at += air.rng.expovariate(2.0)


def _mesh(air: Air, end: float) -> None:
    """Two mesh stations: beacons with a mesh ID, peering and path selection."""
    configuration = el.element(113, bytes([1, 1, 0, 1, 0, 2, 9]))
    points = [(Radio(air.rng, level, 2437), addresses.router(air.rng)) for level in (-66, -71)]
    for radio, own in points:
        at = air.rng.uniform(0, 0.1)
        while at < end:
            body = struct.pack("<QHH", round((at + 5e4) * 1e6), 100, 0x0010) + el.ssid(b"") + el.rates(b=True)
            body += el.element(3, b"\6") + el.rsn((el.SAE,)) + el.ht(6) + el.element(114, b"dorfnetz") + configuration
            frame = mac.management(Management.BEACON, mac.EVERYONE, own, own, body)
            air.send(radio, at, frame, sequence=radio.counter())
            at += 100 * TIME_UNIT
    at = 2.0
    while at < end:
        radio, own = air.rng.choice(points)
        preq = el.element(
            130,
            bytes([0, 0, 31])
            + struct.pack("<I", round(at))
            + own
            + struct.pack("<III", 9, 5000, 0)
            + bytes([1, 0])
            + mac.EVERYONE
            + bytes(4),
        )
        frame = mac.management(Management.ACTION, mac.EVERYONE, own, own, bytes([13, 1]) + preq)
        air.send(radio, at, frame, sequence=radio.counter())
        at += air.rng.expovariate(0.3)


@scene("hotspots", "Hotspots of phones that come and go, a printer's Wi-Fi Direct and set-up networks.", share=0.5)
def _hotspots(air: Air, end: float) -> None:
    rng = air.rng
    near = neighbours(air, 0, end, AROUND)
    passers_by(air, 0, end, 15, near)
    for name, protection in ((b"Julia's iPhone", TRANSITION), (b"AndroidAP_4411", WPA2), (b"Galaxy S24", WPA3)):
        at = rng.uniform(5, 60)
        while at < end - 30:
            stop = min(end, at + 30 + rng.expovariate(1 / 240))
            ap = AccessPoint(
                air, name, addresses.randomised(rng), 6, rng.uniform(-66, -44), protection, generation="ax", up=-at
            )
            ap.beacons(at, stop)
            guest = Station(air, addresses.device(rng), ap.level - 3, ap, generation="ax")
            traffic(guest, guest.join(at + 2), stop)
            at = stop + 20 + rng.expovariate(1 / 200)
    direct = AccessPoint(air, b"DIRECT-7A-HP OfficeJet 8010", addresses.device(rng), 6, -68, WPA2)
    direct.extra = el.vendor(el.OUI_WFA, 9, bytes([2, 2, 0, 0x25, 0]))
    direct.beacons(0, end)
    setup = AccessPoint(air, b"HP-Setup>2F-Envy", addresses.device(rng), 6, -70, OPEN, generation="g")
    setup.beacons(end / 3, end / 2)


@scene("multi-link", "A Wi-Fi 7 access point with two links, whose stations use one address for both.", share=0.5)
def _multi_link(air: Air, end: float) -> None:
    rng = air.rng
    near = neighbours(air, 0, end, AROUND)
    mld = addresses.router(rng)
    links = [mld[:5] + bytes([mld[5] | number]) for number in (1, 2)]
    ap = AccessPoint(air, b"Silberreiher", links[0], 6, -50, WPA3, generation="be")
    ap.extra = (
        el.multi_link(mld, 0)
        + el.extended(106, bytes(9))
        + el.extended(108, struct.pack("<H", 0x0222) + bytes([0x44] * 9))
    )
    other = AccessPoint(air, b"Silberreiher", links[1], 36, -55, WPA3, generation="be")
    other.extra = el.multi_link(mld, 1)
    for each in (ap, other):
        each.beacons(0, end)
        chatter(each, end)
    passers_by(air, 0, end, 20, [ap, *near])
    for _ in range(4):
        phone = Station(air, addresses.randomised(rng), rng.uniform(-70, -50), ap, generation="be")
        visits(phone, end, stay=150, away=60, rate=2)
    moved = Station(air, addresses.device(rng), -60, ap, generation="be")
    at = 10.0
    while at < end:
        moved.at_home(ap)
        begun = moved.join(at, again=at > 11)
        at = begun + rng.uniform(60, 200)
        traffic(moved, begun, min(at - 2, end))

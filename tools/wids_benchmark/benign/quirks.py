"""Benign air that looks like attacks: long reservations, answers to stations that have left, failing logins."""

from __future__ import annotations

import struct

from tools.wids_benchmark.benign.living import chatter, resident
from tools.wids_benchmark.benign.registry import scene
from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building.air import Air, Radio
from tools.wids_benchmark.building.exchanges import data_frames, exchange, numbers, traffic
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.neighbourhood import neighbours, passers_by
from tools.wids_benchmark.building.networks import AccessPoint
from tools.wids_benchmark.building.security import ENTERPRISE, WEP, WPA2, WPA2_PMF, WPA3, Protection
from tools.wids_benchmark.building.stations import Station, authentication, sae_commit


def _place(air: Air, end: float, name: bytes, protection: Protection, generation: str = "ax") -> AccessPoint:
    near = neighbours(air, 0, end, (6, 1, 11, 13))
    ap = AccessPoint(air, name, addresses.router(air.rng), 6, -50, protection, generation=generation)
    ap.beacons(0, end)
    chatter(ap, end)
    passers_by(air, 0, end, 20, [ap, *near])
    return ap


@scene(
    "ax-reservations",
    "802.11ax exchanges behind RTS of 11 to 13 ms, one after the other, with retries of the RTS.",
    share=0.5,
)
def _reservations(air: Air, end: float) -> None:
    rng = air.rng
    ap = _place(air, end, b"Strandhaus", WPA2)
    stations = [Station(air, addresses.device(rng), rng.uniform(-68, -50), ap, generation="ax") for _ in range(3)]
    at = max(station.join(2.0 + number) for number, station in enumerate(stations)) + 1
    while at < end:
        stop, busiest = at + rng.uniform(1, 12), rng.choice(stations)
        while at < min(stop, end):
            station = busiest if rng.random() < 0.8 else rng.choice(stations)
            at = _reserved(station, at, up=rng.random() < 0.3) + rng.expovariate(1 / 0.006)
        at += rng.expovariate(1 / 8)


def _reserved(station: Station, at: float, *, up: bool) -> float:
    """Play one exchange that uses what its RTS has reserved; the first RTS may find no answer."""
    air, ap, rng = station.air, station.ap, station.air.rng
    reserve = rng.randrange(11_486, 13_103)
    sender, receiver = (station, ap) if up else (ap, station)
    own, other = (station.address, ap.bssid) if up else (ap.bssid, station.address)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        air.send(sender, at, mac.rts(other, own, reserve), rate=24.0)
        at += 0.0004
    air.send(receiver, at - 0.00035, mac.cts(own, reserve - 50), rate=24.0)
    data_frames(station, at, up=up, frames=4)
    at += reserve * 1e-6 - 0.0001
    counter = numbers(station, up=up)
    air.send(receiver, at, lambda: mac.block_ack(own, other, 0, counter.value - 3), rate=24.0)
    return at + 0.0001


@scene(
    "bluetooth",
    "A laptop with Bluetooth headphones reserves 30 ms for itself by CTS, four or five times a second.",
    share=0.5,
)
def _bluetooth(air: Air, end: float) -> None:
    rng = air.rng
    ap = _place(air, end, "Möwe".encode(), WPA2)
    laptop = Station(air, addresses.device(rng), -55, ap, generation="n")
    traffic(laptop, laptop.join(2), end, rate=2)
    resident(air, ap, end)
    at = 5.0
    while at < end:
        stop = min(end, at + rng.uniform(60, 1100))
        while at < stop:
            air.send(laptop, at, mac.cts(laptop.address, 30_000), rate=11.0)
            at += rng.uniform(0.12, 0.32)
        at += rng.uniform(10, 60)


@scene(
    "leavers",
    "Stations that leave and go on sending, or come back after they were forgotten: answered with reason 6 or 7.",
    share=0.5,
)
def _leavers(air: Air, end: float) -> None:
    rng = air.rng
    for protection, name in ((WPA2, b"Ufer"), (WPA3, b"Ufer 6"), (WPA2_PMF, b"Ufer 2")):
        ap = (
            _place(air, end, name, protection)
            if name == b"Ufer"
            else AccessPoint(air, name, addresses.router(rng), 6, -55, protection, generation="ax")
        )
        if name != b"Ufer":
            ap.beacons(0, end)
        for number in range(3):
            station = Station(air, addresses.device(rng), rng.uniform(-72, -50), ap, generation=rng.choice(("n", "ax")))
            at = rng.uniform(1, 40)
            while at < end - 60:
                begun = station.join(at)
                stop = begun + rng.uniform(20, 200)
                traffic(station, begun, min(end, stop))
                at = (_storm, _forgotten, _late)[number](station, stop)


def _late(station: Station, at: float) -> float:
    """Two or three frames of the queue follow the goodbye."""
    station.leave(at)
    for number in range(station.air.rng.choice((2, 3))):
        late = exchange(station, at + 0.01 + 0.004 * number, up=True, retries=0)
        station.manage_down(late + 0.001, Management.DEAUTHENTICATION, struct.pack("<H", 7))
    return at + station.air.rng.uniform(5, 60)


def _storm(station: Station, at: float) -> float:
    """The station goes on sending for a while, and each frame of it is answered; then it joins again."""
    rng = station.air.rng
    station.leave(at)
    when = at + 0.02
    for _ in range(rng.randrange(15, 60)):
        when = exchange(station, when, up=True, retries=0)
        station.manage_down(when + 0.0005, Management.DEAUTHENTICATION, struct.pack("<H", 7))
        when += rng.uniform(0.002, 0.02)
    return when + rng.uniform(0.1, 0.5)


def _forgotten(station: Station, at: float) -> float:
    """The station sleeps for minutes; its first frames after that are answered, it joins again."""
    rng = station.air.rng
    when = at + rng.uniform(60, 120)
    bssid = station.ap.bssid
    for _ in range(rng.choice((1, 2, 4))):
        station.up(when, mac.to_ap(bssid, station.address, bssid, b"", subtype=4))
        station.manage_down(when + 0.001, Management.DEAUTHENTICATION, struct.pack("<H", rng.choice((6, 7))))
        when += rng.uniform(0.05, 0.3)
    return when + 0.2


@scene(
    "failing-logins",
    "Devices with wrong passwords of WPA2, WPA3 and a company's login, which do not give up.",
    share=0.5,
)
def _failing(air: Air, end: float) -> None:
    rng = air.rng
    for protection, name in ((WPA2, b"Dachboden"), (WPA3, b"Dachboden 6"), (ENTERPRISE, b"Werk")):
        ap = (
            _place(air, end, name, protection, "n")
            if name == b"Dachboden"
            else AccessPoint(air, name, addresses.router(rng), 6, -58, protection)
        )
        if name != b"Dachboden":
            ap.beacons(0, end)
        resident(air, ap, end)
        device = Station(air, addresses.device(rng), -60, ap, generation="n")
        at = 10.0
        while at < end - 30:
            at = _fail(device, at) + rng.choice((5, 10, 20, 60))


def _fail(device: Station, at: float) -> float:
    rng = device.air.rng
    if device.ap.protection is WPA2:
        return device.join(at, wrong_password=True)
    if device.ap.protection is WPA3:
        for sender in (device.manage_up, device.manage_down):
            commit = sae_commit(rng.randbytes(32), rng.randbytes(64))
            sender(at, Management.AUTHENTICATION, authentication(3, 1, 0, commit))
            at += 0.02
        confirm = struct.pack("<H", 0) + rng.randbytes(32)
        device.manage_up(at, Management.AUTHENTICATION, authentication(3, 2, 0, confirm))
        return at
    device.manage_up(at, Management.AUTHENTICATION, authentication(0, 1))
    device.manage_down(at + 0.002, Management.AUTHENTICATION, authentication(0, 2))
    at = device.log_in(device.associate(at + 0.004), accepted=False)
    device.manage_down(at, Management.DEAUTHENTICATION, struct.pack("<H", 23))
    return at


@scene("warehouse", "Hand scanners on an old WEP network, with broadcasts of the wired side.", share=0.3)
def _warehouse(air: Air, end: float) -> None:
    rng = air.rng
    ap = _place(air, end, b"LAGER", WEP, "g")
    for _ in range(3):
        own = addresses.device(rng)
        scanner = Radio(rng, rng.uniform(-70, -50), 2437)
        at = rng.uniform(0, 5)
        while at < end:
            body = rng.randbytes(3) + b"\0" + rng.randbytes(rng.choice((40, 64, 120)))
            air.send(
                scanner, at, mac.to_ap(ap.bssid, own, ap.bssid, body, flags=mac.PROTECTED), sequence=scanner.counter()
            )
            air.send(ap, at + 0.0005, mac.ack(own))
            at += rng.expovariate(1.0)
    at = 1.0
    while at < end:
        body = rng.randbytes(3) + b"\0" + rng.randbytes(40)
        frame = mac.from_ap(mac.EVERYONE, ap.bssid, addresses.device(rng), body, flags=mac.PROTECTED)
        air.send(ap, at, frame, sequence=ap.counter())
        at += rng.expovariate(5.0)

"""From a scene and a seed to an air with everybody in it."""

from __future__ import annotations

import random
from typing import NamedTuple

from whimbrel.drivers.sim import happenings, incidents
from whimbrel.drivers.sim.access_point import Bss
from whimbrel.drivers.sim.medium import Medium
from whimbrel.drivers.sim.scene import Radio, Scene
from whimbrel.drivers.sim.station import ProbeShelf, SimStation, made_up
from whimbrel.settings import Ssid, evolve

_OWE = "owe-transition"


class World(NamedTuple):
    """An air and its inhabitants."""

    air: Medium
    networks: tuple[Bss, ...]
    clients: tuple[SimStation, ...]


def build(scene: Scene, seed: int, *, start: float = 0.0, fcs: bool = True, volume: float = 1.0) -> World:
    """Build a scene's world, every kind of frame of it by scapy: about a second on a PC. Same arguments, same frames.

    `start` is the time that the scene begins at, in seconds since the epoch; `volume` scales how much data is sent.
    """
    air = Medium((scene.receiver[0], scene.receiver[1]), start=start, fcs=fcs)
    networks = [bss for radio in scene.radios for bss in _radio(air, radio, scene, seed)]
    _join_halves(networks)
    clients = []
    shelf = ProbeShelf()
    for station in scene.stations:
        for index in range(station.count):
            rng = random.Random(f"{seed} station {station.name} {index}")  # noqa: S311
            clients.append(SimStation(air, station, networks, shelf, rng, volume))
    for bss in networks:
        air.add(bss.live())
    for client in clients:
        client.prepare()
        air.add(client.live())
    world = World(air, tuple(networks), tuple(clients))
    for number, incident in enumerate(scene.incidents):
        rng = random.Random(f"{seed} incident {number}")  # noqa: S311
        air.add(incidents.live(incident, world.air, networks, clients, rng), round(incident.at * 1e6))
    for number, happening in enumerate(scene.happenings):
        rng = random.Random(f"{seed} happening {number}")  # noqa: S311
        normal = happenings.Normal(happening, air, networks, clients, rng)
        air.add(happenings.live(normal), round(happening.at * 1e6))
    return world


def _radio(air: Medium, radio: Radio, scene: Scene, seed: int) -> list[Bss]:
    """Return the networks of a radio: neighbouring addresses, one place, beacons spread over the interval."""
    rng = random.Random(f"{seed} radio {radio.name}")  # noqa: S311
    vendor = bytes.fromhex(radio.vendor.replace(":", ""))
    base = vendor + rng.randbytes(3) if vendor else made_up(rng)
    base = base[:5] + bytes((base[5] & 0xF0,))
    networks = []
    for network in radio.networks:
        halves = [network]
        if network.security == _OWE:
            name = b"_owe_" + network.ssid[:27]
            halves.append(evolve(network, ssid=Ssid(name), security="owe", hidden=True, bssid=None, wps=False))
        networks += halves
    made: list[Bss] = []
    for index, network in enumerate(networks):
        address = network.bssid or base[:5] + bytes((base[5] + index,))
        bss = Bss(air, radio, network, address, rng, scene.beacon_interval)
        if made:
            bss.offset = (made[0].offset + bss.interval * index // len(networks)) % bss.interval
            bss.drift, bss.salt = made[0].drift, made[0].salt
        made.append(bss)
    return made


def _join_halves(networks: list[Bss]) -> None:
    """Build every network's frames, now that each can name the others."""
    for index, bss in enumerate(networks):
        partner = None
        if bss.network.security == _OWE:
            partner = networks[index + 1]
        elif index and networks[index - 1].network.security == _OWE and networks[index - 1].radio is bss.radio:
            partner = networks[index - 1]
        near = [other for other in networks if other.radio.name in bss.radio.neighbours and not other.network.hidden]
        bss.build(partner, near)

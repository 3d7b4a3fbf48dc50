"""Traps for devices: answers to names, and access points with the marks of a tool."""

from __future__ import annotations

import json
import struct

from tools.wids_benchmark.attacks.copies import copy, serve
from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.air import Radio
from tools.wids_benchmark.building.exchanges import traffic
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.networks import AccessPoint
from tools.wids_benchmark.building.security import OPEN
from tools.wids_benchmark.building.stations import Station
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import BEGIN, END, Stage

NAMES = (
    b"Airport Free",
    b"Hotel Kastanie",
    b"eduroam-guest",
    b"Cafe Central",
    b"DB_Lounge",
    b"Starlight",
    b"MyHome-5",
    b"Office-3F",
)


def _ask(stage: Stage, at: float, name: bytes, phone: Radio, own: bytes) -> None:
    body = el.ssid(name) + el.rates(b=True) + el.ht(0)
    frame = mac.management(Management.PROBE_REQUEST, mac.EVERYONE, own, mac.EVERYONE, body)
    stage.air.send(phone, at, frame, sequence=phone.counter())


@kind(
    "karma",
    "impersonation",
    "One access point answers to every name that devices ask for, and is open.",
    "KARMA; hostapd-mana; WiFi Pineapple",
    ("answers alone, one name each 8 s", "answers and its own beacons", "beacons under every name besides"),
)
def _karma(stage: Stage) -> None:
    stage.normal(stage.stations)
    rng = stage.rng
    trap = copy(stage, OPEN, ssid=b"FreeWiFi")
    stage.parties.bssids = [trap.bssid]
    for number, at in enumerate(stage.times(stage.pick(1 / 8, 0.7, 2.0))):
        name = NAMES[number % len(NAMES)]
        phone, own = stage.stranger(), addresses.randomised(rng)
        _ask(stage, at, name, phone, own)
        trap.ssid = name
        with stage.attack():
            trap.answer_probe(at + 0.002, own, tries=rng.choice((1, 1, 3)))
            if stage.intensity == 2:
                body = trap.announcement(at + 0.05, beacon=True)
                frame = mac.management(Management.BEACON, mac.EVERYONE, trap.bssid, trap.bssid, body)
                stage.air.send(trap, at + 0.05, frame, sequence=trap.counter())
    trap.ssid = b"FreeWiFi"
    if stage.intensity:
        serve(stage, trap)


@kind(
    "answer-to-nobody",
    "impersonation",
    "A hidden trap answers to two names that devices search for and nobody serves.",
    "selective KARMA (hostapd-mana with a list)",
    ("each name twice", "each name six times", "each name 20 times"),
    notice=True,
)
def _answer_to_nobody(stage: Stage) -> None:
    stage.normal(stage.stations)
    trap = copy(stage, OPEN)
    stage.parties.bssids = [trap.bssid]
    for number, at in enumerate(stage.times(stage.pick(4 / 60, 12 / 60, 40 / 60))):
        trap.ssid = NAMES[number % 2]
        phone, own = stage.stranger(), addresses.randomised(stage.rng)
        for delay in (0.0, 0.02):
            _ask(stage, at + delay, trap.ssid, phone, own)
            with stage.attack():
                trap.answer_probe(at + delay + 0.002, own)


@kind(
    "attack-tool",
    "impersonation",
    "An access point or a sender with the marks of a known tool, which does nothing else.",
    "pwnagotchi; WiFi Pineapple; ESP32 Marauder",
    ("a Pineapple's set-up network", "a pwnagotchi", "the song of a beacon spammer"),
    notice=True,
)
def _attack_tool(stage: Stage) -> None:
    stage.normal(stage.stations)
    stage.parties.bssids = []
    stage.pick(_pineapple, _pwnagotchi, _song)(stage)


def _pineapple(stage: Stage) -> None:
    own = bytes.fromhex("001337") + stage.rng.randbytes(3)
    pineapple = copy(stage, OPEN, bssid=own, ssid=b"Pineapple_" + own[4:].hex().upper().encode())
    stage.parties.bssids = [own]
    serve(stage, pineapple)


def _pwnagotchi(stage: Stage) -> None:
    own = bytes.fromhex("deadbeefdead")
    stage.parties.transmitters = stage.parties.bssids = [own]
    told = {
        "name": "tern",
        "identity": stage.rng.randbytes(32).hex(),
        "pwnd_tot": 12,
        "session_id": "aa:bb:cc:dd:ee:ff",
    }
    for at in stage.times(0.8):
        body = struct.pack("<QHH", round(at * 1e6), 100, 0x0431) + el.element(222, json.dumps(told).encode()[:255])
        stage.forge(at, mac.management(Management.BEACON, mac.EVERYONE, own, own, body))


def _song(stage: Stage) -> None:
    lines = (
        b"01 Never gonna give you up",
        b"02 Never gonna let you down",
        b"03 Never gonna run around",
        b"04 and desert you",
    )
    own = [addresses.anything(stage.rng) for _ in lines]
    stage.parties.transmitters = stage.parties.bssids = own
    rates = el.element(1, bytes([0x82, 0x84, 0x8B, 0x96, 0x24, 0x30, 0x48, 0x6C]))
    for number, at in enumerate(stage.times(10)):
        body = bytes.fromhex("8351f78f0f000000") + struct.pack("<HH", 100, 0x0401) + el.ssid(lines[number % 4])
        stage.forge(
            at,
            mac.management(
                Management.BEACON, mac.EVERYONE, own[number % 4], own[number % 4], body + rates + el.element(3, b"\6")
            ),
        )


@kind(
    "stray",
    "impersonation",
    "A station of the owner's network joins another network's access point, which the attacker runs.",
    "enterprise products: known client that joins elsewhere",
    ("one station, once", "one station, three times", "both stations, three times"),
    owner=True,
)
def _stray(stage: Stage) -> None:
    stage.normal((stage.television,))
    trap = AccessPoint(stage.air, b"Free Guest", addresses.device(stage.rng), 6, stage.attacker.level, OPEN)
    trap.beacons(0, END + 15)
    stage.parties.bssids = stage.parties.transmitters = [trap.bssid]
    lured = stage.pick((stage.laptop,), (stage.laptop,), (stage.laptop, stage.phone))
    stage.parties.victims = [station.address for station in lured]
    for number, at in enumerate(stage.times(stage.pick(1 / 40, 1 / 18, 1 / 18))):
        for station in lured:
            guest = Station(stage.air, station.address, station.level, trap)
            with stage.attack():
                stage.normal((guest,), guest.join(at + number * 0.1), at + 12)


@kind(
    "unknown-device",
    "presence",
    "A device that the owner has not listed joins his network: presence, perhaps of a guest.",
    "sloth UNKNOWN_DEVICE; nzyme UNAPPROVED_CLIENT",
    ("one, once", "one, which talks much", "three"),
    notice=True,
    owner=True,
)
def _unknown_device(stage: Stage) -> None:
    stage.normal(stage.stations)
    devices = [addresses.device(stage.rng) for _ in range(stage.pick(1, 1, 3))]
    stage.parties.transmitters = stage.parties.victims = devices
    for number, own in enumerate(devices):
        guest = Station(stage.air, own, stage.attacker.level, stage.ap)
        with stage.attack():
            joined = guest.join(BEGIN + 2 + 5 * number)
            traffic(guest, joined, stage.pick(joined + 10, END, END), rate=stage.pick(0.5, 2.0, 2.0))

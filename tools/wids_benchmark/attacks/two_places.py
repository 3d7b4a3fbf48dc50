"""One address used by two devices: a station, a gateway, a sender to groups."""

from __future__ import annotations

from tools.wids_benchmark.building import mac
from tools.wids_benchmark.building.air import Counter
from tools.wids_benchmark.building.exchanges import traffic
from tools.wids_benchmark.building.networks import AccessPoint
from tools.wids_benchmark.building.security import WPA2
from tools.wids_benchmark.building.stations import Station
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import BEGIN, END, Stage


def _second_access_point(stage: Stage) -> AccessPoint:
    bssid = stage.ap.bssid[:5] + bytes([stage.ap.bssid[5] ^ 2])
    second = AccessPoint(stage.air, stage.ap.ssid + b" Guest", bssid, 6, stage.ap.level, WPA2, generation="n")
    second.beacons(0, END + 15)
    return second


def _join_as(stage: Stage, address: bytes, second: AccessPoint) -> None:
    """Have the attacker join the second access point under this address, and talk there."""
    twin = Station(stage.air, address, stage.attacker.level, second)
    stage.parties.transmitters = stage.parties.victims = [address]
    stage.parties.bssids.append(second.bssid)
    with stage.attack():
        traffic(twin, twin.join(BEGIN + 0.5), END, rate=stage.pick(0.4, 1.5, 4.5))


@kind(
    "station-at-two-places",
    "impersonation",
    "A station's address joins another access point of the site and talks there while the station goes on.",
    "CVE-2022-47522 (Framing Frames), 2023",
    ("little data", "as much as the station", "three times as much"),
)
def _two_places(stage: Stage) -> None:
    second = _second_access_point(stage)
    victim = stage.television
    stage.normal(stage.stations)
    _join_as(stage, victim.address, second)


@kind(
    "gateway-as-station",
    "impersonation",
    "A station joins under the address of the network's gateway, to get what is meant for it.",
    "AirSnitch, NDSS 2026 (client isolation bypass)",
    ("little data", "some data", "much data"),
)
def _gateway(stage: Stage) -> None:
    stage.normal(stage.stations)
    gateway = stage.ap.bssid[:5] + bytes([stage.ap.bssid[5] ^ 1])
    second = _second_access_point(stage)
    _join_as(stage, gateway, second)


@kind(
    "group-key-abuse",
    "impersonation",
    "Frames to everyone with the group key, which each station knows: a second line of packet numbers.",
    "Hole 196; AirSnitch, NDSS 2026",
    ("one each 5 s", "2 a second", "20 a second"),
)
def _group_key(stage: Stage) -> None:
    stage.normal(stage.stations)
    at = BEGIN
    while at < END:
        stage.ap.group_data(at)
        at += stage.rng.expovariate(1 / 0.7)
    packets = Counter(stage.ap.group_packets.value + 30_000)
    for at in stage.times(stage.pick(0.2, 2.0, 20.0)):
        body = bytes([0, 0, 0, 0x60, 0, 0, 0, 0]) + stage.rng.randbytes(90)
        to = stage.rng.choice((mac.EVERYONE, bytes.fromhex("01005e0000fb")))
        frame = mac.from_ap(to, stage.ap.bssid, stage.laptop.address, body, flags=mac.PROTECTED)
        with stage.attack() as radio:
            stage.air.send(radio, at, frame, sequence=radio.counter(), packet_number=packets)

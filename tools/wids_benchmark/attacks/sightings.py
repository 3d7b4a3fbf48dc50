"""Drones that say who they are, and frames of the exploits of drivers."""

from __future__ import annotations

import struct

from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import Stage

DRONES = bytes.fromhex("60601f")


def remote_id(stage_seconds: float, counter: int) -> bytes:
    """Return the vendor element of ASTM F3411-22a: a pack of basic identity, location and system messages."""
    serial = b"1581F4BND2123456A001"[:20].ljust(20, b"\0")
    basic = bytes([0x02, 0x12]) + serial + bytes(3)
    location = bytes([0x12, 0x20, 90, 20, 0]) + struct.pack("<ii", 525200000, 134050000 + round(stage_seconds * 20))
    location += struct.pack("<HHH", 2200, 2240, 2160) + bytes([0x44, 0x34]) + struct.pack("<H", 7200) + b"\x0a\0"
    system = (
        bytes([0x42, 0x04])
        + struct.pack("<iiHBHHBHI", 525198000, 134045000, 1, 0, 0, 0, 0x12, 2080, 200_000_000)
        + b"\0"
    )
    messages = b"".join(message[:25].ljust(25, b"\0") for message in (basic, location, system))
    return el.element(221, bytes.fromhex("fa0bbc0d") + bytes([counter & 255, 0xF2, 25, 3]) + messages)


@kind(
    "drone",
    "presence",
    "A drone's Remote ID in beacons: presence, not an attack.",
    "ASTM F3411-22a; DJI DroneID of before 2024",
    ("ASTM, one each 10 s", "ASTM, one a second", "DJI DroneID, 5 a second"),
    notice=True,
)
def _drone(stage: Stage) -> None:
    stage.normal(stage.stations)
    own = DRONES + stage.rng.randbytes(3)
    stage.parties.transmitters, stage.parties.bssids = [own], [own]
    for number, at in enumerate(stage.times(stage.pick(0.1, 1.0, 5.0))):
        body = struct.pack("<QHH", round(at * 1e6) + 80_000_000, 100, 0x0421) + el.ssid(b"RID-1581F4BND2123456A001")
        body += el.rates(b=True) + el.element(3, b"\6")
        body += _dji(number) if stage.intensity == 2 else remote_id(at, number)
        stage.forge(at, mac.management(Management.BEACON, mac.EVERYONE, own, own, body))


def _dji(number: int) -> bytes:
    """Return DJI's own element: version 2 of the flight telemetry."""
    serial = b"1SCEH2N0A1B2C3D4"
    told = (
        struct.pack("<H", number)
        + b"\xd7\x0f"
        + serial
        + struct.pack("<iihhhhhh", 2339518, 9166300, 120, 40, 10, 5, 0, 90)
    )
    told += struct.pack("<iiii", 0, 2339400, 9166200, 0) + b"\x3a\x06" + b"example\0"
    return el.element(221, bytes.fromhex("263712") + b"\x58\x62\x13\x10\x02" + told)


@kind(
    "malformed-elements",
    "protocol",
    "Beacons with the lengths of published exploits: an SSID of 40 octets, an RSN element with 2,000 suites.",
    "Kismet LONGSSID, RSNLOOP, WMMOVERFLOW",
    ("five beacons", "one each 2 s", "10 a second"),
    malformed=True,
)
def _malformed(stage: Stage) -> None:
    stage.normal(stage.stations)
    own = addresses.device(stage.rng)
    stage.parties.transmitters, stage.parties.bssids = [own], [own]
    rsn = el.element(48, struct.pack("<H", 1) + el.OUI_RSN + b"\4" + struct.pack("<H", 2000) + (el.OUI_RSN + b"\4") * 8)
    wmm = el.element(221, el.OUI_MICROSOFT + b"\2\1\1" + bytes(60))
    for number, at in enumerate(stage.times(stage.pick(5 / 60, 0.5, 10.0))):
        name = b"A" * 40 if number % 3 == 0 else b"print-7"
        body = (
            struct.pack("<QHH", round(at * 1e6), 100, 0x0431) + el.ssid(name) + el.rates(b=True) + el.element(3, b"\6")
        )
        body += rsn if number % 3 == 1 else el.rsn((el.PSK,))
        body += wmm if number % 3 == 2 else el.wmm()
        stage.forge(at, mac.management(Management.BEACON, mac.EVERYONE, own, own, body))

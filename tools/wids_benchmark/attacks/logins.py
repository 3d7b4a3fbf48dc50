"""Enterprise logins: access points that collect passwords."""

from __future__ import annotations

import random
import struct

from tools.wids_benchmark.building import addresses, eapol
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.networks import AccessPoint
from tools.wids_benchmark.building.security import ENTERPRISE
from tools.wids_benchmark.building.stations import Station, authentication
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import BEGIN, END, Stage


def _trap(stage: Stage) -> AccessPoint:
    trap = AccessPoint(
        stage.air, stage.ap.ssid, addresses.device(stage.rng), 6, stage.attacker.level, ENTERPRISE, up=10
    )
    stage.parties.transmitters = [trap.bssid]
    stage.parties.bssids.append(trap.bssid)
    with stage.attack():
        trap.beacons(BEGIN, END)
    return trap


def _begin(station: Station, at: float) -> float:
    station.manage_up(at, Management.AUTHENTICATION, authentication(0, 1))
    station.manage_down(at + 0.002, Management.AUTHENTICATION, authentication(0, 2))
    at = station.associate(at + 0.004)
    station.eapol_down(at, eapol.eap(eapol.REQUEST, 1, eapol.IDENTITY))
    station.eapol_up(at + 0.01, eapol.eap(eapol.RESPONSE, 1, eapol.IDENTITY, b"j.doe@example.org"))
    return at + 0.03


def _asked(method: int, rng: random.Random) -> tuple[bytes, bytes]:
    """Return what request and response of a method carry: RFC 3748, 5.4 and 5.6; LEAP; MSCHAPv2 (draft-kamath)."""
    name, eight, sixteen = b"j.doe", rng.randbytes(8), rng.randbytes(16)
    if method == eapol.GTC:
        return b"Password: ", b"correct horse"
    if method == eapol.LEAP:
        return bytes([1, 0, 8]) + eight + name, bytes([1, 0, 24]) + rng.randbytes(24) + name
    if method == eapol.MSCHAPV2:
        challenge = bytes([1, 2]) + struct.pack(">H", 26) + b"\x10" + sixteen + name
        answer = bytes([2, 2]) + struct.pack(">H", 59) + b"\x31" + rng.randbytes(49) + name
        return challenge, answer
    return b"\x10" + sixteen, b"\x10" + rng.randbytes(16)


@kind(
    "weak-eap",
    "protocol",
    "An access point with the company's name asks for logins that give the password away.",
    "hostapd-wpe; eaphammer; sloth ROGUE_RADIUS",
    ("one device, GTC", "two devices, each three times, LEAP", "two devices, each six times, all methods"),
    protection=ENTERPRISE,
)
def _weak_eap(stage: Stage) -> None:
    stage.normal((stage.television,))
    trap = _trap(stage)
    lured = stage.pick((stage.laptop,), (stage.laptop, stage.phone), (stage.laptop, stage.phone))
    stage.parties.victims = [station.address for station in lured]
    methods = stage.pick((eapol.GTC,), (eapol.LEAP,), (eapol.GTC, eapol.LEAP, eapol.MSCHAPV2, eapol.MD5))
    for number, at in enumerate(stage.times(stage.pick(1 / 40, 1 / 18, 1 / 9))):
        for order, station in enumerate(lured):
            guest = Station(stage.air, station.address, station.level, trap)
            with stage.attack():
                when = _begin(guest, at + 3 * order)
                method = methods[number % len(methods)]
                request, answer = _asked(method, stage.rng)
                guest.eapol_down(when, eapol.eap(eapol.REQUEST, 2, method, request))
                guest.eapol_up(when + 0.02, eapol.eap(eapol.RESPONSE, 2, method, answer))
                guest.eapol_down(when + 0.05, eapol.eap(eapol.FAILURE, 2))
                guest.manage_down(when + 0.06, Management.DEAUTHENTICATION, struct.pack("<H", 23))


@kind(
    "eap-without-certificate",
    "protocol",
    "An access point with the company's name ends a PEAP login with success, without a server's certificate.",
    "CVE-2023-52160; sloth PEAP_NO_SERVER_CERT",
    ("one device", "two devices, each three times", "two devices, each six times"),
    protection=ENTERPRISE,
)
def _no_certificate(stage: Stage) -> None:
    stage.normal((stage.television,))
    trap = _trap(stage)
    lured = stage.pick((stage.laptop,), (stage.laptop, stage.phone), (stage.laptop, stage.phone))
    stage.parties.victims = [station.address for station in lured]
    hello = bytes.fromhex("160301") + struct.pack(">H", 180) + b"\1" + stage.rng.randbytes(179)
    for at in stage.times(stage.pick(1 / 40, 1 / 18, 1 / 9)):
        for order, station in enumerate(lured):
            guest = Station(stage.air, station.address, station.level, trap)
            with stage.attack():
                when = _begin(guest, at + 3 * order)
                guest.eapol_down(when, eapol.eap(eapol.REQUEST, 2, eapol.PEAP, b"\x20"))
                guest.eapol_up(when + 0.02, eapol.eap(eapol.RESPONSE, 2, eapol.PEAP, b"\0" + hello))
                guest.eapol_down(when + 0.05, eapol.eap(eapol.SUCCESS, 2))
                guest.handshake(when + 0.06)

"""Collecting what passwords can be guessed from, and guessing."""

from __future__ import annotations

import struct

from tools.wids_benchmark.attacks.disconnecting import burst
from tools.wids_benchmark.building import addresses, eapol, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.networks import AccessPoint
from tools.wids_benchmark.building.security import WEP, WPA3
from tools.wids_benchmark.building.stations import Station, authentication, sae_commit
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import END, Stage


def _half_join(stage: Stage, at: float, ap: AccessPoint, own: bytes, nonce: bytes) -> None:
    """Authenticate, associate, and take message 1 with its PMKID; never answer it."""
    attacker = Station(stage.air, own, stage.attacker.level, ap)
    with stage.attack():
        attacker.manage_up(at, Management.AUTHENTICATION, authentication(0, 1))
        attacker.manage_down(at + 0.002, Management.AUTHENTICATION, authentication(0, 2))
        at = attacker.associate(at + 0.004, akm=el.PSK, caps=0)
        pmkid = stage.rng.randbytes(16)
        for counter in range(1, stage.rng.choice((2, 4, 5))):
            attacker.eapol_down(at, eapol.message_1(counter, nonce, pmkid=pmkid), acknowledged=counter == 1)
            at += 1.0


@kind(
    "pmkid-collection",
    "protocol",
    "One station begins to join access point after access point, and stops when it has the PMKID.",
    "hcxdumptool",
    ("one access point, four times", "four access points", "four access points, each each 4 s"),
)
def _pmkid(stage: Stage) -> None:
    stage.normal(stage.stations)
    near = [ap for ap in stage.neighbours if ap.channel == 6] + [stage.ap]
    for number in range(2):
        more = AccessPoint(stage.air, b"Weide %d" % number, addresses.router(stage.rng), 6, stage.rng.uniform(-72, -60))
        more.beacons(0, END + 15)
        near.append(more)
    own = addresses.device(stage.rng)
    asked = stage.pick([stage.ap], near[-4:], near[-4:])
    stage.parties.transmitters, stage.parties.bssids = [own], [ap.bssid for ap in asked]
    stage.parties.victims = []
    for number, at in enumerate(stage.times(stage.pick(4 / 60, 8 / 60, 1.0))):
        _half_join(stage, at, asked[number % len(asked)], own, stage.rng.randbytes(32))


@kind(
    "handshake-harvest",
    "protocol",
    "A burst of deauthentications, and the handshake with which the station comes back is recorded.",
    "aireplay-ng --deauth beside airodump-ng; wifite",
    ("5 pairs once", "64 pairs once", "64 pairs each 15 s"),
)
def _handshake_harvest(stage: Stage) -> None:
    station = stage.laptop
    stage.parties.victims = [station.address]
    stage.normal((stage.phone, stage.television))
    for at in stage.times(stage.pick(1 / 40, 1 / 40, 1 / 15)):
        done = burst(stage, at, station.address, stage.pick(5, 64, 64))
        with stage.attack():
            joined = stage.rejoin(station, done)
        stage.normal((station,), joined, joined + 10)


@kind(
    "sae-timing",
    "protocol",
    "SAE commits of one station for group 22, measured one after the other and never confirmed.",
    "dragontime (Dragonblood, 2020)",
    ("15, refused", "40, refused", "120, accepted"),
    protection=WPA3,
)
def _sae_timing(stage: Stage) -> None:
    stage.normal(stage.stations)
    own = addresses.device(stage.rng)
    attacker = Station(stage.air, own, stage.attacker.level, stage.ap)
    stage.parties.transmitters = [own]
    rng = stage.rng
    for at in stage.times(stage.pick(0.25, 2 / 3, 2.0)):
        commit = sae_commit(rng.randbytes(20), rng.randbytes(128), group=22)
        with stage.attack():
            attacker.manage_up(at, Management.AUTHENTICATION, authentication(3, 1, 0, commit))
            refusal = authentication(3, 1, 77, struct.pack("<H", 22))
            accepted = authentication(3, 1, 0, sae_commit(rng.randbytes(20), rng.randbytes(128), group=22))
            answer = stage.pick(refusal, refusal, accepted)
            attacker.manage_down(at + 0.05 + rng.uniform(0, 0.06), Management.AUTHENTICATION, answer)


@kind(
    "wps-bruteforce",
    "protocol",
    "One WPS PIN after the other.",
    "reaver; bully",
    ("one PIN each 9 s", "one each 4 s", "one each 1.5 s"),
)
def _wps(stage: Stage) -> None:
    stage.normal(stage.stations)
    stage.announce(el.wps())
    own = addresses.device(stage.rng)
    attacker = Station(stage.air, own, stage.attacker.level, stage.ap)
    stage.parties.transmitters = [own]
    for at in stage.times(1 / stage.pick(9.0, 4.0, 1.5)):
        with stage.attack():
            _try_pin(attacker, at)


def _try_pin(attacker: Station, at: float) -> None:
    """Play one exchange as a registrar, up to the NACK after M4."""
    attacker.manage_up(at, Management.AUTHENTICATION, authentication(0, 1))
    attacker.manage_down(at + 0.002, Management.AUTHENTICATION, authentication(0, 2))
    at = attacker.associate(at + 0.004, akm=0)
    attacker.eapol_up(at, eapol.packet(eapol.START))
    attacker.eapol_down(at + 0.01, eapol.eap(eapol.REQUEST, 1, eapol.IDENTITY))
    attacker.eapol_up(at + 0.02, eapol.eap(eapol.RESPONSE, 1, eapol.IDENTITY, b"WFA-SimpleConfig-Registrar-1-0"))
    for number, (down, up) in enumerate(((4, 5), (7, 8)), 2):
        at += 0.12
        attacker.eapol_down(at, eapol.wps(eapol.REQUEST, number, down))
        attacker.eapol_up(at + 0.05, eapol.wps(eapol.RESPONSE, number, up))
    attacker.eapol_down(at + 0.12, eapol.wps(eapol.REQUEST, 4, 14, 60, 3))
    attacker.eapol_up(at + 0.14, eapol.wps(eapol.RESPONSE, 4, 14, 60, 3))
    attacker.eapol_down(at + 0.18, eapol.eap(eapol.FAILURE, 4))
    attacker.manage_down(at + 0.2, Management.DEAUTHENTICATION, struct.pack("<H", 23))


@kind(
    "wep-replay",
    "protocol",
    "One encrypted ARP request sent again and again; the access point relays each with a new initialisation vector.",
    "aireplay-ng --arpreplay",
    ("80 a second", "200 a second", "450 a second"),
    protection=WEP,
)
def _wep_replay(stage: Stage) -> None:
    rng = stage.rng
    own, bssid = stage.television.address, stage.ap.bssid
    stage.parties.transmitters = [own, bssid]
    body = rng.randbytes(3) + b"\0" + rng.randbytes(36 + 4)
    request = mac.to_ap(bssid, own, mac.EVERYONE, body, flags=mac.PROTECTED)
    for at in stage.times(stage.pick(80.0, 200.0, 450.0)):
        stage.forge(at, request)
        relayed = rng.randbytes(3) + b"\0" + rng.randbytes(36 + 4)
        with stage.attack():
            frame = mac.from_ap(mac.EVERYONE, bssid, own, relayed, flags=mac.PROTECTED)
            stage.air.send(stage.ap, at + 0.001, frame, sequence=stage.ap.counter())


@kind(
    "chopchop",
    "protocol",
    "One WEP packet shortened octet by octet, each length tried with up to 256 endings.",
    "aireplay-ng --chopchop",
    ("10 a second", "60 a second", "200 a second"),
    protection=WEP,
)
def _chopchop(stage: Stage) -> None:
    rng = stage.rng
    own, bssid = addresses.device(rng), stage.ap.bssid
    stage.parties.transmitters = [own]
    vector, body, length = rng.randbytes(3), rng.randbytes(90), 90
    for number, at in enumerate(stage.times(stage.pick(10.0, 60.0, 200.0))):
        length = 90 - number // 120 % 60
        guess = body[: length - 1] + bytes([number & 255])
        to = mac.EVERYONE[:5] + bytes([number & 255])
        stage.forge(at, mac.to_ap(bssid, own, to, vector + b"\0" + guess, flags=mac.PROTECTED))


@kind(
    "sae-password-guessing",
    "protocol",
    "Full SAE logins of one station that fail at the confirm, one password after the other.",
    "wacker; Wi-Fi testers",
    ("one each 6 s", "one each 2 s", "4 a second"),
    protection=WPA3,
    malformed=True,
)
def _guessing(stage: Stage) -> None:
    stage.normal(stage.stations)
    own = addresses.randomised(stage.rng)
    attacker = Station(stage.air, own, stage.attacker.level, stage.ap)
    stage.parties.transmitters = [own]
    for at in stage.times(stage.pick(1 / 6, 0.5, 4.0)):
        with stage.attack():
            for sender, delay in ((attacker.manage_up, 0.0), (attacker.manage_down, 0.03)):
                commit = sae_commit(stage.rng.randbytes(32), stage.rng.randbytes(64))
                sender(at + delay, Management.AUTHENTICATION, authentication(3, 1, 0, commit))
            confirm = struct.pack("<H", 0) + stage.rng.randbytes(32)
            attacker.manage_up(at + 0.035, Management.AUTHENTICATION, authentication(3, 2, 0, confirm))
            attacker.manage_down(at + 0.04, Management.AUTHENTICATION, authentication(3, 2, 15))

"""Floods: frames in the names of stations and access points that do not exist."""

from __future__ import annotations

import struct

from tools.wids_benchmark.building import addresses, eapol, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.security import ENTERPRISE, WPA3
from tools.wids_benchmark.building.stations import authentication, sae_commit
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import BEGIN, END, Stage


def _to_ap(stage: Stage, at: float, station: bytes, subtype: int, body: bytes) -> None:
    bssid = stage.ap.bssid
    stage.forge(at, mac.management(subtype, bssid, station, bssid, body, duration=314))


def _answer(stage: Stage, at: float, station: bytes, subtype: int, body: bytes, *, tries: int = 1) -> None:
    """Have the access point answer a station that does not exist, so it tries again."""
    frame = mac.management(subtype, station, stage.ap.bssid, stage.ap.bssid, body, duration=314)
    sent = stage.air.send(stage.ap, at, frame, sequence=stage.ap.counter())
    for number in range(1, tries):
        stage.air.repeat(sent, at + 0.003 * number)


@kind(
    "auth-flood",
    "disruption",
    "Authentications from random addresses.",
    "mdk4 a",
    ("3 a second", "40 a second", "300 a second"),
)
def _auth_flood(stage: Stage) -> None:
    stage.parties.transmitters = []
    stage.normal(stage.stations)
    rate = stage.pick(3.0, 40.0, 300.0)
    for at in stage.times(rate):
        station = addresses.anything(stage.rng)
        _to_ap(stage, at, station, Management.AUTHENTICATION, authentication(0, 1))
        if stage.rng.random() < min(1, 20 / rate):
            _answer(stage, at + 0.002, station, Management.AUTHENTICATION, authentication(0, 2), tries=3)


@kind(
    "assoc-flood",
    "disruption",
    "Associations of random addresses, each after its authentication.",
    "mdk4 a -i; ESP32 association floods",
    ("3 a second", "20 a second", "100 a second"),
)
def _assoc_flood(stage: Stage) -> None:
    stage.parties.transmitters = []
    stage.normal(stage.stations)
    rate = stage.pick(3.0, 20.0, 100.0)
    for at in stage.times(rate):
        station = addresses.anything(stage.rng)
        _to_ap(stage, at, station, Management.AUTHENTICATION, authentication(0, 1))
        _answer(stage, at + 0.002, station, Management.AUTHENTICATION, authentication(0, 2))
        body = struct.pack("<HH", 0x0431, 10) + el.ssid(stage.ap.ssid) + el.rates(b=True) + el.rsn((el.PSK,))
        _to_ap(stage, at + 0.004, station, Management.ASSOCIATION_REQUEST, body)
        if stage.rng.random() < min(1, 20 / rate):
            answer = struct.pack("<HHH", 0x0431, 0, 0xC001 + stage.rng.randrange(2000)) + el.rates(b=True)
            _answer(stage, at + 0.006, station, Management.ASSOCIATION_RESPONSE, answer, tries=2)


@kind(
    "sae-flood",
    "disruption",
    "SAE commits from random addresses, which never confirm.",
    "dragondrain (Dragonblood, 2020)",
    ("3 a second", "25 a second", "150 a second"),
    protection=WPA3,
)
def _sae_flood(stage: Stage) -> None:
    stage.parties.transmitters = []
    stage.normal(stage.stations)
    rng = stage.rng
    rate = stage.pick(3.0, 25.0, 150.0)
    for number, at in enumerate(stage.times(rate)):
        station = addresses.anything(rng)
        body = authentication(3, 1, 0, sae_commit(rng.randbytes(32), rng.randbytes(64)))
        _to_ap(stage, at, station, Management.AUTHENTICATION, body)
        if number % max(1, round(rate / 15)) == 0:
            token = number > 5
            more = struct.pack("<H", 19) + el.extended(93, rng.randbytes(32))
            more = more if token else sae_commit(rng.randbytes(32), rng.randbytes(64))
            answer = authentication(3, 1, 76 if token else 0, more)
            _answer(stage, at + 0.004, station, Management.AUTHENTICATION, answer, tries=2)


@kind(
    "eapol-start-flood",
    "disruption",
    "EAPOL-Starts: of one address, or of many at once.",
    "mdk4 e",
    ("one address, 2 a second", "random addresses, 20 a second", "random addresses, 200 a second"),
    protection=ENTERPRISE,
)
def _eapol_start_flood(stage: Stage) -> None:
    stage.normal(stage.stations)
    single = addresses.device(stage.rng)
    stage.parties.transmitters = stage.pick([single], [], [])
    for at in stage.times(stage.pick(2.0, 20.0, 200.0)):
        station = stage.pick(single, addresses.anything(stage.rng), addresses.anything(stage.rng))
        stage.forge(at, mac.to_ap(stage.ap.bssid, station, stage.ap.bssid, eapol.packet(eapol.START)))


@kind(
    "eapol-logoff-flood",
    "disruption",
    "EAPOL-Logoffs in the names of stations.",
    "mdk4 e -l",
    ("one each second", "10 a second", "100 a second"),
    protection=ENTERPRISE,
)
def _eapol_logoff_flood(stage: Stage) -> None:
    stage.normal(stage.stations)
    stage.parties.transmitters = stage.parties.victims = [stage.laptop.address, stage.phone.address]
    for number, at in enumerate(stage.times(stage.pick(1.0, 10.0, 100.0))):
        station = (stage.laptop, stage.phone)[number % 2].address
        stage.forge(at, mac.to_ap(stage.ap.bssid, station, stage.ap.bssid, eapol.packet(eapol.LOGOFF)))


@kind(
    "probe-flood",
    "disruption",
    "Probe requests from ever new random addresses.",
    "mdk4 p; ESP32 Marauder probe flood",
    ("12 a second", "60 a second", "300 a second"),
    notice=True,
)
def _probe_flood(stage: Stage) -> None:
    stage.normal(stage.stations)
    stage.parties.transmitters, stage.parties.bssids = [], []
    rate = stage.pick(12.0, 60.0, 300.0)
    for at in stage.times(rate):
        station = addresses.anything(stage.rng)
        body = el.ssid(stage.ap.ssid) + el.element(1, bytes([2, 4, 11, 22])) + el.element(50, bytes([12, 18, 24, 36]))
        stage.forge(at, mac.management(Management.PROBE_REQUEST, mac.EVERYONE, station, mac.EVERYONE, body))
        if stage.rng.random() < min(1, 15 / rate):
            stage.ap.answer_probe(at + 0.002, station, tries=3)


@kind(
    "beacon-flood",
    "disruption",
    "Beacons of networks that do not exist.",
    "ESP8266 Deauther (list), mdk4 b, ESP32 Marauder (random)",
    ("20 names of a list, each twice a second", "ever new names, 40 a second", "ever new names, 250 a second"),
)
def _beacon_flood(stage: Stage) -> None:
    stage.normal(stage.stations)
    stage.parties.transmitters, stage.parties.bssids = [], []
    rng = stage.rng
    listed = [(addresses.anything(rng), b"Free WiFi %d" % number) for number in range(20)]
    for number, at in enumerate(stage.times(stage.pick(40.0, 40.0, 250.0))):
        new = (
            addresses.anything(rng),
            bytes(rng.choice(b"abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(rng.randrange(5, 20))),
        )
        own, name = stage.pick(listed[number % 20], new, new)
        if stage.intensity == 0:
            head = struct.pack("<QHH", 0x0000_0001_8383, 100, 0x0401)
            body = (
                head
                + el.ssid(name)
                + el.element(1, bytes([0x82, 0x84, 0x8B, 0x96, 0x24, 0x30, 0x48, 0x6C]))
                + el.element(3, b"\6")
            )
        else:
            head = struct.pack("<QHH", round((at - BEGIN) * 1e6), 100, 0x0411 if number % 2 else 0x0401)
            body = head + el.ssid(name) + el.rates(b=True) + el.element(3, b"\6") + el.tim(0)
            body += el.rsn((el.PSK,)) if number % 2 else b""
        stage.forge(at, mac.management(Management.BEACON, mac.EVERYONE, own, own, body))


@kind(
    "ps-denial",
    "disruption",
    "PS-Polls and null frames in a sleeping station's name take away what the access point keeps for it.",
    "Bellardo and Savage, USENIX Security 2003; power-save denial of enterprise products",
    ("2 a second", "20 a second", "100 a second"),
)
def _ps_denial(stage: Stage) -> None:
    station, bssid = stage.phone.address, stage.ap.bssid
    stage.parties.transmitters = stage.parties.victims = [station]
    stage.normal(stage.stations)
    for number, at in enumerate(stage.times(stage.pick(2.0, 20.0, 100.0), BEGIN, END)):
        if number % 4 == 3:
            null = mac.to_ap(bssid, station, bssid, b"", flags=mac.POWER_SAVE, subtype=4)
            stage.forge(at, null)
        else:
            stage.forge(at, mac.ps_poll(bssid, station, 1), own_counter=False)

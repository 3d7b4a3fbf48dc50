"""Forged disconnections."""

from __future__ import annotations

import struct

from tools.wids_benchmark.building import eapol, mac
from tools.wids_benchmark.building.exchanges import exchange
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.security import WPA3
from tools.wids_benchmark.building.stations import Station, authentication
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import BEGIN, END, Stage

CLASS_3 = 7
"""Reason of aireplay-ng: class 3 frame received from nonassociated station."""


def forged(stage: Stage, at: float, station: bytes, *, subtype: int, reason: int, upward: bool = False) -> None:
    """Send one disconnection in the access point's name, or upward in the station's."""
    bssid = stage.ap.bssid
    to, sender = (bssid, station) if upward else (station, bssid)
    stage.forge(at, mac.management(subtype, to, sender, bssid, struct.pack("<H", reason), duration=314))


def burst(stage: Stage, at: float, station: bytes, pairs: int) -> float:
    """Send pairs of deauthentications both ways, as aireplay-ng does; return the time after them."""
    for _ in range(pairs):
        for upward in (False, True):
            forged(stage, at, station, subtype=Management.DEAUTHENTICATION, reason=CLASS_3, upward=upward)
            at += 0.0022
    return at


@kind(
    "deauth-flood",
    "disruption",
    "Deauthentications in the names of access point and station, both ways; the station leaves and joins again.",
    "aireplay-ng --deauth",
    ("one pair each 1.5 s", "bursts of 16 pairs each 6 s", "64 pairs each half second"),
)
def _deauth_flood(stage: Stage) -> None:
    victim = stage.laptop
    stage.parties.victims = [victim.address]
    stage.normal((stage.phone, stage.television))
    pairs, every, away = stage.pick((1, 1.5, 4), (16, 6.0, 1), (64, 0.5, 1))
    for number, at in enumerate(stage.times(1 / every), 1):
        done = burst(stage, at, victim.address, pairs)
        if every > 1 and number % away == 0 and done + 1.2 < at + every:
            joined = stage.rejoin(victim, done)
            if joined + 0.3 < at + every * 0.8:
                exchange(victim, joined + 0.2, up=True)
    stage.normal((victim,), stage.rejoin(victim, END + 1))


@kind(
    "disassoc-flood",
    "disruption",
    "Disassociations and deauthentications of every station of an access point, one after the other.",
    "mdk4 d",
    ("one station each 2 s", "6 a second", "100 a second"),
)
def _disassoc_flood(stage: Stage) -> None:
    stage.parties.victims = [station.address for station in stage.stations]
    for number, at in enumerate(stage.times(stage.pick(0.5, 6.0, 100.0))):
        victim = stage.stations[number // 4 % 3]
        subtype = (Management.DEAUTHENTICATION, Management.DISASSOCIATION)[number % 2]
        forged(stage, at, victim.address, subtype=subtype, reason=(7, 8)[number % 2], upward=number % 4 > 1)
        if stage.intensity == 0:
            exchange(victim, stage.rejoin(victim, at) + 0.1, up=True)
    for number, station in enumerate(stage.stations):
        stage.normal((station,), stage.rejoin(station, END + number))


@kind(
    "broadcast-deauth",
    "disruption",
    "Deauthentications of everyone in an access point's name.",
    "ESP8266 Deauther; ESP32 Marauder",
    ("one each 4 s", "two a second", "50 a second"),
)
def _broadcast_deauth(stage: Stage) -> None:
    stage.parties.victims = [mac.EVERYONE]
    rate = stage.pick(0.25, 2.0, 50.0)
    for at in stage.times(rate):
        forged(stage, at, mac.EVERYONE, subtype=Management.DEAUTHENTICATION, reason=stage.pick(1, 1, 2))
        if rate < 1:
            stage.normal((stage.phone,), stage.rejoin(stage.phone, at), at + 3.5)
    for number, station in enumerate(stage.stations):
        stage.normal((station,), stage.rejoin(station, END + number))


@kind(
    "deauth-against-pmf",
    "disruption",
    "Deauthentications in clear of a station with management protection, which stays, and asks by SA queries.",
    "aireplay-ng --deauth against WPA3",
    ("one each 3 s", "4 a second", "60 a second"),
    protection=WPA3,
)
def _deauth_against_pmf(stage: Stage) -> None:
    stage.parties.victims = [stage.laptop.address]
    stage.normal(stage.stations)
    queried = 0.0
    for at in stage.times(stage.pick(1 / 3, 4.0, 60.0)):
        forged(stage, at, stage.laptop.address, subtype=Management.DEAUTHENTICATION, reason=CLASS_3)
        if at - queried > 0.4:
            queried = at
            sa_query(stage.laptop, at + 0.01)


def sa_query(station: Station, at: float) -> None:
    """Exchange an encrypted SA query and its answer, asked by the station (9.6.9)."""
    station.manage_up(at, Management.ACTION, bytes([8, 0, 1, 2]), protected=True)
    station.manage_down(at + 0.003, Management.ACTION, bytes([8, 1, 1, 2]), protected=True)


@kind(
    "sa-query-storm",
    "disruption",
    "Forged association requests against a station with management protection: only the queries of both are heard.",
    "sloth SA_QUERY_FLOOD; Lounis and Zulkernine, 2019",
    ("queries at 2 a second", "8 a second", "30 a second"),
    protection=WPA3,
)
def _sa_query_storm(stage: Stage) -> None:
    station = stage.laptop
    stage.parties.victims = [station.address]
    stage.normal(stage.stations)
    with stage.attack():
        for at in stage.times(stage.pick(2.0, 8.0, 30.0)):
            station.manage_down(at, Management.ACTION, bytes([8, 0, 1, 2]), protected=True)
            station.manage_up(at + 0.003, Management.ACTION, bytes([8, 1, 1, 2]), protected=True)


@kind(
    "deauth-in-join",
    "disruption",
    "One or two deauthentications each time when a station joins, so that it never gets in.",
    "Vanhoef and Ronen, Dragonblood, 2020; neildalal/WPA3-Attacks-IDS",
    ("two joins", "five joins", "a join each 2 s"),
)
def _deauth_in_join(stage: Stage) -> None:
    station = stage.phone
    stage.parties.victims = [station.address]
    stage.normal((stage.laptop, stage.television))
    every = stage.pick(25.0, 10.0, 2.0)
    for at in stage.times(1 / every):
        station.manage_up(at, Management.AUTHENTICATION, authentication(0, 1))
        station.manage_down(at + 0.002, Management.AUTHENTICATION, authentication(0, 2))
        forged(stage, at + 0.0035, station.address, subtype=Management.DEAUTHENTICATION, reason=CLASS_3)
        station.associate(at + 0.004)
        forged(stage, at + 0.0095, station.address, subtype=Management.DEAUTHENTICATION, reason=CLASS_3)
        _unanswered(stage, station, at + 0.011)
    stage.normal((station,), stage.rejoin(station, END + 2))


def _unanswered(stage: Stage, station: Station, at: float) -> None:
    """Have the access point, which knows nothing of the forged frames, begin a handshake that nobody goes on with."""
    nonce = stage.rng.randbytes(32)
    tries = 1 if stage.intensity == 2 else 4
    for number in range(tries):
        station.eapol_down(at + number, eapol.message_1(number + 1, nonce), acknowledged=False)
    station.manage_down(at + tries, Management.DEAUTHENTICATION, struct.pack("<H", 15))


@kind(
    "odd-reason",
    "disruption",
    "Deauthentications with reason codes that do not exist, from a program that tries values.",
    "Kismet DEAUTHCODEINVALID; WiFuzz",
    ("one each 12 s", "one a second", "20 a second"),
    notice=True,
)
def _odd_reason(stage: Stage) -> None:
    stage.parties.victims = [stage.laptop.address]
    stage.normal(stage.stations)
    for at in stage.times(stage.pick(1 / 12, 1.0, 20.0)):
        reason = stage.rng.choice((0, 69, 90, 255, 1024, 4660, 65535))
        forged(stage, at, stage.laptop.address, subtype=Management.DEAUTHENTICATION, reason=reason)


@kind(
    "omerta",
    "disruption",
    "A disassociation in the access point's name after each data frame that a station sends.",
    "Omerta (enterprise products)",
    ("after each eighth frame", "after each third", "after each"),
)
def _omerta(stage: Stage) -> None:
    stage.parties.victims = [stage.laptop.address]
    stage.normal((stage.phone, stage.television))
    station = stage.laptop
    every = stage.pick(8, 3, 1)
    at, number = BEGIN, 0
    while at < END:
        number += 1
        at = exchange(station, at, up=True)
        if number % every == 0:
            forged(stage, at + 0.002, station.address, subtype=Management.DISASSOCIATION, reason=1)
            at = stage.rejoin(station, at)
        at += stage.rng.uniform(0.2, 0.7)


@kind(
    "fata-jack",
    "disruption",
    "Authentications in a station's name with an impossible algorithm: the access point drops the station.",
    "FATA-jack (enterprise products)",
    ("one each 5 s", "one a second", "10 a second"),
)
def _fata_jack(stage: Stage) -> None:
    station, bssid = stage.laptop, stage.ap.bssid
    stage.parties.victims = [station.address]
    stage.parties.transmitters = [station.address]
    stage.normal((stage.phone, stage.television))
    every = stage.pick(5.0, 1.0, 0.1)
    answered = 0.0
    for at in stage.times(1 / every):
        body = authentication(2, 1, 1)
        stage.forge(at, mac.management(Management.AUTHENTICATION, bssid, station.address, bssid, body, duration=314))
        station.manage_down(at + 0.002, Management.AUTHENTICATION, authentication(2, 2, 13))
        if every > 2 and at - answered > 2:
            answered = at
            exchange(station, at + 0.4, up=True)
            station.manage_down(at + 0.41, Management.DEAUTHENTICATION, struct.pack("<H", 6))
            station.join(at + 0.6)
    stage.normal((station,), stage.rejoin(station, END))

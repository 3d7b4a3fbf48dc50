"""Attacks on the 4-way handshake and its keys."""

from __future__ import annotations

from tools.wids_benchmark.building import eapol, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.air import Counter
from tools.wids_benchmark.building.exchanges import exchange
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.security import ENTERPRISE_PMF, TRANSITION, WPA2_PMF
from tools.wids_benchmark.building.stations import Station, authentication
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import END, Stage


def forged_eapol(stage: Stage, at: float, station: Station, body: bytes, *, upward: bool = False) -> None:
    """Send an EAPOL packet in clear in the name of access point or station."""
    bssid, own = stage.ap.bssid, station.address
    frame = mac.to_ap(bssid, own, bssid, body, tid=0) if upward else mac.from_ap(own, bssid, bssid, body, tid=0)
    stage.forge(at, frame)


def _reinstall(stage: Stage, station: Station, at: float, repeats: int) -> float:
    """Join, repeat message 3 after message 4, and go on with packet numbers from the beginning."""
    rng = stage.rng
    at = station.join(at)
    packets = stage.pick(3, 10, 10)
    for _ in range(packets):
        at = exchange(station, at + 0.05, up=True, retries=0)
    for _ in range(repeats):
        station.replay += 1
        wrapped = rng.randbytes(56)
        third = eapol.message_3(station.replay, station.anonce, rng.randbytes(16), wrapped, version=station.descriptor)
        forged_eapol(stage, at + 0.9, station, third)
        fourth = eapol.message_4(station.replay, rng.randbytes(16), version=station.descriptor)
        with stage.attack():
            station.eapol_up(at + 0.91, fourth)
            station.up_packets = Counter(0)
            at += 1.0
            for _ in range(packets + 1):
                at = exchange(station, at + 0.08, up=True, retries=0)
    return at


@kind(
    "key-reinstallation",
    "protocol",
    "Message 3 of the 4-way handshake repeated: the station installs the key anew, and its packet numbers restart.",
    "Vanhoef and Piessens, Key Reinstallation Attacks, CCS 2017",
    ("one handshake", "three handshakes", "three handshakes, three repetitions each"),
)
def _krack(stage: Stage) -> None:
    station = stage.television
    stage.parties.victims = [station.address]
    stage.normal((stage.phone, stage.laptop))
    at = 80.0
    for _ in range(stage.pick(1, 3, 3)):
        at = _reinstall(stage, station, at, stage.pick(1, 1, 3)) + 6
        stage.normal((station,), at - 5.5, at)
        at += 1
    stage.normal((station,), at)


@kind(
    "pmf-bypass-m1",
    "protocol",
    "Message 1 in clear with a broken PMKID element to a station with keys, which leaves.",
    "Schepers, Ranganathan, Vanhoef, WiSec 2022",
    ("once", "three times", "each 4 s"),
    protection=WPA2_PMF,
    malformed=True,
)
def _pmf_bypass(stage: Stage) -> None:
    station = stage.television
    stage.parties.victims = [station.address]
    stage.normal((stage.phone, stage.laptop))
    at = 82.0
    stage.normal((station,), station.join(76), 81)
    for _ in range(stage.pick(1, 3, 12)):
        key_data = b"\xdd\xff\x00\x0f\xac\x04" + stage.rng.randbytes(16)
        body = eapol.key(eapol.PAIRWISE | eapol.ACK, 1, stage.rng.randbytes(32), key_data=key_data)
        exchange(station, at - 0.4, up=True)
        forged_eapol(stage, at, station, body)
        with stage.attack():
            station.leave(at + 0.004, reason=1)
        joined = stage.rejoin(station, at + 0.5)
        at += stage.pick(20.0, 14.0, 4.0)
        stage.normal((station,), joined, min(at - 0.4, END))


@kind(
    "message-1-without-answer",
    "protocol",
    "Message 1 in clear to a station with keys, which ignores it.",
    "Schepers, Ranganathan, Vanhoef, WiSec 2022; ESP32 bad-message tools",
    ("once", "one each 5 s", "5 a second"),
    protection=WPA2_PMF,
    notice=True,
)
def _message_1(stage: Stage) -> None:
    station = stage.television
    stage.parties.victims = [station.address]
    stage.normal((stage.phone, stage.laptop))
    stage.normal((station,), station.join(76))
    for number, at in enumerate(stage.times(stage.pick(1 / 40, 0.2, 5.0), 85)):
        exchange(station, at - 0.2, up=False)
        forged_eapol(stage, at, station, eapol.message_1(number + 1, stage.rng.randbytes(32)))


@kind(
    "forged-eap",
    "protocol",
    "EAP-Failure, EAP-Success and EAPOL-Logoff in clear between a station and an access point that have keys.",
    "Schepers, Ranganathan, Vanhoef, WiSec 2022; enterprise products",
    ("one EAP-Failure, and the station leaves", "one each 4 s", "5 a second"),
    protection=ENTERPRISE_PMF,
)
def _forged_eap(stage: Stage) -> None:
    station = stage.laptop
    stage.parties.victims = [station.address]
    stage.normal(stage.stations)
    for number, at in enumerate(stage.times(stage.pick(1 / 40, 0.25, 5.0))):
        exchange(station, at - 0.3, up=True)
        if number % 3 == 2:
            forged_eapol(stage, at, station, eapol.packet(eapol.LOGOFF), upward=True)
        else:
            code = eapol.FAILURE if number % 3 == 0 else eapol.SUCCESS
            forged_eapol(stage, at, station, eapol.eap(code, number & 255))
        if stage.intensity == 0:
            station.leave(at + 0.02, reason=23)
            stage.rejoin(station, at + 0.4)


@kind(
    "zero-nonce",
    "protocol",
    "Messages 1 with a nonce of zeros while a station joins.",
    "Vanhoef, WiFuzz, Black Hat 2017; Kismet NONCEDEGRADE",
    ("three", "in five joins", "5 a second"),
)
def _zero_nonce(stage: Stage) -> None:
    station = stage.television
    stage.parties.victims = [station.address]
    stage.normal((stage.phone, stage.laptop))
    for number, at in enumerate(stage.times(stage.pick(0.05, 1 / 12, 5.0))):
        if stage.intensity < 2:
            station.associate(at - 0.01)
        forged_eapol(stage, at, station, eapol.message_1(number + 1, bytes(32)))


@kind(
    "nonce-reuse",
    "protocol",
    "One program answers joins in the names of six access points, with one nonce.",
    "hostapd-mana; Kismet NONCEREUSE",
    ("five access points once", "ten messages", "60 messages"),
)
def _nonce_reuse(stage: Stage) -> None:
    stage.normal(stage.stations)
    rng = stage.rng
    nonce = rng.randbytes(32)
    names = [bytes.fromhex("021337") + rng.randbytes(3) for _ in range(6)]
    stage.parties.transmitters = stage.parties.bssids = names
    stage.parties.victims = []
    count = stage.pick(5, 10, 60)
    for number, at in enumerate(stage.times(count / 60)):
        bssid, station = names[number % 6], stage.phone.address[:3] + rng.randbytes(3)
        stage.parties.victims.append(station)
        for step in range(2):
            frame = mac.from_ap(station, bssid, bssid, eapol.message_1(1 + step, nonce, pmkid=rng.randbytes(16)), tid=0)
            stage.forge(at + step * 1.0, frame)


@kind(
    "station-downgrade",
    "protocol",
    "A station that has joined by SAE joins the same network with a pre-shared key, after its SAE was refused.",
    "Vanhoef and Ronen, Dragonblood, 2020, 4.1",
    ("one station", "two stations", "two stations, three times"),
    protection=TRANSITION,
)
def _station_downgrade(stage: Stage) -> None:
    victims = stage.pick((stage.laptop,), (stage.laptop, stage.phone), (stage.laptop, stage.phone))
    stage.parties.victims = [station.address for station in victims]
    stage.normal(tuple(station for station in stage.stations if station not in victims))
    bssid = stage.ap.bssid
    for at in stage.times(stage.pick(1 / 40, 1 / 40, 1 / 18)):
        for number, station in enumerate(victims):
            when, to = at + number * 2, station.address
            refusal = authentication(3, 1, 1)
            stage.forge(when, mac.management(Management.AUTHENTICATION, to, bssid, bssid, refusal, duration=314))
            station.akm, station.pmf = el.PSK, False
            with stage.attack():
                stage.normal((station,), station.join(when + 0.5), when + 12)

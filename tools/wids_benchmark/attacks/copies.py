"""Imitations of an access point: copies with its name, or with its address too."""

from __future__ import annotations

import struct

from tools.wids_benchmark.attacks.disconnecting import burst
from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.networks import AccessPoint
from tools.wids_benchmark.building.security import OPEN, WPA2, WPA3, Protection
from tools.wids_benchmark.building.stations import Station, authentication, sae_commit
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import BEGIN, END, Stage


def copy(
    stage: Stage, protection: Protection, *, bssid: bytes = b"", ssid: bytes = b"", channel: int = 6
) -> AccessPoint:
    """Return an access point of the attacker, as hostapd on a laptop: just started, with 802.11n."""
    made = AccessPoint(
        stage.air,
        ssid or stage.ap.ssid,
        bssid or addresses.device(stage.rng),
        channel,
        stage.attacker.level,
        protection,
        up=-BEGIN + 2,
        code=stage.ap.code,
    )
    stage.parties.transmitters = [made.bssid]
    return made


def serve(stage: Stage, twin: AccessPoint, start: float = BEGIN, end: float = END, *, share: float = 1.0) -> None:
    """Let the copy beacon; a share of its beacons below 1 is what is sent at all."""
    with stage.attack():
        twin.beacons(start, end, share=share)


def _copied(stage: Stage, protection: Protection) -> None:
    """Offer a copy of the network, and drive the laptop to it by deauthentications."""
    stage.normal((stage.phone, stage.television))
    stage.parties.victims = [stage.laptop.address]
    if stage.intensity:
        for at in stage.times(stage.pick(0.0, 1 / 20, 2.0)):
            burst(stage, at, stage.laptop.address, 16)
    twin = copy(stage, protection)
    stage.parties.bssids.append(twin.bssid)
    serve(stage, twin)
    if stage.intensity:
        _lure(stage, twin, BEGIN + 12)


def _lure(stage: Stage, twin: AccessPoint, at: float) -> None:
    """Let the laptop join the copy."""
    station = Station(stage.air, stage.laptop.address, stage.laptop.level, twin)
    with stage.attack():
        stage.normal((station,), station.join(at), END)


@kind(
    "evil-twin",
    "impersonation",
    "An open access point with the name of a protected network.",
    "airgeddon; WiFi Pumpkin",
    ("the copy alone", "after 16 pairs of deauthentications", "with a deauthentication flood all the time"),
)
def _evil_twin(stage: Stage) -> None:
    _copied(stage, OPEN)


@kind(
    "evil-twin-same-protection",
    "impersonation",
    "An access point with the name and the protection of the owner's network, whose password the attacker knows.",
    "hostapd with a known password; Kismet APSPOOF, nzyme MONITOR_BSSID",
    ("the copy alone", "after 16 pairs of deauthentications", "with a deauthentication flood all the time"),
    owner=True,
)
def _evil_twin_same(stage: Stage) -> None:
    _copied(stage, WPA2)


@kind(
    "lookalike-ssid",
    "impersonation",
    "An open access point whose name looks like that of the owner's network.",
    "SSID stripping, AirEye, 2021; nzyme SIMILAR_SSID",
    ("a capital I for a small l", "a Cyrillic letter", "an invisible character"),
    owner=True,
)
def _lookalike(stage: Stage) -> None:
    stage.normal(stage.stations)
    name = stage.pick(b"SeagIass", "Se\u0430glass".encode(), "Seaglass\u200b".encode())
    twin = copy(stage, OPEN, ssid=name)
    stage.parties.bssids = [twin.bssid]
    serve(stage, twin)


@kind(
    "own-network-changed",
    "impersonation",
    "The owner's access point announces no protection any more: somebody has reset it, or replaced it.",
    "nzyme MONITOR_SECURITY_SUITE; Kismet CRYPTODROP",
    ("management protection is off", "WPA2 instead of WPA3", "open"),
    protection=WPA3,
    owner=True,
)
def _own_network_changed(stage: Stage) -> None:
    weaker = stage.pick(Protection("wpa3-without-pmf", (el.SAE,)), WPA2, OPEN)
    real = [sent for sent in stage.air.sent if not (sent.radio is stage.ap and sent.at >= BEGIN)]
    stage.air.sent[:] = real
    stage.ap.protection = weaker
    with stage.attack():
        stage.ap.beacons(BEGIN, END)
    stage.ap.beacons(END, END + 15)


@kind(
    "mitm-same-bssid",
    "impersonation",
    "A second access point with the same address and name on the same channel.",
    "hostapd with a copied address; airbase-ng -a",
    ("one beacon a second, the elements copied", "every beacon, the elements copied", "every beacon, its own elements"),
)
def _mitm(stage: Stage) -> None:
    stage.normal(stage.stations)
    if stage.intensity == 2:
        twin = copy(stage, WPA2, bssid=stage.ap.bssid)
        twin.interval, twin.code = 200, b"US"
        serve(stage, twin)
        return
    clock = stage.rng.randrange(10**9, 10**11)
    for at in stage.times(stage.pick(1.0, 9.8, 0.0)):
        body = struct.pack("<Q", clock + round(at * 1e6)) + stage.ap.announcement(at, beacon=True)[8:]
        stage.forge(at, mac.management(Management.BEACON, mac.EVERYONE, stage.ap.bssid, stage.ap.bssid, body))


@kind(
    "multi-channel-mitm",
    "impersonation",
    "A copy of the access point with its address on channel 11, to which its stations are moved by channel switches.",
    "Vanhoef and Piessens, ACSAC 2014; Omelug/wpa3_tester",
    ("the copy alone", "a forged channel switch each 5 s", "a forged channel switch each half second"),
)
def _multi_channel(stage: Stage) -> None:
    stage.normal((stage.phone, stage.television))
    twin = copy(stage, WPA2, bssid=stage.ap.bssid, channel=11)
    serve(stage, twin)
    if stage.intensity:
        for at in stage.times(stage.pick(0.0, 0.2, 2.0)):
            body = stage.ap.announcement(at, beacon=True) + el.channel_switch(11, 1)
            stage.forge(at, mac.management(Management.BEACON, mac.EVERYONE, stage.ap.bssid, stage.ap.bssid, body))
    _lure(stage, twin, BEGIN + 8)


@kind(
    "security-downgrade",
    "impersonation",
    "Beacons and probe responses in a WPA3 access point's name that offer only WPA2.",
    "Vanhoef and Ronen, Dragonblood, 2020; neildalal/WPA3-Attacks-IDS",
    ("one beacon a second", "5 a second", "every beacon"),
    protection=WPA3,
)
def _security_downgrade(stage: Stage) -> None:
    stage.normal(stage.stations)
    twin = copy(stage, WPA2, bssid=stage.ap.bssid)
    serve(stage, twin, share=stage.pick(0.1, 0.5, 1.0))


@kind(
    "adhoc-conflict",
    "impersonation",
    "Beacons of an ad-hoc network with the access point's address and name.",
    "Kismet ADHOCCONFLICT",
    ("one a second", "5 a second", "10 a second"),
)
def _adhoc(stage: Stage) -> None:
    stage.normal(stage.stations)
    for at in stage.times(stage.pick(1.0, 5.0, 10.0)):
        body = struct.pack("<QHH", round(at * 1e6), 100, 0x0012) + el.ssid(stage.ap.ssid) + el.rates(b=True)
        body += el.element(3, b"\6") + el.element(6, b"\0\0") + el.rsn((el.PSK,))
        stage.forge(at, mac.management(Management.BEACON, mac.EVERYONE, stage.ap.bssid, stage.ap.bssid, body))


@kind(
    "own-address",
    "impersonation",
    "Management frames of an access point to its own address, as a copy answers the real one.",
    "found beside multi-channel men in the middle",
    ("four", "one each 4 s", "5 a second"),
)
def _own_address(stage: Stage) -> None:
    stage.normal(stage.stations)
    own = stage.ap.bssid
    for at in stage.times(stage.pick(1 / 15, 0.25, 5.0)):
        kind_, body = stage.rng.choice(
            ((Management.AUTHENTICATION, authentication(0, 1)), (Management.DEAUTHENTICATION, struct.pack("<H", 7)))
        )
        stage.forge(at, mac.management(kind_, own, own, own, body, duration=314))


@kind(
    "sae-answers-contradict",
    "impersonation",
    "Refusals of the group in a WPA3 access point's name, beside its own answer that accepts it.",
    "Vanhoef and Ronen, Dragonblood, 2020 (group downgrade); hsngccu/WPA3-dataset",
    ("two logins", "five logins", "20 logins"),
    protection=WPA3,
)
def _sae_answers(stage: Stage) -> None:
    stage.normal((stage.laptop, stage.television))
    station, rng = stage.phone, stage.rng
    stage.parties.victims = [station.address]
    for at in stage.times(stage.pick(1 / 29, 1 / 12, 1 / 3)):
        commit = sae_commit(rng.randbytes(32), rng.randbytes(64))
        station.manage_up(at, Management.AUTHENTICATION, authentication(3, 1, 0, commit))
        refusal = authentication(3, 1, 77, struct.pack("<H", 19))
        bssid = stage.ap.bssid
        stage.forge(
            at + 0.004, mac.management(Management.AUTHENTICATION, station.address, bssid, bssid, refusal, duration=314)
        )
        answer = authentication(3, 1, 0, sae_commit(rng.randbytes(32), rng.randbytes(64)))
        with stage.attack():
            station.manage_down(at + 0.013, Management.AUTHENTICATION, answer)
    stage.normal((station,), stage.rejoin(station, END))

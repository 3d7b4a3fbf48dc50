"""FragAttacks: injected fragments and aggregates (Vanhoef, Fragment and Forge, USENIX Security 2021).

Low is one packet, as a test tool sends; medium three; high one a second.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from tools.wids_benchmark.building import eapol, mac
from tools.wids_benchmark.building.air import with_packet_number
from tools.wids_benchmark.building.exchanges import exchange, numbers, plain, sealed
from tools.wids_benchmark.building.stations import Station
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import END, Stage

LEVELS = ("one packet", "three packets", "one a second")
SOURCE = "fragattacks.py (Vanhoef)"
RATE = 11.0
INNER = mac.RFC1042 + b"\x88\xb5"
"""What the subframe that nobody is to read carries: a local experimental protocol."""
_Play = Callable[[Stage, Station, float], None]


def _test(stage: Stage, play: _Play) -> None:
    """Let a station join and talk, and inject beside its traffic."""
    station = stage.television
    stage.parties.victims = [station.address]
    stage.normal((stage.phone, stage.laptop))
    stage.normal((station,), station.join(76), END + 15)
    for at in stage.times(stage.pick(1 / 40, 3 / 55, 1.0), 80):
        exchange(station, at - 0.05, up=False, retries=0)
        exchange(station, at - 0.04, up=True, retries=0)
        play(stage, station, at)


def _inject(stage: Stage, station: Station, at: float, body: bytes, **more: int) -> None:
    """Send a frame in the access point's name to the station, as an injecting test does."""
    gateway = stage.ap.bssid[:5] + bytes([stage.ap.bssid[5] ^ 1])
    flags = more.pop("flags", 0)
    number = more.pop("number", -1)
    packet = more.pop("packet", 0)
    to = mac.EVERYONE if more.pop("everyone", 0) else station.address
    counter = numbers(station, up=False)
    packets = station.down_packets

    def octets() -> bytes:
        frame = mac.from_ap(to, stage.ap.bssid, gateway, body, flags=flags, tid=2, **more)
        frame = mac.numbered(frame, counter.value + 30 if number < 0 else number)
        if flags & mac.PROTECTED and packet:
            frame = with_packet_number(frame, packets.value + packet)
            if packet > 0:
                packets.value += packet
        return frame

    stage.forge(at, octets, rate=RATE, own_counter=False)


def _number(stage: Stage) -> int:
    return stage.rng.randrange(1, 4095)


def _mixed(stage: Stage, station: Station, at: float) -> None:
    number = _number(stage)
    _inject(stage, station, at, sealed(40, station), flags=mac.PROTECTED | mac.MORE_FRAGMENTS, number=number, packet=1)
    _inject(stage, station, at + 0.002, plain(60, station)[8:], number=number, fragment=1)


def _numbers(stage: Stage, station: Station, at: float) -> None:
    number = _number(stage)
    _inject(stage, station, at, sealed(40, station), flags=mac.PROTECTED | mac.MORE_FRAGMENTS, number=number, packet=1)
    _inject(stage, station, at + 0.002, sealed(60, station), flags=mac.PROTECTED, number=number, fragment=1, packet=2)


def _cache(stage: Stage, station: Station, at: float) -> None:
    number = _number(stage)
    _inject(stage, station, at, sealed(40, station), flags=mac.PROTECTED | mac.MORE_FRAGMENTS, number=number, packet=1)
    before = station.down_packets
    with stage.attack():
        joined = station.join(at + 0.3, again=True)
    old = station.down_packets
    station.down_packets = before
    _inject(
        stage, station, joined + 0.05, sealed(60, station), flags=mac.PROTECTED, number=number, fragment=1, packet=1
    )
    station.down_packets = old


def _rekeyed(stage: Stage, station: Station, at: float) -> None:
    number = _number(stage)
    _inject(stage, station, at, sealed(40, station), flags=mac.PROTECTED | mac.MORE_FRAGMENTS, number=number, packet=1)
    before = station.down_packets
    done = station.handshake(at + 0.2)
    fresh = station.down_packets
    station.down_packets = before
    _inject(stage, station, done + 0.05, sealed(60, station), flags=mac.PROTECTED, number=number, fragment=1, packet=1)
    station.down_packets = fresh


def _plaintext(stage: Stage, station: Station, at: float) -> None:
    _inject(stage, station, at, plain(64, station))


def _plaintext_fragment(stage: Stage, station: Station, at: float) -> None:
    number = _number(stage)
    _inject(stage, station, at, plain(64, station)[:40], flags=mac.MORE_FRAGMENTS, number=number)
    _inject(stage, station, at + 0.002, plain(64, station)[40:], number=number, fragment=1)


def _broadcast(stage: Stage, station: Station, at: float) -> None:
    _inject(stage, station, at, plain(64, station), fragment=1, everyone=1)


def _subframe(to: bytes, sender: bytes, payload: bytes) -> bytes:
    octets = to + sender + struct.pack(">H", len(payload)) + payload
    return octets + bytes(-len(octets) % 4)


def _amsdu(stage: Stage, station: Station, at: float) -> None:
    """A-MSDU in clear that begins like EAPOL: the destination of the first subframe is an LLC header."""
    gateway = stage.ap.bssid[:5] + bytes([stage.ap.bssid[5] ^ 1])
    head = mac.RFC1042 + gateway + struct.pack(">H", 8) + INNER
    body = head + bytes(-len(head) % 4) + _subframe(station.address, gateway, plain(48, station))
    _inject(stage, station, at, body, amsdu=True)


def _amsdu_eapol(stage: Stage, station: Station, at: float) -> None:
    gateway = stage.ap.bssid[:5] + bytes([stage.ap.bssid[5] ^ 1])
    head = eapol.SNAP + gateway[:4] + struct.pack(">H", 8) + INNER
    body = head + bytes(-len(head) % 4) + _subframe(station.address, gateway, plain(48, station))
    _inject(stage, station, at, body, amsdu=True)


def _flag(stage: Stage, station: Station, at: float) -> None:
    """One encrypted frame twice, with one packet number, the second time marked as A-MSDU."""
    number, body = _number(stage), sealed(90, station)
    _inject(stage, station, at, body, flags=mac.PROTECTED, number=number, packet=1)
    stage.air.sent[-1].attack = True
    first = stage.air.sent[-1]

    def marked() -> bytes:
        octets = first.octets
        return octets[:24] + bytes([octets[24] | 0x80]) + octets[25:]

    stage.forge(at + 0.05, marked, rate=RATE, own_counter=False)


def _eapol_inject(stage: Stage, station: Station, at: float) -> None:
    """EAPOL in clear from a station to another one, which the access point forwards."""
    to = stage.laptop.address
    body = eapol.eap(eapol.REQUEST, 1, eapol.IDENTITY)
    frame = mac.to_ap(stage.ap.bssid, station.address, to, body, tid=0)
    stage.forge(at, frame, rate=RATE)
    forwarded = mac.from_ap(to, stage.ap.bssid, station.address, sealed(len(body), station), flags=mac.PROTECTED, tid=0)
    with stage.attack():
        stage.air.send(
            stage.ap,
            at + 0.004,
            forwarded,
            rate=RATE,
            sequence=numbers(stage.laptop, up=False),
            packet_number=stage.laptop.down_packets,
        )


_TESTS: dict[str, tuple[_Play, str]] = {
    "fragattack-mixed-plain-encrypted": (_mixed, "The first fragment encrypted, the second in clear (CVE-2020-26147)."),
    "fragattack-packet-number": (
        _numbers,
        "Two encrypted fragments whose packet numbers do not follow (CVE-2020-26146).",
    ),
    "fragattack-cache": (_cache, "A fragment before, its second half after a reassociation (CVE-2020-24586)."),
    "fragattack-mixed-key": (_rekeyed, "A fragment before, its second half after new keys (CVE-2020-24587)."),
    "fragattack-plaintext": (_plaintext, "A packet in clear to a station with keys (CVE-2020-26140)."),
    "fragattack-plaintext-fragment": (
        _plaintext_fragment,
        "Two fragments in clear to a station with keys (CVE-2020-26143).",
    ),
    "fragattack-plaintext-broadcast": (_broadcast, "A later fragment in clear to everyone (CVE-2020-26145)."),
    "fragattack-amsdu": (_amsdu, "An A-MSDU in clear that begins with an LLC header (CVE-2020-26144)."),
    "fragattack-amsdu-eapol": (_amsdu_eapol, "An A-MSDU in clear that begins like EAPOL (CVE-2020-26144)."),
    "fragattack-amsdu-flag": (_flag, "An encrypted frame again with the A-MSDU mark (CVE-2020-24588)."),
    "fragattack-eapol-inject": (_eapol_inject, "EAPOL in clear from station to station (CVE-2020-26139)."),
}


def _register(name: str, play: _Play, about: str) -> None:
    def run(stage: Stage) -> None:
        _test(stage, play)

    kind(name, "protocol", about, SOURCE, LEVELS)(run)


for _name, (_play, _about) in _TESTS.items():
    _register(_name, _play, _about)

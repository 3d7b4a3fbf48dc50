"""Frames that are wrong in every way, with all rules at once: none may fail or grow without bound."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.detections.hearing import Hearing
from tests.drivers.sim.scenes import one, play
from tests.survey.air import (
    AP,
    RATES,
    RSN,
    STA,
    WPS,
    beacon,
    ds,
    element,
    frame,
    from_ap,
    key,
    probe,
    response,
    tim,
    to_ap,
)  # fmt: skip

from whimbrel.capture.reader import read_capture
from whimbrel.detections import alert_table
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.registry import all_detections
from whimbrel.events.alerts import REMEMBERED
from whimbrel.settings import Mac, Ssid
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse, parser_for
from whimbrel.wifi.security import Protection

GUARDED = (
    GuardedNetwork(Ssid(b"harbour"), (Mac(AP),), security=(Protection.WPA2_PERSONAL,)),
    GuardedNetwork(Ssid(b"net")),
)
RAW = 105
INCIDENTS = (
    "deauthentication", "beacon-flood", "hostile-names", "evil-twin", "karma", "channel-switch", "authentication-flood",
    "sae-flood", "pmkid-harvest", "probe-flood", "reserve-air", "malformed",
)  # fmt: skip
Spoil = Callable[[random.Random, bytearray, int], None]


def all_rules() -> Hearing:
    return Hearing(*all_detections(), guarded=GUARDED, trusted=[STA])


def flip(rng: random.Random, raw: bytearray, at: int) -> None:
    raw[at] ^= 1 << rng.randrange(8)


def overwrite(rng: random.Random, raw: bytearray, at: int) -> None:
    raw[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))


def shorten(rng: random.Random, raw: bytearray, at: int) -> None:
    del raw[at:]


def lengthen(rng: random.Random, raw: bytearray, at: int) -> None:
    raw[at:at] = rng.randbytes(rng.randrange(1, 40))


def repeat(rng: random.Random, raw: bytearray, at: int) -> None:
    raw[at:at] = raw[at : at + rng.randrange(1, 60)]


SPOILS: tuple[Spoil, ...] = (flip, flip, overwrite, overwrite, shorten, lengthen, repeat)


def spoiled(rng: random.Random, given: Frame) -> Frame:
    """Return a frame that is nearly `given`, heard at its time."""
    raw = bytearray(given.raw[given.start :])
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        if len(raw) > 2:
            # Mostly behind the header, so that the frame stays of its kind and network.
            rng.choice(SPOILS)(rng, raw, rng.randrange(2 if rng.random() < 0.2 else min(24, len(raw) - 1), len(raw)))
    made = parse(RAW, (given.time, bytes(raw), len(raw) + (rng.randrange(300) if rng.random() < 0.05 else 0)))
    made.freq, made.rssi, made.rate = given.freq, given.rssi, given.rate
    return made


def handmade() -> list[Frame]:
    """Return frames that the simulated air lacks: WPS, actions, fragments, A-MSDU, fast transition, Remote ID."""
    snap = bytes.fromhex("aaaa030000000800")
    m3 = b"\xfe\x00\x37\x2a\x00\x00\x00\x01\x04\x00\x10\x4a\x00\x01\x10\x10\x22\x00\x01\x07"
    eap = b"\x01\x01" + (len(m3) + 4).to_bytes(2, "big") + m3
    profile = b"\x53\x02\x11\x00\x00\x05guest\x55\x01\x01"
    noa = element(221, b"\x50\x6f\x9a\x09\x0c\x05\x00\x01\x02\x03\x04\x05")
    return [
        *(key(n, (n + 1) // 2) for n in (1, 2, 3, 4, 3, 4)),
        beacon(element(0, b"harbour") + RATES + ds(6) + tim() + RSN + element(37, b"\1\x0b\3") + WPS),
        beacon(element(0, b"harbour") + RATES + element(71, b"\2" + element(0, profile)) + element(60, b"\1\x51\6\2")),
        beacon(element(0, b"drone") + RATES + element(221, bytes.fromhex("fa0bbc0d01") + b"\2\x12" + bytes(24))),
        response(element(0, "h\u0430rbour".encode()) + RATES + noa),
        probe(b"harbour", elements=RATES + WPS),
        frame(0x02, AP, STA, AP, b"\x11\0\1\0" + AP + element(0, b"harbour") + RSN + element(55, bytes(82))),
        *(frame(0x0D, STA, AP, AP, bytes.fromhex(body)) for body in ("0004250301 0b01", "04040001510b03", "050501")),
        frame(0x0D, STA, AP, AP, b"\5\5\1" + element(52, bytes(13))),
        *(frame(kind, STA, AP, AP, b"\7\0", duration=20_000) for kind in (0x0A, 0x0C)),
        frame(0x0B, AP, STA, AP, b"\3\0\1\0\0\0\x13\0" + bytes(96)),
        from_ap(bytes.fromhex("aaaa03000000888e0100") + len(eap).to_bytes(2, "big") + eap, flags=2),
        *(to_ap(bytes.fromhex(f"aaaa03000000888e01{kind}0000"), flags=1) for kind in ("01", "02")),
        *(to_ap(b"\1\0\0\x20\0\0\0\0" + snap + bytes(20), flags=flags, seq=7) for flags in (0x45, 0x41, 0x05, 0x01)),
        to_ap(b"\x80\0" + snap + bytes(20), kind=0x28, flags=1),
    ]  # fmt: skip


def hostile(rng: random.Random, frames: list[Frame], count: int) -> Iterator[Frame]:
    """Yield `count` frames like some of `frames`, in time, now and then with a clock that jumps."""
    now = 1000.0
    for _ in range(count):
        now += rng.choice((0.0, 0.0005, 0.01, 0.2)) if rng.random() > 0.002 else rng.uniform(-500, 500)
        made = spoiled(rng, rng.choice(frames))
        made.time = now
        if rng.random() < 0.1:
            made.freq = rng.choice((0, 2412, 2462, 5180, 5955, 58320))
        yield made


def judge(frames: list[Frame], seed: int, count: int) -> Hearing:
    hearing = all_rules()
    for made in hostile(random.Random(seed), frames, count):
        hearing.hear(made)
    hearing.end()
    return hearing


@pytest.mark.parametrize("seed", range(3))
def test_frames_made_by_hand(seed: int) -> None:
    hearing = judge(handmade(), seed, 1500)
    assert {"malformed", "deauth-flood"} <= set(hearing.rules)


@pytest.mark.parametrize("kind", INCIDENTS)
def test_frames_of_the_simulated_air(kind: str) -> None:
    channel = "channel: 1" if kind == "channel-switch" else "channel: 6"
    incident = f"kind: {kind}, at: 2s, lasts: 4s, rate: 20, target: net, {channel}"
    frames = play(one("wpa2-psk", station="habit: browse", more=f"incidents: [{{{incident}}}]"), 6)
    assert judge(frames, 1, 400).engine.detections


@pytest.mark.captures
@pytest.mark.parametrize("name", ["aircrack-ng/wpa.cap", "aircrack-ng/wps2.0.pcap", "vanhoef/wpa3.pcapng"])
def test_frames_of_captures(name: str, captures: Path) -> None:
    file = captures / name
    with file.open("rb") as stream:
        frames = [parser_for(linktype)(record) for linktype, records in read_capture(stream) for record in records]
    assert judge(frames[:2000], 1, 800).engine.detections


def test_ever_new_addresses_of_every_kind_leave_little_behind() -> None:
    rng = random.Random(1)
    hearing = all_rules()
    frames = handmade()
    for n in range(4000):
        given = rng.choice(frames)
        raw = bytearray(given.raw)
        for at in (4, 10, 16):
            if len(raw) >= at + 6 and rng.random() < 0.7:
                raw[at : at + 6] = rng.randbytes(6)
        made = parse(RAW, (1000.0 + n / 200, bytes(raw), len(raw)))
        made.freq = 2437
        hearing.hear(made)
    store = hearing.engine.alerts
    assert len(store.open) <= alert_table.OPEN
    assert len(store.remembered) <= REMEMBERED
    by_rule: dict[str, int] = {}
    for alert in hearing.alerts:
        by_rule[alert.rule] = by_rule.get(alert.rule, 0) + 1
    assert max(by_rule.values()) <= 4 * (alert_table.BURST_ONCE + 1)

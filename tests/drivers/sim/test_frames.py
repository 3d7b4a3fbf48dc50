"""Our parser and scapy's dissection must agree about the frames of the simulated air."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11Elt, RadioTap
from tests.drivers.sim.scenes import build, one, parsed, play

from whimbrel.drivers.sim import frames, library, world
from whimbrel.drivers.sim.security import SECURITY
from whimbrel.wifi import kinds
from whimbrel.wifi.eapol import parse_eapol
from whimbrel.wifi.elements import parse_elements
from whimbrel.wifi.fixed import beacon_fixed
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import IEEE802_11, parse
from whimbrel.wifi.payloads import eapol_packets
from whimbrel.wifi.security import describe

NAMES = {
    "open": ("open", "none"),
    "wep": ("WEP", "none"),
    "wpa-psk": ("WPA-Personal", "none"),
    "wpa-wpa2-psk": ("WPA/WPA2-Personal", "none"),
    "wpa2-psk": ("WPA2-Personal", "none"),
    "wpa2-psk-tkip": ("WPA2-Personal", "none"),
    "wpa2-psk-pmf": ("WPA2-Personal", "optional"),
    "wpa2-psk-pmf-required": ("WPA2-Personal", "required"),
    "wpa2-ft-psk": ("WPA2-Personal", "none"),
    "wpa2-enterprise": ("WPA2-Enterprise", "none"),
    "wpa2-ft-enterprise": ("WPA2-Enterprise", "optional"),
    "wpa3-sae": ("WPA3-Personal", "required"),
    "wpa2-wpa3": ("WPA2/WPA3-Personal", "optional"),
    "wpa3-enterprise": ("WPA3-Enterprise", "required"),
    "wpa3-enterprise-192": ("WPA3-Enterprise 192-bit", "required"),
    "owe": ("OWE", "required"),
    "owe-transition": ("OWE transition", "none"),
}


def first_beacon(text: str) -> Frame:
    return next(frame for frame in play(text, 1) if frame.kind == kinds.BEACON)


def elements_of(frame: Frame, fixed: int = 12) -> Any:
    return parse_elements(frame.raw, frame.body + fixed, frame.end)


@pytest.mark.parametrize("security", SECURITY)
def test_each_kind_of_security_is_announced_as_such(security: str) -> None:
    frame = first_beacon(one(security))
    found = elements_of(frame)
    fixed = beacon_fixed(frame.raw, frame.body, frame.end)
    assert fixed is not None
    said = describe(bool(fixed[2] & 0x10), found.rsn, found.wpa, found.owe_transition is not None)
    assert (said.name, str(said.pmf)) == NAMES[security]


@pytest.mark.parametrize(("generation", "band", "channel", "width", "center"), [
    ("ht", "2.4", 6, 20, 2437), ("ht", "2.4", 3, 40, 2432), ("he", "2.4", 11, 40, 2452), ("ht", "5", 36, 20, 5180),
    ("ht", "5", 40, 40, 5190), ("vht", "5", 36, 20, 5180), ("vht", "5", 40, 40, 5190), ("vht", "5", 44, 80, 5210),
    ("vht", "5", 100, 160, 5570), ("he", "5", 157, 80, 5775), ("he", "5", 64, 160, 5250), ("he", "6", 5, 80, 5985),
    ("he", "6", 37, 160, 6185), ("he", "6", 33, 20, 6115),
])  # fmt: skip
def test_operation_elements_tell_channel_and_width(
    generation: str, band: str, channel: int, width: int, center: int
) -> None:
    text = one(band=band, channel=channel, generation=generation).replace("position", f"width: {width}, position", 1)
    frame = first_beacon(text)
    said = elements_of(frame).operation
    expected = {"2.4": 2407, "5": 5000, "6": 5950}[band] + 5 * channel
    assert (said.channel, said.freq, said.width, said.center) == (channel, expected, width, center)
    assert frame.freq == expected


@pytest.mark.parametrize("scene", ["home", "cafe"])
def test_scapy_reads_the_same_fields(scene: str) -> None:
    air = world.build(library.load(scene), 5, start=0.0).air
    seen: dict[tuple[int, str], int] = {}
    for record in air.until(90):
        frame = next(parsed([record]))
        if frame.bad_fcs or seen.setdefault((frame.kind, frame.phy), 0) >= 12:
            continue
        seen[frame.kind, frame.phy] += 1
        compare(record[1], frame)
    assert {kind for kind, _ in seen} >= {
        kinds.BEACON, kinds.PROBE_REQ, kinds.PROBE_RESP, kinds.AUTH, kinds.ASSOC_REQ, kinds.ASSOC_RESP, kinds.ACK,
        kinds.RTS, kinds.CTS, kinds.BLOCK_ACK, kinds.NULL, kinds.DATA, kinds.QOS_DATA,
    }  # fmt: skip
    assert {phy for _, phy in seen} >= {"dsss", "ofdm", "vht", "he"}


def compare(raw: bytes, frame: Frame) -> None:
    packet = RadioTap(raw)
    header = packet[Dot11]
    assert header.type << 4 | header.subtype == frame.kind
    assert header.addr1 == (frame.ra or b"").hex(":")
    assert packet.dBm_AntSignal == frame.rssi
    assert packet.ChannelFrequency == frame.freq
    assert packet.mac_timestamp == frame.tsft
    if frame.phy in {"dsss", "ofdm"}:
        assert packet.Rate == frame.rate
    if header.type != 1:
        assert header.addr2 == (frame.ta or b"").hex(":")
        assert (frame.seq or 0) << 4 == header.SC
    if frame.kind == kinds.BEACON:
        fixed = beacon_fixed(frame.raw, frame.body, frame.end)
        assert fixed is not None
        assert packet[Dot11Beacon].timestamp == fixed[0]
        assert packet[Dot11Elt].info == (elements_of(frame).ssid or b"")


@pytest.mark.parametrize("security", sorted(name for name in SECURITY if SECURITY[name].keyed))
def test_a_handshake_goes_by_in_order(security: str) -> None:
    frames = play(one(security, station="habit: asleep"), 30)
    keys = [parse_eapol(f.raw, f.body, f.end) for f in frames if eapol_packets(f) and not f.retry]
    messages = [key for key in keys if key is not None and key.type == "key"]
    order = [key.message for key in messages]
    assert order[-4:] == ["M1", "M2", "M3", "M4"]
    assert set(order[:-4]) <= {"M1"}
    one_, two, three, four = messages[-4:]
    assert one_.replay == two.replay
    assert three.replay == four.replay == (one_.replay or 0) + 1
    assert one_.nonce == three.nonce != two.nonce
    assert any(two.nonce)
    assert [key.has_mic for key in messages[-4:]] == [False, True, True, True]
    assert (one_.pmkid is not None) == bool(SECURITY[security].akms)


def test_a_login_comes_before_the_keys_of_an_enterprise_network() -> None:
    frames = play(one("wpa2-enterprise", station="habit: asleep"), 30)
    keys = [parse_eapol(f.raw, f.body, f.end) for f in frames if eapol_packets(f) and not f.retry]
    kinds = [key.type for key in keys if key is not None]
    assert kinds[0] == "start"
    assert kinds[1:-4] == ["eap"] * (len(kinds) - 5)
    assert kinds[-4:] == ["key"] * 4


def test_sae_commits_and_confirms_before_the_association() -> None:
    frames = play(one("wpa3-sae", station="habit: asleep"), 30)
    steps = [
        (f.kind, f.raw[f.body : f.body + 4]) for f in frames if f.kind in {kinds.AUTH, kinds.ASSOC_REQ} and not f.retry
    ]
    commit, confirm = b"\3\0\1\0", b"\3\0\2\0"
    assert [body for kind, body in steps if kind == kinds.AUTH] == [commit, commit, confirm, confirm]
    assert steps[-1][0] == kinds.ASSOC_REQ


def test_the_halves_of_an_owe_transition_network_name_each_other() -> None:
    bodies = {f.bssid: elements_of(f) for f in play(one("owe-transition"), 2) if f.kind == kinds.BEACON}
    assert len(bodies) == 2
    for bssid, found in bodies.items():
        partner = found.owe_transition
        assert partner is not None
        assert {bssid, partner[0]} == set(bodies)
    assert {found.ssid for found in bodies.values()} == {b"net", b""}


def test_the_name_of_a_hidden_network_is_told_to_whoever_asks() -> None:
    text = one(station="asks: [net]").replace("security:", "hidden: true, security:", 1)
    frames = play(text, 40)
    assert all(not elements_of(f).ssid for f in frames if f.kind == kinds.BEACON)
    assert b"net" in {elements_of(f).ssid for f in frames if f.kind == kinds.PROBE_RESP}
    asked = play(one(station="scans: 5s").replace("security:", "hidden: true, security:", 1), 40)
    assert not [f for f in asked if f.kind == kinds.PROBE_RESP]


def test_the_6_ghz_radio_is_reported_by_the_others() -> None:
    made = world.build(library.load("home"), 1)
    six = {bss.address for bss in made.networks if bss.layout.band == "6"}
    reported = {
        bssid
        for frame in parsed(made.air.until(1))
        if frame.kind == kinds.BEACON
        for neighbour in elements_of(frame).neighbours
        for bssid in neighbour.bssids
    }
    assert reported == six


def test_beacons_keep_their_interval_and_count_their_clock() -> None:
    beacons = [f for f in play(one(), 60) if f.kind == kinds.BEACON]
    stamps = [beacon_fixed(f.raw, f.body, f.end) for f in beacons]
    for (before, after), (first, second) in zip(pairwise(beacons), pairwise(stamps), strict=True):
        assert first is not None
        assert second is not None
        assert second[0] - first[0] == pytest.approx((after.time - before.time) * 1e6, abs=10)
    spans = sorted(after.time - before.time for before, after in pairwise(beacons))
    assert spans[len(spans) // 2] == pytest.approx(0.1024, rel=0.01)
    numbers = [f.seq or 0 for f in beacons]
    assert all(0 < (b - a) % 4096 < 60 for a, b in pairwise(numbers))


def test_a_walk_can_be_heard_and_standing_still_too() -> None:
    def spread(station: str) -> int:
        air = build(one(station=station)).air
        heard = [
            f
            for f in parsed(air.until(900))
            if f.sa not in {None, f.bssid} and f.kind == kinds.QOS_DATA and f.flags & 1
        ]
        levels = sorted(f.rssi or 0 for f in heard)
        return levels[-len(levels) // 20] - levels[len(levels) // 20]

    assert spread("habit: idle, rooms: [[1, 1], [25, 1]], rest: 30s") > spread("habit: idle") + 10


def test_a_station_moves_on_to_the_nearer_access_point() -> None:
    text = """
radios:
  - {name: west, channel: 36, band: 5, generation: vht, position: [0, 2], networks: [{ssid: net, security: wpa2-psk}]}
  - {name: east, channel: 44, band: 5, generation: vht, position: [40, 2], networks: [{ssid: net, security: wpa2-psk}]}
stations:
  - {name: walker, network: net, generation: vht, bands: [5], rooms: [[1, 1], [39, 1]],
     rest: 60s, scans: 15s, vendor: "b8:27:eb"}
"""
    joined = [f for f in play(text, 600) if f.kind == kinds.REASSOC_REQ and not f.retry]
    assert len({f.bssid for f in joined}) == 2


def test_an_access_point_that_starts_anew_says_so_and_its_clock_begins_again() -> None:
    text = one(station="habit: idle").replace("position", "restarts: 5min, position", 1)
    frames = play(text, 420)
    gone = next(f.time for f in frames if f.kind == kinds.DEAUTH)
    fixed = [(f.time, beacon_fixed(f.raw, f.body, f.end)) for f in frames if f.kind == kinds.BEACON]
    after = next(stamp for time, stamp in fixed if time > gone + 1)
    assert after is not None
    assert after[0] < 2_000_000
    assert [f for f in frames if f.kind == kinds.ASSOC_REQ and f.time > gone]


def test_a_channel_switch_is_announced_as_scapy_reads_it() -> None:
    heard = play(one(more="happenings: [{kind: channel-switch, at: 2s, radio: ap, channel: 11, count: 3}]"), 5)
    said = [
        (csa.channel, csa.count, f.scapy().getlayer(Dot11Elt, ID=37).info)
        for f in heard
        if f.kind == kinds.BEACON and (csa := elements_of(f).csa)
    ]
    assert said == [(11, count, bytes((1, 11, count))) for count in (3, 2, 1)]


@pytest.mark.parametrize("secret", [False, True])
def test_an_action_frame_and_one_that_is_encrypted(secret: bool) -> None:
    ra, ta = bytes.fromhex("020000000001"), bytes.fromhex("060000000002")
    body = b"\1\0\0\x20\0\0\0\0" + bytes(range(12)) if secret else b"\x08\0\x01\0"
    raw = frames.action(ra, ta, ra, body, secret=secret)
    frame = parse(IEEE802_11, (1.0, raw, len(raw)))
    assert (frame.kind, frame.ra, frame.ta, frame.bssid, frame.protected) == (kinds.ACTION, ra, ta, ra, secret)
    assert frame.raw[frame.body : frame.end] == body
    assert Dot11(raw).FCfield.protected is secret

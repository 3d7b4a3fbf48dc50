from __future__ import annotations

import collections
import itertools
from collections.abc import Callable

import pytest
from tests.drivers.sim.scenes import START, one, parsed, play

from whimbrel.drivers.sim import library, world
from whimbrel.drivers.sim.incidents import HOSTILE_NAMES
from whimbrel.wifi import kinds
from whimbrel.wifi.eapol import parse_eapol
from whimbrel.wifi.elements import Elements, parse_elements
from whimbrel.wifi.fixed import auth_fixed, reason_fixed
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.payloads import eapol_packets


def incident(
    text: str, *, security: str = "wpa2-psk", seconds: float = 20, station: str = "habit: idle"
) -> list[Frame]:
    """Return the heard frames of one network, one station and one incident."""
    return play(one(security, station=station, more=f"incidents: [{{{text}}}]"), seconds)


def elements_of(frame: Frame) -> Elements:
    return parse_elements(frame.raw, frame.body + 12, frame.end)


def test_a_fast_deauthentication_flood_is_as_fast_and_as_long_as_said() -> None:
    frames = incident("kind: deauthentication, at: 5s, lasts: 10s, rate: 60, target: net, reason: 7")
    flood = [f for f in frames if f.kind == kinds.DEAUTH]
    access_point = next(f.bssid for f in frames if f.kind == kinds.BEACON)
    assert len(flood) == pytest.approx(600, rel=0.05)
    assert START + 5 <= flood[0].time < flood[-1].time <= START + 15
    assert {(f.ra, f.ta, f.bssid) for f in flood} == {(b"\xff" * 6, access_point, access_point)}
    assert {reason_fixed(f.raw, f.body, f.end) for f in flood} == {7}


def test_a_slow_disassociation_goes_both_ways_between_one_station_and_its_access_point() -> None:
    text = "kind: disassociation, at: 30s, lasts: 60s, rate: 1.5, target: net, broadcast: false, reason: 8"
    frames = incident(text, seconds=95)
    slow = [f for f in frames if f.kind == kinds.DISASSOC]
    assert len(slow) == pytest.approx(90, rel=0.1)
    assert len({frozenset({f.ra, f.ta}) for f in slow}) == 1
    assert {f.ta == f.bssid for f in slow} == {True, False}


def test_stations_come_back_after_they_were_sent_away() -> None:
    frames = incident("kind: deauthentication, at: 30s, lasts: 2s, rate: 20, target: net", seconds=60)
    joined = [f.time - START for f in frames if f.kind == kinds.ASSOC_REQ and not f.retry]
    assert [time > 30 for time in joined] == [False, True]


def test_pmf_keeps_the_stations() -> None:
    text = "kind: deauthentication, at: 30s, lasts: 2s, rate: 20, target: net"
    frames = incident(text, security="wpa3-sae", seconds=60)
    assert len([f for f in frames if f.kind == kinds.ASSOC_REQ and not f.retry]) == 1


def test_a_beacon_flood_is_of_many_names_from_one_place() -> None:
    frames = incident("kind: beacon-flood, at: 2s, lasts: 10s, rate: 100, count: 80, channel: 6", station="")
    fakes = [f for f in frames if f.kind == kinds.BEACON and elements_of(f).ssid != b"net"]
    assert len({f.bssid for f in fakes}) == 80
    assert len({elements_of(f).ssid for f in fakes}) > 60
    assert len(fakes) == pytest.approx(1000, rel=0.05)
    numbers = [f.seq or 0 for f in fakes]
    assert all((b - a) % 4096 == 1 for a, b in itertools.pairwise(numbers))


@pytest.mark.parametrize("same", [False, True])
def test_an_evil_twin_has_the_name_and_perhaps_the_address(same: bool) -> None:
    text = f"kind: evil-twin, at: 2s, lasts: 10s, target: net, channel: 11, same_bssid: {str(same).lower()}"
    beacons = [f for f in incident(text) if f.kind == kinds.BEACON]
    assert {elements_of(f).ssid for f in beacons} == {b"net"}
    secured = collections.defaultdict(set)
    for frame in beacons:
        secured[frame.bssid].add((frame.freq, elements_of(frame).rsn is not None))
    assert set().union(*secured.values()) == {(2437, True), (2462, False)}
    assert len(secured) == (1 if same else 2)


def test_karma_answers_as_whatever_was_asked_for() -> None:
    text = "kind: karma, at: 1s, lasts: 10s, rate: 50, count: 10, channel: 6"
    frames = incident(text, station="habit: idle, asks: [Railway, Hotel]")
    own = next(f.bssid for f in frames if f.kind == kinds.BEACON)
    answers = [f for f in frames if f.kind == kinds.PROBE_RESP and f.bssid != own]
    assert len({f.bssid for f in answers}) == 1
    names = {elements_of(f).ssid for f in answers}
    assert {b"Railway", b"Hotel"} < names
    assert len(names) == 10


def test_a_forged_channel_switch_is_the_targets_beacon_with_one_element_more() -> None:
    frames = incident("kind: channel-switch, at: 2s, lasts: 5s, rate: 10, target: net, channel: 13")
    beacons = [f for f in frames if f.kind == kinds.BEACON]
    forged = [f for f in beacons if elements_of(f).csa is not None]
    assert len(forged) == pytest.approx(50, rel=0.1)
    assert {csa.channel for f in forged if (csa := elements_of(f).csa)} == {13}
    assert len({f.bssid for f in beacons}) == 1


@pytest.mark.parametrize(("kind", "algorithm"), [("authentication-flood", 0), ("sae-flood", 3)])
def test_an_authentication_flood_comes_from_many_addresses(kind: str, algorithm: int) -> None:
    frames = incident(f"kind: {kind}, at: 1s, lasts: 10s, rate: 50, count: 100, target: net", station="")
    flood = [f for f in frames if f.kind == kinds.AUTH]
    assert len(flood) == pytest.approx(500, rel=0.05)
    assert 90 < len({f.ta for f in flood}) <= 100
    assert {auth_fixed(f.raw, f.body, f.end) for f in flood} == {(algorithm, 1, 0)}


def test_a_pmkid_harvest_gets_message_1_and_leaves_it_at_that() -> None:
    frames = incident("kind: pmkid-harvest, at: 1s, lasts: 10s, rate: 1, target: net", station="")
    keys = [parse_eapol(f.raw, f.body, f.end) for f in frames if eapol_packets(f)]
    assert len(keys) >= 8
    assert all(key is not None and key.message == "M1" and key.pmkid for key in keys)


def test_a_probe_flood_comes_from_many_addresses() -> None:
    flood = [
        f
        for f in incident("kind: probe-flood, at: 1s, lasts: 5s, rate: 100, count: 60", station="")
        if f.kind == kinds.PROBE_REQ
    ]
    assert len({f.ta for f in flood}) == 60


def test_reserving_the_air_claims_the_longest_duration() -> None:
    claims = [
        f.duration
        for f in incident("kind: reserve-air, at: 1s, lasts: 5s, rate: 30", station="")
        if f.kind == kinds.CTS
    ]
    assert claims == [32767] * len(claims)
    assert len(claims) == pytest.approx(150, rel=0.05)


def test_hostile_names_arrive_unchanged() -> None:
    frames = incident("kind: hostile-names, at: 1s, lasts: 5s, rate: 10", station="")
    assert set(HOSTILE_NAMES) <= {elements_of(f).ssid for f in frames if f.kind == kinds.BEACON}


def test_malformed_frames_are_broken_in_several_ways() -> None:
    frames = incident("kind: malformed, at: 1s, lasts: 5s, rate: 20", station="")
    assert any(f.malformed for f in frames)
    assert any(elements_of(f).malformed for f in frames if f.kind == kinds.BEACON)


def test_what_is_to_happen_again_does() -> None:
    frames = incident(
        "kind: deauthentication, at: 5s, lasts: 1s, every: 20s, rate: 10, target: net", seconds=60, station=""
    )
    begins = [f.time - START for f in frames if f.kind == kinds.DEAUTH]
    assert {int(time) // 20 for time in begins} == {0, 1, 2}
    assert all(time % 20 >= 5 for time in begins)


OWN_NAMES = {b"Uferschnepfe", b"Uferschnepfe Guest", b"Labor", b"Brambling"}
SIGNS: dict[str, Callable[[Frame], bool]] = {
    "deauthentication": lambda f: f.kind == kinds.DEAUTH and reason_fixed(f.raw, f.body, f.end) == 7,
    "disassociation": lambda f: f.kind == kinds.DISASSOC,
    "beacon-flood": lambda f: f.kind == kinds.BEACON and b" " in (elements_of(f).ssid or b""),
    "hostile-names": lambda f: f.kind == kinds.BEACON and elements_of(f).ssid in HOSTILE_NAMES,
    "evil-twin": lambda f: f.kind == kinds.BEACON and elements_of(f).ssid == b"Uferschnepfe" and not elements_of(f).rsn,
    "karma": lambda f: f.kind == kinds.PROBE_RESP and elements_of(f).ssid not in OWN_NAMES,
    "channel-switch": lambda f: f.kind == kinds.BEACON and elements_of(f).csa is not None,
    "authentication-flood": lambda f: f.kind == kinds.AUTH and auth_fixed(f.raw, f.body, f.end) == (0, 1, 0),
    "sae-flood": lambda f: f.kind == kinds.AUTH and auth_fixed(f.raw, f.body, f.end) == (3, 1, 0),
    "pmkid-harvest": lambda f: bool(eapol_packets(f)),
    "probe-flood": lambda f: f.kind == kinds.PROBE_REQ,
    "reserve-air": lambda f: f.duration == 32767,
    "malformed": lambda f: f.malformed is not None,
}


def test_the_shipped_scene_shows_what_it_says_when_it_says_it() -> None:
    scene = library.load("attack")
    air = world.build(scene, 7, start=START).air
    times: dict[str, list[float]] = {kind: [] for kind in SIGNS}
    for frame in parsed(air.until(960)):
        for kind, sign in SIGNS.items():
            if not frame.bad_fcs and sign(frame):
                times[kind].append(frame.time - START)
    for script in scene.incidents:
        during = [time for time in times[script.kind] if script.at <= time <= script.at + script.lasts]
        assert len(during) >= script.lasts * min(script.rate, 10) / 3 or script.kind in {"evil-twin", "malformed"}, (
            script
        )
        assert during, script
    assert {script.kind for script in scene.incidents} == SIGNS.keys()

from __future__ import annotations

import collections
from typing import get_args

import pytest
from tests.drivers.sim.scenes import START, one, play

from whimbrel.drivers.sim import library
from whimbrel.drivers.sim.scene import Event
from whimbrel.wifi import kinds
from whimbrel.wifi.eap import parse_eap
from whimbrel.wifi.eapol import parse_eapol
from whimbrel.wifi.elements import Elements, parse_elements
from whimbrel.wifi.fixed import association_response_fixed, auth_fixed, reason_fixed
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.payloads import eapol_packets

MESH = """
radios:
  - {name: low, channel: 6, position: [3, 1], manages: true, networks: [{ssid: net, security: SEC}]}
  - {name: high, band: 5, channel: 36, generation: vht, position: [3, 1], manages: true, networks: [{ssid: net, security: SEC}]}
stations: [{name: sta, network: net, generation: vht, bands: [2.4, 5], position: [1, 1], habit: idle}]
"""  # noqa: E501


def happening(
    text: str, *, seconds: float = 40, security: str = "wpa2-psk", station: str = "habit: idle"
) -> list[Frame]:
    """Return the heard frames of one network, one station and an event."""
    return play(one(security, station=station, more=f"happenings: [{{{text}}}]"), seconds)


def elements_of(frame: Frame) -> Elements:
    return parse_elements(frame.raw, frame.body + 12, frame.end)


def beacons(frames: list[Frame]) -> list[Frame]:
    return [f for f in frames if f.kind == kinds.BEACON]


def clock(frame: Frame) -> float:
    return int.from_bytes(frame.raw[frame.body : frame.body + 8], "little") / 1e6


@pytest.mark.parametrize(("kind", "goodbyes"), [("restart", 3), ("crash", 0)])
def test_an_access_point_starts_anew(kind: str, goodbyes: int) -> None:
    frames = happening(f"kind: {kind}, at: 15s, radio: ap", seconds=90)
    assert len([f for f in frames if f.kind == kinds.DEAUTH and f.ra == b"\xff" * 6]) == goodbyes
    late = [f for f in beacons(frames) if f.time - START > 16]
    assert late[0].time - START > 45
    assert clock(late[0]) < 0.2
    assert late[0].seq is not None
    assert late[0].seq < 4
    joined = [f.time - START > 45 for f in frames if f.kind == kinds.ASSOC_REQ and not f.retry]
    assert joined == [False, True]


def test_a_channel_switch_is_counted_down_and_made() -> None:
    frames = happening("kind: channel-switch, at: 20s, radio: ap, channel: 11, count: 5", seconds=50)
    said = [(f.freq, csa.channel, csa.count) for f in beacons(frames) if (csa := elements_of(f).csa)]
    assert said == [(2437, 11, count) for count in (5, 4, 3, 2, 1)]
    assert {f.freq for f in beacons(frames) if f.time - START > 22} == {2462}
    assert not [f for f in frames if f.kind in {kinds.DEAUTH, kinds.DISASSOC}]


def test_after_radar_the_new_channel_is_listened_to_for_a_minute() -> None:
    more = "happenings: [{kind: radar, at: 10s, radio: ap, channel: 100, count: 10}]"
    heard = beacons(play(one(band="5", channel=52, generation="vht", more=more), 90))
    there = [f.time - START for f in heard if f.freq == 5500]
    assert 70 < there[0] < 75
    assert max(f.time - START for f in heard if f.freq == 5260) < 12


def test_an_access_point_moves_by_itself_and_back() -> None:
    text = "kind: other-channel, at: 5s, every: 100s, radio: ap, channel: 1"
    heard = beacons(happening(text, seconds=260, station=""))
    moves = [f.freq for f in heard]
    assert list(dict.fromkeys(moves)) == [2437, 2412]
    assert moves[-1] in {2437, 2412}


def test_new_software_announces_other_capabilities() -> None:
    heard = beacons(happening("kind: firmware, at: 5s, radio: ap", seconds=80, station=""))
    said = [f.raw[f.body + 10 : f.end] for f in (heard[0], heard[-1])]
    assert said[0][:2] != said[1][:2]
    assert len(said[1]) > len(said[0])


def test_a_network_is_protected_otherwise() -> None:
    frames = happening("kind: security, at: 15s, radio: ap, security: wpa3-sae", seconds=100)
    akms = [rsn.akms for f in beacons(frames) if (rsn := elements_of(f).rsn)]
    assert len(dict.fromkeys(map(str, akms))) == 2
    steps = {fixed[0] for f in frames if f.kind == kinds.AUTH and (fixed := auth_fixed(f.raw, f.body, f.end))}
    assert steps == {0, 3}


def test_a_station_is_asked_to_go_elsewhere_and_refused_if_it_does_not() -> None:
    text = MESH.replace("SEC", "wpa2-psk") + "happenings: [{kind: steering, at: 20s, every: 20s, network: net}]"
    frames = play(text, 300)
    asked = [f.raw[f.body : f.body + 2] for f in frames if f.kind == kinds.ACTION and not f.retry]
    assert asked.count(b"\x0a\x07") == asked.count(b"\x0a\x08") > 3
    left = [f for f in frames if f.kind == kinds.DISASSOC]
    assert left
    assert {reason_fixed(f.raw, f.body, f.end) for f in left} == {12}
    refused = [f for f in frames if f.kind == kinds.AUTH and (auth_fixed(f.raw, f.body, f.end) or (0, 0, 0))[2] == 17]
    assert refused
    assert {f.ra for f in refused} <= {f.ra for f in left}


def test_with_sae_it_is_the_association_that_is_refused() -> None:
    text = MESH.replace("SEC", "wpa3-sae") + "happenings: [{kind: steering, at: 20s, every: 20s, network: net}]"
    frames = play(text, 300)
    answers = [f for f in frames if f.kind in {kinds.ASSOC_RESP, kinds.REASSOC_RESP}]
    statuses = {fixed[1] for f in answers if (fixed := association_response_fixed(f.raw, f.body, f.end))}
    assert statuses == {0, 17}
    assert all(f.flags & 0x40 for f in frames if f.kind in {kinds.ACTION, kinds.DISASSOC, kinds.DEAUTH})


def test_idle_stations_are_sent_away_one_by_one() -> None:
    more = "happenings: [{kind: idle, at: 60s, lasts: 10s, network: net, count: 5}]"
    frames = play(one(station="habit: idle, count: 5", more=more), 75)
    away = [f for f in frames if f.kind == kinds.DEAUTH]
    assert {reason_fixed(f.raw, f.body, f.end) for f in away} == {4}
    assert len({f.ra for f in away}) == 5
    numbers = collections.Counter((f.ra, f.seq) for f in away)
    assert max(numbers.values()) > 3  # one that does not answer any more


def test_a_wrong_password_ends_after_message_2() -> None:
    frames = happening("kind: wrong-password, at: 5s, lasts: 20s, network: net, count: 2", station="")
    keys = [parse_eapol(f.raw, f.body, f.end) for f in frames if eapol_packets(f)]
    assert {key.message for key in keys if key} == {"M1", "M2"}
    away = [f for f in frames if f.kind == kinds.DEAUTH and not f.retry]
    assert [reason_fixed(f.raw, f.body, f.end) for f in away] == [15, 15]


def test_the_button_is_pressed_and_a_station_gets_in() -> None:
    frames = happening("kind: push-button, at: 5s, network: net", station="", seconds=60)
    packets = [f for f in frames if eapol_packets(f) and not f.retry]
    said = [(eap.message, f.ta == f.bssid) for f in packets if (eap := parse_eap(f.raw, f.body, f.end)) and eap.wps]
    messages = [(message, down) for message, down in said if message and message.startswith("M")]
    assert [message for message, _ in messages] == [f"M{number}" for number in range(1, 9)]
    assert [down for _, down in messages] == [False, True] * 4
    keys = [key.message for f in packets if (key := parse_eapol(f.raw, f.body, f.end)) and key.message]
    assert keys[-4:] == ["M1", "M2", "M3", "M4"]


def test_packets_are_sent_in_fragments() -> None:
    frames = happening("kind: fragments, at: 20s, network: net", security="open", seconds=25)
    parts = [(f.fragment, bool(f.flags & 0x04)) for f in frames if f.fragment or f.flags & 0x04]
    assert parts == [(0, True), (1, True), (2, False)]
    assert len({f.seq for f in frames if f.fragment}) == 1


def test_access_points_pass_by() -> None:
    frames = happening("kind: passing, at: 1s, rate: 30, lasts: 10s, channel: 6", station="", seconds=60)
    levels: dict[bytes, list[int]] = collections.defaultdict(list)
    for frame in beacons(frames):
        levels[frame.bssid or b""].append(frame.rssi or 0)
    assert len(levels) > 15
    longest = max(list(levels.values())[1:], key=len)
    assert max(longest) > longest[0] + 10
    assert max(longest) > longest[-1] + 10


def test_an_ad_hoc_network_has_two_senders_and_one_clock() -> None:
    frames = beacons(happening("kind: adhoc, at: 1s, lasts: 20s, channel: 6", station="", seconds=20))
    own = [f for f in frames if f.ta != f.bssid]
    assert len({f.ta for f in own}) == 2
    assert len({f.bssid for f in own}) == 1
    offsets = [clock(f) - f.time for f in own]
    assert max(offsets) - min(offsets) < 0.01


def test_a_sleeping_station_polls_for_what_is_kept_for_it() -> None:
    frames = play(one(station="habit: asleep"), 120)
    polls = [f for f in frames if f.kind == kinds.PS_POLL]
    assert polls
    assert all(f.duration & 0xC000 == 0xC000 for f in polls)


def test_the_shipped_scenes_hold_every_kind() -> None:
    scenes = library.load("day"), library.load("campus")
    assert {happening.kind for scene in scenes for happening in scene.happenings} == set(get_args(Event))

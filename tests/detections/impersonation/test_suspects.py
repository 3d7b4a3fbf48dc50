"""The common state of the rules about two transmitters."""

from __future__ import annotations

import gc
import random
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.impersonation.two_senders import Sender, elements, together
from tests.drivers.sim.scenes import one, play
from tests.survey.air import AP, RAW

from whimbrel.detections.base import Detection
from whimbrel.detections.impersonation.channels import TwoChannels
from whimbrel.detections.impersonation.clocks import TwoClocks
from whimbrel.detections.impersonation.counters import TwoCounters
from whimbrel.detections.impersonation.identity import CountryChange, FingerprintChange, IntervalChange
from whimbrel.detections.impersonation.levels import TwoLevels
from whimbrel.detections.impersonation.suspects import CLOCK, CONTENT, LEVEL, TOGETHER, Suspects
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse

PAIRED = (TwoClocks, TwoCounters, TwoLevels, TwoChannels)
ALL = (*PAIRED, FingerprintChange, CountryChange, IntervalChange)
UNTESTED = tuple(type(rule.__name__, (rule,), {"pairs": None}) for rule in PAIRED)
"""The same rules, with every pair."""


def imitated() -> list[Frame]:
    """Return the frames of an access point that another device imitates octet by octet."""
    return together(Sender().beacons(0, 60), Sender(up=9.0, seq=2000, rssi=-80).beacons(0.05, 60, 0.13))


def test_two_signs_together_are_a_proof() -> None:
    hearing = Hearing(*ALL)
    hearing.hear(*imitated())
    worst = {event.rule: (event.severity, event.confidence) for event in hearing.events}
    assert worst == dict.fromkeys(("two-clocks", "two-counters", "two-levels"), ("critical", "high"))
    assert all("Other signs of two senders: its " in event.text for event in hearing.events[-3:])


def test_signs_that_hang_together_anyway_are_none() -> None:
    suspects = Suspects()
    assert not suspects.note(AP, CONTENT, 10.0)
    assert not suspects.note(AP, LEVEL, 11.0)
    assert suspects.note(AP, CLOCK, 12.0) == [CONTENT, LEVEL]
    assert suspects.note(AP, LEVEL, 12.0 + TOGETHER) == [CLOCK]
    assert not suspects.note(AP, LEVEL, 12.1 + TOGETHER)
    assert not suspects.note(b"other.", CLOCK, 12.0)


def test_a_trusted_address_may_be_imitated_too() -> None:
    hearing = Hearing(*ALL, trusted=[AP])
    assert hearing.hear(*imitated())


@pytest.mark.lengthy
def test_a_usual_home_is_silent() -> None:
    rng = random.Random(4)
    hearing = Hearing(*ALL)
    radios = []
    for number in range(8):
        bssid = b"\x00\x11\x22\x33\x44" + bytes((number,))
        said = elements(name=b"net%d" % number, country=b"DE")
        radio = Sender(bssid=bssid, said=said, up=rng.random() * 1e6, seq=rng.randrange(4096), step=number * 3 + 1)
        radio.rssi, radio.drift = -40 - number * 5, rng.randrange(-40, 40)
        radios.append(radio)
    for frame in together(*(radio.beacons(number / 90, 600) for number, radio in enumerate(radios))):
        if rng.random() < 0.8:
            assert frame.rssi is not None
            frame.rssi += round(rng.gauss(0, 2))
            frame.time += rng.random() * 0.02
            hearing.hear(frame)
    assert not hearing.events


@given(
    st.lists(
        st.tuples(
            st.sampled_from((0.0, 50.0, 1e6)), st.integers(0, 4095), st.sampled_from((None, -40, -70)),
            st.sampled_from((0, 2437, 2442, 2472)), st.sampled_from((0.05, 0.1, 0.6, 3.0)),
        ), max_size=150,
    )
)  # fmt: skip
def test_what_is_asked_for_all_at_once_hides_nothing(said: list[tuple[float, int, int | None, int, float]]) -> None:
    frames, at = [], 0.0
    for up, seq, rssi, freq, step in said:
        at += step
        frames.append(Sender(up=up).beacon(at, seq=seq, rssi=rssi, freq=freq))
    assert _told(PAIRED, frames) == _told(UNTESTED, frames)


def test_a_proof_hides_nothing_either() -> None:
    frames = imitated() + together(Sender().beacons(60, 90), Sender(freq=2472).beacons(60.02, 90))
    told = _told(PAIRED, frames)
    assert told == _told(UNTESTED, frames)
    assert {rule for rule, _ in told} >= {"two-clocks", "two-counters", "two-levels"}


def _told(rules: tuple[type[Detection[Any]], ...], frames: list[Frame]) -> list[tuple[str, str]]:
    hearing = Hearing(*rules)
    hearing.hear(*frames)
    return [(event.rule, event.text) for event in hearing.events]


@given(st.lists(st.tuples(st.integers(0, 120), st.booleans(), st.integers(0, 255)), max_size=30))
def test_frames_cut_anywhere_and_damaged_are_judged(said: list[tuple[int, bool, int]]) -> None:
    hearing = Hearing(*ALL)
    for number, (length, response, octet) in enumerate(said):
        raw = bytearray(Sender(said=elements(country=b"DE")).beacon(0).raw)
        raw[0] = 0x50 if response else 0x80
        raw[min(length, len(raw) - 1)] = octet
        cut = bytes(raw[: length + octet % 3 * 60])
        hearing.hear(parse(RAW, (1000.0 + number * 0.1, cut, len(raw))), tuned=2437)


@pytest.mark.parametrize("off", PAIRED)
def test_each_can_be_switched_off(off: type[Detection[Any]]) -> None:
    hearing = Hearing(*(rule for rule in PAIRED if rule is not off))
    hearing.hear(*imitated())
    assert off.rule not in hearing.rules
    assert hearing.rules


def test_two_engines_share_nothing() -> None:
    one, other = Hearing(TwoClocks), Hearing(TwoLevels)
    one.hear(*imitated())
    other.hear(*imitated())
    assert {event.severity for event in other.events} == {"notice"}


def test_the_simulated_air() -> None:
    twin = "{kind: evil-twin, at: 30s, lasts: 20s, target: net, channel: 6, security: wpa2-psk, same_bssid: true}"
    attacked = Hearing(*ALL)
    attacked.hear(*play(one(more=f"incidents: [{twin}]"), 60))
    assert {("two-clocks", "critical"), ("two-counters", "critical")} <= {
        (event.rule, event.severity) for event in attacked.events
    }
    restarting = one().replace("name: ap,", "name: ap, restarts: 90s,")
    benign = Hearing(*ALL)
    benign.hear(*play(restarting, 900))
    assert {"Disconnected"} & {type(finding).__name__ for finding in benign.findings}
    assert not benign.events


@pytest.mark.lengthy
def test_what_is_kept_of_an_access_point_is_little() -> None:
    def cost(*rules: type[Detection[Any]]) -> int:
        hearing = Hearing(*rules)
        gc.collect()
        tracemalloc.start()
        for number in range(512):
            sender = Sender(bssid=b"\2\0\0\0" + number.to_bytes(2, "big"), up=number * 1.1)
            hearing.hear(*sender.beacons(number * 0.1, number * 0.1 + 1))
        gc.collect()
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(hearing.survey.access_points.table) == 512
        return size

    bare = cost()
    assert (cost(*ALL) - bare) / 512 < 300

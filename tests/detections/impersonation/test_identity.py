"""Fingerprint, country and interval: alternating, or changed for good."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.impersonation.two_senders import BEGIN, Sender, elements, together
from tests.survey.air import AP, RATES, WPS, beacon, ds, element, response

from whimbrel.detections.impersonation.identity import DETECTIONS, CountryChange, FingerprintChange, IntervalChange
from whimbrel.detections.impersonation.suspects import SUSPECTS
from whimbrel.detections.impersonation.turns import TurnSettings
from whimbrel.wifi.frames import Frame

HT = element(45, bytes(26))
OTHER_HT = element(45, b"\x6f" + bytes(25))
CASES = [
    (FingerprintChange, Sender(said=elements(extra=HT)), Sender(said=elements(extra=OTHER_HT)), ": ht ("),
    (FingerprintChange, Sender(said=elements()), Sender(said=elements(security=b"")), ": security left ("),
    (CountryChange, Sender(said=elements(country=b"DE")), Sender(said=elements(country=b"US")), "DE and US"),
    (IntervalChange, Sender(interval=100), Sender(interval=200), "100 and 200"),
]


@pytest.mark.parametrize(("rule", "one", "other", "text"), CASES)
def test_in_turn_is_a_warning(rule: type, one: Sender, other: Sender, text: str) -> None:
    frames = together(one.beacons(0, 10), other.beacons(1.05, 10))
    raised = Hearing(rule).hear(*frames)
    assert [(alert.rule, alert.severity, alert.bssid, alert.count) for alert in raised] == [
        (rule.rule, "warning", AP, 3)  # type: ignore[attr-defined]
    ]
    assert text in raised[0].text


@pytest.mark.parametrize(("rule", "one", "other", "_text"), CASES)
def test_one_return_less_is_not_enough(rule: type, one: Sender, other: Sender, _text: str) -> None:
    hearing = Hearing(rule)
    turns = [one.beacon(n * 1.0) if n % 2 == 0 else other.beacon(n * 1.0) for n in range(2, 9)]
    hearing.hear(one.beacon(0), one.beacon(1), *turns)  # it came to the other one three times
    assert not hearing.alerts
    assert hearing.hear(other.beacon(9.0))


@pytest.mark.parametrize(("rule", "one", "other", "_text"), CASES)
def test_for_good_is_a_notice(rule: type, one: Sender, other: Sender, _text: str) -> None:
    hearing = Hearing(rule)
    hearing.hear(*one.beacons(0, 30), *other.beacons(30, 149))
    assert not hearing.events
    hearing.hear(*other.beacons(149, 160))
    assert [(alert.severity, alert.confidence) for alert in hearing.alerts] == [("notice", "low")]
    hearing.hear(*other.beacons(160, 1000))
    assert len(hearing.alerts) == 1


@pytest.mark.parametrize(("rule", "one", "other", "_text"), CASES)
def test_what_was_hardly_heard_is_nothing_that_can_change(rule: type, one: Sender, other: Sender, _text: str) -> None:
    hearing = Hearing(rule)
    hearing.hear(*one.beacons(0, 1.5), *other.beacons(1.5, 1000))
    assert not hearing.alerts


@pytest.mark.parametrize(("rule", "one", "other", "_text"), CASES)
def test_there_and_back_once_in_a_while_is_nothing(rule: type, one: Sender, other: Sender, _text: str) -> None:
    hearing = Hearing(rule)
    for part in range(10):
        hearing.hear(*(other if part & 1 else one).beacons(part * 90.0, part * 90.0 + 90))
    hearing.hear(*one.beacons(900, 2000))
    assert not hearing.events


@pytest.mark.raises_alert("fingerprint-change", "country-change", "interval-change")
def test_each_property_has_a_rule_of_its_own() -> None:
    for rule, one, other, _text in CASES:
        hearing = Hearing(*DETECTIONS)
        hearing.hear(*together(one.beacons(0, 10), other.beacons(1.05, 10)))
        assert hearing.rules == [rule.rule]  # type: ignore[attr-defined]


def test_settings() -> None:
    one, other = CASES[0][1:3]
    frames = [(other if n & 1 else one).beacon(n * 1.0) for n in range(8)]
    assert not Hearing(FingerprintChange, fingerprint_change=TurnSettings(returns=9)).hear(*frames)
    assert Hearing(FingerprintChange, fingerprint_change=TurnSettings(returns=2)).hear(*frames)


@pytest.mark.parametrize(
    "extra",
    [WPS, element(221, b"\x00\x11\x22\x05abc"), element(37, b"\1\x0b\3"), element(127, bytes(8)), element(35, b"\1\2")],
)
@pytest.mark.spares("fingerprint-change", "country-change", "interval-change")
def test_what_comes_and_goes_is_not_looked_at(extra: bytes) -> None:
    hearing = Hearing(*DETECTIONS)
    hearing.hear(*together(Sender().beacons(0, 20), Sender(said=elements(extra=extra)).beacons(0.05, 20)))
    hearing.hear(*Sender(said=elements(extra=extra)).beacons(20, 400))
    assert not hearing.events


def test_damaged_and_cut_frames() -> None:
    rng = random.Random(2)
    hearing = Hearing(*DETECTIONS)
    for number, frame in enumerate(Sender(said=elements(extra=HT, country=b"DE")).beacons(0, 100)):
        if number % 10 == 5:
            raw = bytearray(frame.raw)
            raw[rng.randrange(32, len(raw))] ^= 1 << rng.randrange(8)
            frame.raw = bytes(raw)
        elif number % 10 == 8:
            frame.raw, frame.end, frame.cut = frame.raw[:-30], frame.end - 30, True
        hearing.hear(frame)
    assert not hearing.alerts


def test_probe_responses_say_it_otherwise() -> None:
    hearing = Hearing(*DETECTIONS)
    answer = element(0, b"harbour") + RATES + ds(6) + element(7, b"US \1\x0d\x14")
    for number, frame in enumerate(Sender(said=elements(country=b"DE")).beacons(0, 200)):
        hearing.hear(response(answer, interval=50, time=frame.time, seq=number), frame)
    assert not hearing.events


def test_a_flood_of_changes_does_not_wear_it_out() -> None:
    rng = random.Random(1)
    hearing = Hearing(*DETECTIONS)
    one, other = CASES[0][1:3]
    for step in range(60):
        at = step * 0.2
        hearing.hear(one.beacon(at), other.beacon(at + 0.05))
        for _ in range(15):
            bssid = b"\x02" + rng.randbytes(5)
            hearing.hear(*(beacon(bssid=bssid, interval=interval, time=BEGIN + at + 0.06) for interval in (9, 8, 7)))
    for rule in hearing.engine.detections:
        assert len(rule._turns) <= SUSPECTS  # type: ignore[attr-defined]
        assert len(rule._changed) <= SUSPECTS  # type: ignore[attr-defined]
    assert AP in {alert.bssid for alert in hearing.alerts if alert.rule == "fingerprint-change"}


@given(st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 65535), st.floats(-5, 200)), max_size=20))
def test_any_beacons_are_judged(said: list[tuple[bytes, int, float]]) -> None:
    hearing, time = Hearing(*DETECTIONS), BEGIN
    for rest, interval, step in said:
        time += step
        frames: list[Frame] = [beacon(rest, interval=interval, time=time), beacon(RATES + rest, time=time)]
        hearing.hear(*frames)

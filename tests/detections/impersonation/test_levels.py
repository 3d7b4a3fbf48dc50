"""Two signal levels behind one BSSID."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.impersonation.two_senders import Sender, together
from tests.survey.air import AP

from whimbrel.detections.impersonation.levels import LevelSettings, TwoLevels
from whimbrel.wifi.frames import Frame


def two(near: int, far: int, *, until: float = 60.0, spread: float = 1.5) -> list[Frame]:
    """Return the beacons of two senders, heard at about these levels, at random times."""
    rng = random.Random(7)
    frames = together(Sender(rssi=near).beacons(0, until), Sender(rssi=far).beacons(0.05, until, 0.13))
    for frame in frames:
        assert frame.rssi is not None
        frame.rssi += round(rng.gauss(0, spread))
    return frames


@pytest.mark.raises_alert("two-levels")
def test_leaps_between_the_same_two_levels() -> None:
    hearing = Hearing(TwoLevels)
    hearing.hear(*two(-40, -70))
    (alert,) = hearing.alerts
    assert (alert.rule, alert.severity, alert.confidence, alert.bssid) == ("two-levels", "notice", "low", AP)
    assert alert.count == 8
    assert alert.rssi_range is not None
    assert alert.rssi_range[1] - alert.rssi_range[0] > 20


def test_levels_that_are_closer_are_one() -> None:
    hearing = Hearing(TwoLevels)
    hearing.hear(*two(-50, -65))
    assert not hearing.events
    hearing = Hearing(TwoLevels, two_levels=LevelSettings(gap=12))
    hearing.hear(*two(-50, -65))
    assert hearing.alerts


def test_one_leap_less_is_not_enough() -> None:
    frames = two(-40, -70, until=4, spread=0)
    most = next(n for n in range(4, 60) if not _heard(frames, n).alerts) - 1
    assert [alert.count for alert in _heard(frames, most).alerts] == [most]


def _heard(frames: list[Frame], leaps: int) -> Hearing:
    hearing = Hearing(TwoLevels, two_levels=LevelSettings(leaps=leaps))
    hearing.hear(*frames)
    return hearing


@pytest.mark.spares("two-levels")
def test_walking_and_fading() -> None:
    rng = random.Random(11)
    hearing = Hearing(TwoLevels)
    for number, frame in enumerate(Sender().beacons(0, 3600)):
        fade = min(30.0, rng.expovariate(1 / 4.3))  # a Rayleigh channel, about
        walk = 12 * ((number // 600) % 2) + (number % 600) / 60
        frame.rssi = round(-50 - walk - fade + 4)
        hearing.hear(frame)
    assert not hearing.events


def test_a_door_and_a_pocket_change_it_once() -> None:
    hearing = Hearing(TwoLevels)
    for part in range(20):
        hearing.hear(*Sender(rssi=-40 - 30 * (part & 1)).beacons(part * 10.0, part * 10.0 + 10))
    assert not hearing.events


def test_other_rates_and_frequencies_are_not_compared() -> None:
    for field, values in (("rate", (1.0, 6.0)), ("freq", (2437, 2442))):
        hearing = Hearing(TwoLevels)
        for frame in two(-40, -70, spread=0):
            assert frame.rssi is not None
            setattr(frame, field, values[frame.rssi > -50])
            hearing.hear(frame)
        assert not hearing.events


@given(st.lists(st.tuples(st.none() | st.integers(-128, 127), st.floats(-1, 1)), max_size=60))
def test_any_levels_are_judged(said: list[tuple[int | None, float]]) -> None:
    hearing = Hearing(TwoLevels)
    sender, at = Sender(), 0.0
    for level, step in said:
        at += step
        hearing.hear(sender.beacon(at, rssi=level))


def test_seldom_leaps_are_fading() -> None:
    def seldom(share: float) -> Hearing:
        rng, hearing = random.Random(3), Hearing(TwoLevels)
        for frame in Sender().beacons(0, 900):
            frame.rssi = -70 if rng.random() < share else -40
            hearing.hear(frame)
        return hearing

    assert not seldom(0.03).events
    assert seldom(0.15).alerts

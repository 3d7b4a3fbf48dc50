"""Two counters behind one BSSID."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.impersonation.two_senders import Sender, together
from tests.survey.air import AP

from whimbrel.detections.impersonation.counters import CounterSettings, TwoCounters
from whimbrel.detections.impersonation.suspects import SUSPECTS


def heard(*senders: Sender, until: float = 30.0, settings: CounterSettings | None = None) -> Hearing:
    hearing = Hearing(TwoCounters, two_counters=settings or CounterSettings())
    hearing.hear(*together(*(sender.beacons(n * 0.04, until) for n, sender in enumerate(senders))))
    return hearing


@pytest.mark.raises_alert("two-counters")
def test_numbers_that_jump_forth_and_back_come_from_two_counters() -> None:
    (alert,) = heard(Sender(), Sender(seq=2000)).alerts
    assert (alert.rule, alert.severity, alert.confidence, alert.bssid) == ("two-counters", "notice", "low", AP)
    assert "back and forth by about 1899" in alert.text
    assert alert.count == 8


def test_one_jump_less_is_not_enough() -> None:
    needed = next(count for count in range(4, 40) if not heard(
        Sender(), Sender(seq=2000), until=2.0, settings=CounterSettings(jumps=count)).alerts)  # fmt: skip
    enough = heard(Sender(), Sender(seq=2000), until=2.0, settings=CounterSettings(jumps=needed - 1))
    assert [alert.count for alert in enough.alerts] == [needed - 1]


def test_jumps_that_begin_later_are_a_warning() -> None:
    hearing = Hearing(TwoCounters)
    real = Sender()
    hearing.hear(*real.beacons(0, 20))
    hearing.hear(*together(real.beacons(20, 40), Sender(seq=3000).beacons(20.05, 40)))
    assert [(alert.severity, alert.confidence) for alert in hearing.alerts] == [("warning", "medium")]


def test_busy_and_idle_counters_side_by_side() -> None:
    assert heard(Sender(step=20), Sender(seq=2000)).alerts


@pytest.mark.spares("two-counters")
def test_one_counter_however_busy() -> None:
    for step in (1, 40, 90, 250, 350):
        assert not heard(Sender(step=step), until=60).events


def test_arbitrary_numbers_are_no_counters() -> None:
    rng = random.Random(5)
    hearing = Hearing(TwoCounters)
    for frame in Sender().beacons(0, 3600):
        frame.seq = rng.randrange(4096)
        hearing.hear(frame)
    assert not hearing.alerts


def test_restarts_and_numbers_that_stand_still_or_overtake() -> None:
    hearing = Hearing(TwoCounters)
    for boot in range(30):
        hearing.hear(*Sender(seq=0).beacons(boot * 20.0, boot * 20.0 + 15))
    hearing.hear(*Sender(step=0).beacons(700, 730))
    for number, frame in enumerate(Sender(step=40).beacons(800, 860)):
        assert frame.seq is not None
        if number % 2:
            frame.seq = (frame.seq - 60) & 0xFFF
        hearing.hear(frame)
    assert not hearing.events


def test_a_gap_in_hearing_tells_nothing() -> None:
    hearing = Hearing(TwoCounters)
    rng = random.Random(5)
    for visit in range(200):
        sender = Sender(seq=rng.randrange(4096))
        hearing.hear(*sender.beacons(visit * 5.0, visit * 5.0 + 0.2))
    assert not hearing.events


def test_stations_of_an_ad_hoc_network_number_each_for_themselves() -> None:
    assert not heard(Sender(capability=2), Sender(seq=2000, capability=2)).events


def test_a_flood_of_suspects_does_not_wear_it_out() -> None:
    rng = random.Random(1)
    hearing = Hearing(TwoCounters)
    rule = hearing.engine.detections[0]
    assert isinstance(rule, TwoCounters)
    real, fake = Sender(), Sender(seq=2000)
    for step in range(150):
        at = step * 0.1
        hearing.hear(real.beacon(at), fake.beacon(at + 0.05))
        for _ in range(20):
            flood = Sender(bssid=b"\x02" + rng.randbytes(5))
            hearing.hear(*(flood.beacon(at + 0.06, seq=rng.randrange(4096)) for _ in range(3)))
        assert len(rule._jumps) <= 2 * SUSPECTS
    assert AP in {alert.bssid for alert in hearing.alerts}


@given(st.lists(st.tuples(st.integers(0, 4095), st.floats(-1, 1)), max_size=60))
def test_any_numbers_are_judged(said: list[tuple[int, float]]) -> None:
    hearing = Hearing(TwoCounters)
    sender, at = Sender(), 0.0
    for number, step in said:
        at += step
        hearing.hear(sender.beacon(at, seq=number))
    assert hearing.survey.access_points.table.entries.keys() <= {AP}

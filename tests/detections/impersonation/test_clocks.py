"""Two clocks behind one BSSID."""

from __future__ import annotations

import random
from binascii import crc32
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.impersonation.two_senders import BEGIN, TU, Sender, elements, together
from tests.survey.air import AP, RATES, beacon, element

from whimbrel.detections.impersonation.clocks import KNOWN, ClockSettings, TwoClocks
from whimbrel.settings import Duration
from whimbrel.wifi.frames import Frame

OTHER = bytes.fromhex("00115678aabb")
THIRD = bytes.fromhex("00989abcddee")


def alternating(hearing: Hearing, parts: int, *, up: float = 5.0) -> None:
    """Let the access point and an imitator beacon alternately, for `parts` times 3 s each."""
    real, fake = Sender(), Sender(up=up, seq=3000)
    for part in range(parts):
        sender = fake if part & 1 else real
        hearing.hear(*sender.beacons(part * 3.0, part * 3.0 + 3.0))


@pytest.mark.raises_alert("two-clocks")
def test_a_clock_that_goes_back_to_one_that_it_had_left_is_an_imitator() -> None:
    hearing = Hearing(TwoClocks)
    alternating(hearing, 5)  # left the first, and returned three times
    assert not hearing.alerts
    alternating_on = Sender(up=5.0, seq=3500)
    raised = hearing.hear(*alternating_on.beacons(15.0, 18.0))
    assert [(alert.rule, alert.severity, alert.bssid, alert.count) for alert in raised] == [
        ("two-clocks", "warning", AP, 4)
    ]
    assert raised[0].confidence == "high"
    assert "1 d 3 h" in raised[0].text
    assert "20." in raised[0].text
    assert raised[0].threshold == "4 returns in 300 s"


def test_both_at_the_same_time_are_told_within_seconds() -> None:
    hearing = Hearing(TwoClocks)
    raised = hearing.hear(*together(Sender().beacons(0, 20), Sender(up=7.0, seq=9).beacons(0.05, 20)))
    assert len(raised) == 1
    assert raised[0].first - BEGIN < 10


def test_an_imitator_that_sends_other_things_is_told_by_every_beacon() -> None:
    hearing = Hearing(TwoClocks)
    fake = Sender(up=7.0, seq=9, said=elements(security=b""))
    hearing.hear(*Sender().beacons(0, 3))
    raised = hearing.hear(*together(Sender(seq=200).beacons(3, 6), fake.beacons(3.05, 6, 0.5)))
    assert len(raised) == 1


def test_timestamps_that_stand_still_between_real_ones() -> None:
    hearing = Hearing(TwoClocks)
    frames = list(Sender().beacons(0, 60))
    fakes = [beacon(elements(), tsf=0, time=BEGIN + 2 + n, seq=n) for n in range(58)]
    assert hearing.hear(*sorted(frames + fakes, key=lambda frame: frame.time))


@pytest.mark.spares("two-clocks")
def test_a_restart_is_no_imitator() -> None:
    hearing = Hearing(TwoClocks)
    for boot in range(20):
        at = boot * 30.0
        hearing.hear(*Sender(up=-at + 1, seq=0).beacons(at, at + 25))
    assert not hearing.events


def test_a_fast_clock_and_late_frames_are_one_clock() -> None:
    rng = random.Random(3)
    hearing = Hearing(TwoClocks)
    for frame in Sender(drift=100).beacons(0, 2000, 1.024):
        frame.time += rng.choice((0, 0, 0.03, 0.1))
        hearing.hear(frame)
    assert not hearing.events


def test_a_receiver_that_stalls_hands_frames_over_late() -> None:
    hearing = Hearing(TwoClocks)
    for number, frame in enumerate(Sender().beacons(0, 280)):
        if number % 300 in {150, 151}:
            frame.time += 4.0
        hearing.hear(frame)
    assert not hearing.events


def test_where_the_receivers_clock_says_otherwise_the_time_is_wrong() -> None:
    def heard(*, stamped: bool) -> Hearing:
        hearing = Hearing(TwoClocks)
        for number, frame in enumerate(Sender().beacons(0, 280)):
            if stamped:
                frame.tsft = int((frame.time - BEGIN) * 1e6) + 77
            if number % 200 in range(100, 130):
                frame.time += 90.0
            hearing.hear(frame)
        return hearing

    assert heard(stamped=False).alerts  # nothing else can be known
    assert not heard(stamped=True).alerts


@pytest.mark.parametrize(("apart", "told"), [(7.0, True), (0.5, True), (0.35, True), (0.15, False)])
def test_two_clocks_are_two_by_the_receivers_clock_too(apart: float, told: bool) -> None:
    hearing = Hearing(TwoClocks, two_clocks=ClockSettings(apart=Duration(0.3)))
    for frame in together(Sender().beacons(0, 20), Sender(up=100_000.0 + apart, seq=9).beacons(0.05, 20)):
        frame.tsft = int((frame.time - BEGIN) * 1e6) + 77
        hearing.hear(frame)
    assert bool(hearing.alerts) is told


def test_a_carry_that_comes_late_is_one_clock() -> None:
    hearing = Hearing(TwoClocks)
    for number, frame in enumerate(Sender().beacons(0, 100)):
        late = beacon(
            elements(), tsf=int((100_000 + frame.time - BEGIN) * 1e6) - (1 << 32), time=frame.time, seq=number
        )
        hearing.hear(late if number % 7 == 0 else frame)
    assert not hearing.events


@pytest.mark.parametrize(("after", "raised"), [(30.0, False), (300.0, True)])
@pytest.mark.parametrize("sealed", [True, False])
def test_an_imitator_that_is_off_by_the_carry_is_told_by_sound_beacons_far_from_it(
    after: float, raised: bool, sealed: bool
) -> None:
    hearing = Hearing(TwoClocks)
    carry = (1 << 32) / 1e6
    real, fake = Sender(up=3 * carry + after - 15), Sender(up=2 * carry + after - 15, seq=9)
    for frame in together(real.beacons(0, 30), fake.beacons(0.05, 30)):
        if sealed:
            frame.raw = frame.raw[: frame.end] + crc32(frame.raw[frame.start : frame.end]).to_bytes(4, "little")
        hearing.hear(frame)
    assert bool(hearing.alerts) is (raised and sealed)


def test_receivers_with_other_clocks_make_every_access_point_jump() -> None:
    hearing = Hearing(TwoClocks)
    senders = [Sender(bssid=bssid, up=up) for bssid, up in ((AP, 1e5), (OTHER, 2e5), (THIRD, 5e4))]
    frames = together(*(sender.beacons(at / 50, 60) for at, sender in enumerate(senders)))
    for frame in frames:
        if frame.time // 3 % 2:
            frame.time += 11.0
        hearing.hear(frame)
    assert not hearing.alerts


def test_stations_of_an_ad_hoc_network_take_turns() -> None:
    hearing = Hearing(TwoClocks)
    one, two = Sender(capability=2), Sender(up=7.0, capability=2)
    hearing.hear(*together(one.beacons(0, 30), two.beacons(0.05, 30)))
    assert not hearing.events


@pytest.mark.parametrize("broken", [lambda _n: 0.0, lambda n: -n * 0.1, lambda n: float(n % 2), lambda n: n * 5.0])
def test_times_that_mean_nothing(broken: Callable[[int], float]) -> None:
    hearing = Hearing(TwoClocks)
    for number, frame in enumerate(Sender().beacons(0, 60)):
        frame.time = BEGIN + broken(number)
        hearing.hear(frame)
    assert not hearing.events


def test_a_radio_that_hops_hears_enough() -> None:
    hearing = Hearing(TwoClocks)
    frames = together(Sender().beacons(0, 280), Sender(up=7.0, seq=9).beacons(0.05, 280))
    raised = [a for f in frames if (f.time - BEGIN) % 5 < 0.4 for a in hearing.hear(f, tuned=2437)]
    assert len(raised) == 1


def test_settings_change_what_it_takes() -> None:
    hearing = Hearing(TwoClocks, two_clocks=ClockSettings(returns=2))
    alternating(hearing, 3)
    assert not hearing.alerts
    alternating(hearing, 4)
    assert hearing.alerts
    near = Hearing(TwoClocks)
    alternating(near, 20, up=100_001.0)
    assert not near.alerts
    exact = Hearing(TwoClocks, two_clocks=ClockSettings(apart=Duration(0.5)))
    alternating(exact, 20, up=100_001.0)
    assert exact.alerts


def test_a_flood_of_access_points_does_not_wear_it_out() -> None:
    rng = random.Random(1)
    hearing = Hearing(TwoClocks)
    real, fake = Sender(), Sender(up=9.0)
    rule = hearing.engine.detections[0]
    assert isinstance(rule, TwoClocks)
    for step in range(300):
        at = step * 100 * TU
        hearing.hear(real.beacon(at), fake.beacon(at + 0.05))
        for _ in range(10):
            flood = Sender(bssid=b"\x02" + rng.randbytes(5), up=rng.random() * 1e6)
            hearing.hear(flood.beacon(at + 0.06), flood.beacon(at + 0.07))
        assert len(rule._clocks.entries) <= KNOWN
    assert [alert.bssid for alert in hearing.alerts] == [AP]


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.floats(0, 1e10), st.binary(max_size=40)), max_size=30))
def test_any_beacon_is_judged(said: list[tuple[int, float, bytes]]) -> None:
    hearing = Hearing(TwoClocks)
    for tsf, time, rest in said:
        frames: list[Frame] = [beacon(element(0, b"x") + RATES, tsf=tsf, time=time), beacon(rest, tsf=tsf, time=time)]
        hearing.hear(*frames)


def test_a_return_counts_to_a_clock_that_was_there_for_a_while() -> None:
    hearing = Hearing(TwoClocks, two_clocks=ClockSettings(returns=2))
    real, fake = Sender(), Sender(up=7.0, seq=9, said=elements(security=b""))
    hearing.hear(*real.beacons(0, 3))
    assert hearing.hear(fake.beacon(3.1), real.beacon(3.2), fake.beacon(3.3)) == []
    assert len(hearing.hear(real.beacon(3.4))) == 1


def test_a_damaged_bit_of_a_timestamp_is_no_other_clock() -> None:
    for bits in (range(26, 50), range(49, 25, -1)):
        hearing = Hearing(TwoClocks)
        frames = list(Sender().beacons(0, 100))
        for number, frame in enumerate(frames):
            if number % 7 == 3:
                bit = bits[number // 7 % len(bits)]
                at = frame.body + bit // 8
                raw = bytearray(frame.raw)
                raw[at] ^= 1 << bit % 8
                frame.raw = bytes(raw)
        hearing.hear(*frames)
        assert not hearing.alerts


@pytest.mark.parametrize("bit", [27, 30, 31])
def test_an_imitator_whose_clock_is_off_by_one_bit_is_told(bit: int) -> None:
    hearing = Hearing(TwoClocks)
    fake = Sender(up=100_000.0 + (1 << bit) / 1e6, seq=9)
    raised = hearing.hear(*together(Sender().beacons(0, 30), fake.beacons(0.05, 30)))
    assert [alert.rule for alert in raised] == ["two-clocks"]


def test_a_bit_that_is_damaged_now_and_then_is_no_other_clock() -> None:
    hearing = Hearing(TwoClocks)
    for round_ in range(8):
        damaged = Sender(up=100_000.0 + (1 << 30) / 1e6).beacon(round_ * 310.0 + 5)
        hearing.hear(*together(Sender().beacons(round_ * 310.0, round_ * 310.0 + 10), iter([damaged])))
    assert not hearing.alerts

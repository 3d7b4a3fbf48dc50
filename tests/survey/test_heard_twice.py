from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.survey.air import AP, STA, beacon, frame

from whimbrel.survey.heard_twice import HeardTwice
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import ACK


def numbered(n: int, late: float = 0.0, freq: int = 2437) -> Frame:
    return beacon(tsf=n * 102_400 + 1, seq=n % 4096, time=1000.0 + n / 10 + late, freq=freq)


def ack(at: float) -> Frame:
    return frame(ACK, STA, AP, AP, time=at)


def test_what_comes_a_bundle_later_is_the_same_transmission() -> None:
    heard = HeardTwice()
    assert not any(heard.is_second(numbered(n), 0) for n in range(5))
    assert all(heard.is_second(numbered(n, late=0.004), 1) for n in range(5))
    assert not heard.is_second(numbered(5), 1)
    assert heard.is_second(numbered(5, freq=2442), 0), "it leaks into the other receiver's channel"


def test_one_receiver_hears_nothing_twice() -> None:
    heard = HeardTwice()
    assert not any(heard.is_second(numbered(1), 1) for _ in range(3))


def test_of_frames_that_are_alike_each_stands_for_one() -> None:
    heard = HeardTwice()
    assert not any(heard.is_second(ack(1000.0 + n / 1000), 0) for n in range(3))
    assert [heard.is_second(ack(1000.0 + n / 1000), 1) for n in range(5)] == [True, True, True, False, False]


def test_another_one_of_the_same_octets_a_moment_later_is_another() -> None:
    heard = HeardTwice()
    assert not heard.is_second(ack(1000.0), 0)
    assert not heard.is_second(ack(1000.1), 1)


def test_nothing_is_kept_for_long() -> None:
    heard = HeardTwice()
    for n in range(5000):
        heard.is_second(numbered(n), 0)
    assert len(heard._recent) <= 25
    for n in range(5000):
        heard.is_second(beacon(tsf=n, time=9000.0), 0)
        heard.is_second(ack(9000.0), 0)
    assert len(heard._recent) <= 2049
    assert max(map(len, heard._recent.values())) <= 64


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1), st.integers(0, 1))))
def test_no_more_are_left_out_than_another_receiver_has_delivered(deliveries: list[tuple[int, float, int]]) -> None:
    heard = HeardTwice()
    counted = {0: 0, 1: 0}
    left_out = {0: 0, 1: 0}
    for what, at, receiver in deliveries:
        second = heard.is_second(beacon(tsf=what, time=1000.0 + at), receiver)
        (left_out if second else counted)[receiver] += 1
    assert left_out[0] <= counted[1]
    assert left_out[1] <= counted[0]

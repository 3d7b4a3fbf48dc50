from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.rows import SignalRow
from whimbrel.survey.signal_strength import SLOT, SLOTS, SignalStrength


def test_nothing_heard() -> None:
    assert SignalStrength().row() == SignalRow(last=None, min=None, max=None, smoothed=None)


@given(values=st.lists(st.integers(-110, 0), min_size=1, max_size=50))
def test_bounds(values: list[int]) -> None:
    signal = SignalStrength()
    for value in values:
        signal.add(value)
    assert (signal.last, signal.low, signal.high) == (values[-1], min(values), max(values))
    assert signal.smoothed is not None
    assert min(values) - 1 <= signal.smoothed <= max(values) + 1


def test_settles_on_a_new_value() -> None:
    signal = SignalStrength()
    for value in [-90] + [-40] * 60:
        signal.add(value)
    assert signal.smoothed is not None
    assert abs(signal.smoothed + 40) <= 1


def test_one_outlier_moves_it_little() -> None:
    signal = SignalStrength()
    for value in [-60] * 20 + [-20]:
        signal.add(value)
    assert signal.smoothed == -55


def test_the_last_half_minute_is_known() -> None:
    signal = SignalStrength()
    for tenth in range(600):
        signal.keep(-90 + tenth // 20, 1000 + tenth / 10)
    past = signal.past
    assert len(past) == SLOTS
    assert past[0] == (1000.0 + 2 * 15, -75)
    assert past[-1] == (1058.0, -61)


def test_a_silence_leaves_a_gap() -> None:
    signal = SignalStrength()
    for at in (1000.0, 1002.0, 1012.0):
        signal.keep(-50, at)
    assert [at for at, _ in signal.past] == [1000.0, 1002.0, 1012.0]


@given(st.lists(st.tuples(st.floats(-1e9, 4e9), st.integers(-128, 20)), max_size=60))
def test_any_times_give_a_bounded_past_in_order(samples: list[tuple[float, int]]) -> None:
    signal = SignalStrength()
    for at, rssi in samples:
        signal.keep(rssi, at)
    past = signal.past
    assert len(past) <= SLOTS
    assert list(past) == sorted(past)
    if samples:
        at, rssi = past[-1]
        assert at <= samples[-1][0] < at + SLOT
        assert -128 <= rssi < 0

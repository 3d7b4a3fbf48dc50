from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.rows import SignalRow
from whimbrel.survey.signal_strength import SignalStrength


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

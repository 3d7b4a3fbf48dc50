from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.detections.moment import LONG_AGO, STRETCH, Moment

SECONDS = st.floats(0, 1e6)
MOMENTS = st.builds(Moment, st.sampled_from([0, 2412, 2437]), SECONDS, SECONDS)


def test_on_one_channel_the_time_listened_there_counts() -> None:
    assert Moment(2412, 3.0, 100.0).until(Moment(2412, 4.5, 160.0)) == 1.5


def test_the_listening_times_of_two_channels_are_not_subtracted() -> None:
    """A channel that was heard for an hour, and one that was heard for a second."""
    assert Moment(2412, 3600.0, 4000.0).until(Moment(2437, 1.0, 4002.0)) == 2.0
    assert not Moment(2412, 3600.0, 4000.0).is_within(10.0, Moment(2437, 1.0, 4060.0))


@given(MOMENTS, MOMENTS)
def test_no_later_moment_is_before(earlier: Moment, later: Moment) -> None:
    if later.now >= earlier.now and (later.freq != earlier.freq or later.listened >= earlier.listened):
        assert earlier.until(later) >= 0


@pytest.mark.parametrize(("listened", "now", "within"), [(10, 10, True), (10.1, 10.1, False), (10, 401, False)])
def test_a_window_ends_by_either_clock(listened: float, now: float, *, within: bool) -> None:
    assert Moment(2412, 0.0, 0.0).is_within(10.0, Moment(2412, listened, now)) is within
    assert STRETCH == 40


def test_long_ago_is_before_every_window() -> None:
    assert not LONG_AGO.is_within(1e9, Moment(2412, 0.0, 0.0))

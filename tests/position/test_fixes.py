from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.events.position import PositionChanged
from whimbrel.geo import Zone, ZoneKind
from whimbrel.position.fixes import Fixes, FixLimits
from whimbrel.position.gpsd import Fix, NoFix, Receivers, Sky

EPOCH = 1_780_000_000.0
"""The machine's clock when the tests' clock is 0."""
SATELLITES = 1_118_226_888.0
LIMITS = FixLimits(oldest=5.0, error=100.0)
HOME = Zone(name="home", kind=ZoneKind.HOME, latitude=59.0, longitude=18.0, radius=100.0)


def fix(**more: Any) -> Fix:
    usual = Fix("/dev/a", SATELLITES, 59.0, 18.0, 20.0, 8.0, 1.5)
    return usual._replace(**more)


def take(fixes: Fixes, report: Any, now: float) -> PositionChanged | None:
    return fixes.take(report, now, EPOCH + now)


def test_a_fix_holds_until_it_is_too_old() -> None:
    fixes = Fixes(LIMITS, [HOME])
    take(fixes, Sky("/dev/a", 7, None), 9.0)
    changed = take(fixes, fix(), 10.0)
    assert changed is not None
    assert (changed.position.time, changed.until, changed.regained) == (EPOCH + 10, EPOCH + 15, True)
    assert (changed.satellites, changed.zones) == (7, (HOME,))
    assert fixes.turn(14.9) is None
    lost = fixes.turn(15.0)
    assert lost is not None
    assert lost.position == changed.position
    assert fixes.turn(16.0) is None
    again = take(fixes, fix(time=SATELLITES + 10, latitude=60.0), 20.0)
    assert again is not None
    assert (again.regained, again.zones) == (True, ())
    further = take(fixes, fix(time=SATELLITES + 11), 21.0)
    assert further is not None
    assert not further.regained


def test_a_fix_that_is_told_again_is_none() -> None:
    fixes = Fixes(LIMITS)
    assert take(fixes, fix(), 10.0)
    assert take(fixes, fix(), 11.0) is None
    assert fixes.turn(15.0) is not None


def test_of_many_fixes_two_a_second_are_told() -> None:
    fixes = Fixes(LIMITS)
    told = [take(fixes, fix(time=SATELLITES + step / 10), 10 + step / 10) for step in range(50)]
    assert 9 <= sum(changed is not None for changed in told) <= 10


def test_a_fix_that_comes_late_is_as_old_as_it_is() -> None:
    fixes = Fixes(LIMITS)
    take(fixes, fix(), 10.0)
    late = take(fixes, fix(time=SATELLITES + 1), 14.0)
    assert late is not None
    assert (late.position.time, late.until) == (EPOCH + 11, EPOCH + 16)
    assert take(fixes, fix(time=SATELLITES + 2), 18.0) is None
    assert "6 s late" not in fixes.missing or fixes.position is not None
    assert fixes.turn(16.0) is not None


def test_a_receiver_that_learns_what_time_it_is() -> None:
    fixes = Fixes(LIMITS)
    take(fixes, fix(), 10.0)
    for step, told in enumerate((SATELLITES + 7e8, SATELLITES + 7e8 + 1, SATELLITES - 5e7), 11):
        changed = take(fixes, fix(time=told), float(step))
        assert changed is not None
        assert changed.position.time == EPOCH + step


def test_an_error_from_the_report_or_from_the_sky() -> None:
    fixes = Fixes(LIMITS)
    assert take(fixes, fix(error=None), 10.0) is None
    assert "accuracy" in fixes.missing
    take(fixes, Sky("/dev/a", 5, 13.5), 10.0)
    changed = take(fixes, fix(error=None), 10.0)
    assert changed is not None
    assert changed.position.error == 13.5
    assert take(fixes, fix(error=101.0, time=SATELLITES + 1), 11.0) is None
    assert "exact to 101 m" in fixes.missing


def test_of_two_receivers_the_better_one() -> None:
    fixes = Fixes(LIMITS)
    assert take(fixes, fix(), 10.0)
    assert take(fixes, fix(device="/dev/b", error=9.0), 10.5) is None
    assert take(fixes, fix(device="/dev/b", error=3.0), 10.6)
    assert take(fixes, fix(time=SATELLITES + 1), 11.0) is None
    assert take(fixes, fix(time=SATELLITES + 20), 30.0)  # the better one has fallen silent


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (Receivers(()), "no receiver"),
        (Receivers(("/dev/a",)), "searching for satellites"),
        (NoFix("/dev/a"), "too few satellites"),
    ],
)
def test_why_there_is_none(report: Any, said: str) -> None:
    fixes = Fixes(LIMITS)
    assert take(fixes, report, 1.0) is None
    assert said in fixes.missing
    assert fixes.turn(100.0) is None


@given(
    st.lists(
        st.tuples(
            st.floats(0, 4),
            st.one_of(
                st.builds(
                    Fix,
                    st.sampled_from(["a", "b"]), st.none() | st.floats(-1e9, 1e10),
                    st.floats(-90, 90), st.floats(-180, 180), st.none(), st.none() | st.floats(0, 300), st.none(),
                ),
                st.builds(Sky, st.sampled_from("abc"), st.none(), st.none() | st.floats(0, 300)),
                st.builds(NoFix, st.sampled_from("ab")),
            ),
        )
    )
)  # fmt: skip
def test_nothing_holds_longer_than_its_age_allows(steps: list[tuple[float, Any]]) -> None:
    fixes, now, newest = Fixes(LIMITS), 0.0, float("-inf")
    for pause, report in steps:
        now += pause
        fixes.turn(now)
        changed = take(fixes, report, now)
        if changed is not None:
            newest = now
            assert EPOCH + now - LIMITS.oldest <= changed.position.time <= EPOCH + now
            assert changed.until == changed.position.time + LIMITS.oldest
            assert changed.position.error <= LIMITS.error
        assert fixes.position is None or now - newest <= LIMITS.oldest

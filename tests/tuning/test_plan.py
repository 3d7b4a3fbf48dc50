from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.tuning.plan import covers, make_plan
from whimbrel.tuning.settings import PlanError, TunerSettings
from whimbrel.wifi.channels import Channel, parse_channel

EUROPE = [Channel(2407 + 5 * number) for number in range(1, 14)]
EUROPE += [Channel(5000 + 5 * number) for number in (*range(36, 65, 4), *range(100, 141, 4))]
SIX = [Channel(5950 + 5 * number) for number in range(1, 94, 4)]


def names(settings: TunerSettings, allowed: list[Channel] = EUROPE) -> list[str]:
    return [str(stop.channel) for stop in make_plan(settings, allowed).stops]


def test_without_names_it_visits_all_that_is_allowed_in_the_bands() -> None:
    assert names(TunerSettings(bands=("2.4",))) == [str(number) for number in range(1, 14)]
    assert len(names(TunerSettings(), EUROPE + SIX)) == len(EUROPE)
    assert names(TunerSettings(bands=("6",)), EUROPE + SIX)[:2] == ["6GHz:1", "6GHz:5"]


def test_named_channels_come_by_frequency_and_once() -> None:
    assert names(TunerSettings(channels=("36/80", "11", "1", "11"))) == ["1", "11", "36/80"]


def test_what_is_forbidden_is_left_out_with_a_reason() -> None:
    plan = make_plan(TunerSettings(channels=("1", "14", "140/40", "6GHz:37")), EUROPE)
    assert [str(stop.channel) for stop in plan.stops] == ["1"]
    reasons = {str(dropped.channel): dropped.reason for dropped in plan.dropped}
    assert set(reasons) == {"14", "140/40", "6GHz:37"}
    assert "144 (5720 MHz)" in reasons["140/40"]


def test_a_plan_may_have_nothing_left() -> None:
    plan = make_plan(TunerSettings(channels=("14",)), EUROPE)
    assert plan.stops == ()
    assert plan.cycle == 0


def test_weights_lengthen_the_stay_within_the_limits() -> None:
    settings = TunerSettings(channels=("1", "6", "11", "13"), weights={"6": 2.0, "11": 100.0, "13": 0.01})
    dwells = {str(stop.channel): stop.dwell for stop in make_plan(settings, EUROPE).stops}
    assert dwells == {"1": 0.25, "6": 0.5, "11": 2.0, "13": 0.1}


@pytest.mark.parametrize(
    ("text", "freqs"),
    [
        ("6", (2437,)),
        ("6/40+", (2437, 2457)),
        ("11/40-", (2442, 2462)),
        ("44/80", (5180, 5200, 5220, 5240)),
        ("36/160", tuple(range(5180, 5321, 20))),
    ],
)
def test_a_wide_channel_covers_its_parts(text: str, freqs: tuple[int, ...]) -> None:
    assert covers(parse_channel(text)) == freqs


@given(st.lists(st.text(max_size=8) | st.sampled_from(["1", "36/80", "6GHz:5", "14"]), max_size=5))
def test_any_words_are_a_plan_or_a_plan_error(words: list[str]) -> None:
    try:
        plan = make_plan(TunerSettings(channels=tuple(words)), EUROPE)
    except PlanError:
        return
    assert {stop.channel.freq for stop in plan.stops} <= {channel.freq for channel in EUROPE}
    assert all(dropped.reason for dropped in plan.dropped)

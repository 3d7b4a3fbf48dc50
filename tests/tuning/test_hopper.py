from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.tuning.hopper import Hop, Hopper
from whimbrel.tuning.plan import ChannelPlan, make_plan
from whimbrel.tuning.settings import TunerSettings
from whimbrel.wifi.channels import Channel, parse_channel

ALLOWED = [Channel(2407 + 5 * number) for number in range(1, 14)]
ALLOWED += [Channel(5000 + 5 * number) for number in (36, 40, 44, 48)]
ONE, SIX, ELEVEN = Channel(2412), Channel(2437), Channel(2462)


def plan(*channels: str, **settings: object) -> ChannelPlan:
    return make_plan(TunerSettings(channels=channels, **settings), ALLOWED)  # type: ignore[arg-type]


def step(hopper: Hopper, now: float) -> Hop:
    hop = hopper.next(now)
    assert hop is not None
    return hop


def walk(hopper: Hopper, hops: int, now: float = 0.0) -> tuple[list[tuple[float, Channel]], float]:
    """Return (start, channel) of so many hops in a row, and the end of the last."""
    visited = []
    for _ in range(hops):
        hop = step(hopper, now)
        visited.append((now, hop.channel))
        now += hop.dwell
    return visited, now


def test_a_lap_visits_every_channel_once() -> None:
    hopper = Hopper(plan())
    visited, _ = walk(hopper, len(ALLOWED))
    assert sorted(channel for _, channel in visited) == sorted(ALLOWED)
    assert walk(hopper, 1)[0][0][1] == visited[0][1]


@given(
    st.lists(
        st.tuples(st.sampled_from([channel.freq for channel in ALLOWED] + [1]), st.integers(0, 1000)), max_size=300
    ),
    st.dictionaries(st.sampled_from(["1", "6", "36", "44"]), st.floats(0.01, 100.0), max_size=4),
    st.booleans(),
)
def test_whatever_is_discovered_every_channel_is_visited_in_time(
    discoveries: list[tuple[int, int]], weights: dict[str, float], adaptive: bool
) -> None:
    settings = TunerSettings(weights=weights, adaptive=adaptive)
    hopper = Hopper(make_plan(settings, ALLOWED))
    last = dict.fromkeys(ALLOWED, 0.0)
    now = 0.0
    for turn in range(len(discoveries) + 3 * len(ALLOWED)):
        hop = step(hopper, now)
        assert settings.dwell_min <= hop.dwell <= settings.dwell_max
        last[hop.channel] = now
        assert now - min(last.values()) <= hopper.bound + 1e-6
        if turn < len(discoveries):
            hopper.heard(*discoveries[turn], now)
        now += hop.dwell


def test_time_goes_where_new_things_appear() -> None:
    hopper = Hopper(plan())
    now, spent = 0.0, dict.fromkeys(ALLOWED, 0.0)
    for _ in range(400):
        hop = step(hopper, now)
        if hop.channel == SIX:
            hopper.heard(2437, 2, now)
        spent[hop.channel] += hop.dwell
        now += hop.dwell
    others = [spent[channel] for channel in ALLOWED if channel != SIX]
    assert spent[SIX] >= 4 * max(others)
    assert min(others) > 0


def test_the_only_channel_is_seldom_set_again() -> None:
    hopper = Hopper(plan("6"))
    assert [step(hopper, now) for now in (0.0, 5.0)] == [Hop(SIX, 5.0)] * 2
    assert step(Hopper(plan("6", dwell=60.0, dwell_max=60.0)), 0.0) == Hop(SIX, 60.0)
    shared = Hopper(plan("1", "6"))
    assert step(shared, 0.0).dwell == 0.25
    assert shared.share({2437})
    assert step(shared, 0.25) == Hop(SIX, 5.0)


def test_interest_fades() -> None:
    hopper = Hopper(plan())
    hopper.heard(2437, 1000, 0.0)
    later = 600.0
    visited, _ = walk(hopper, len(ALLOWED), later)
    assert sorted(channel for _, channel in visited) == sorted(ALLOWED)


def test_without_adaptation_discoveries_change_nothing() -> None:
    hopper = Hopper(plan(adaptive=False))
    hopper.heard(2437, 50, 0.0)
    visited, _ = walk(hopper, len(ALLOWED))
    assert sorted(channel for _, channel in visited) == sorted(ALLOWED)


def test_what_is_heard_within_a_wide_channel_counts_for_it() -> None:
    hopper = Hopper(plan("1", "6", "11", "36/80"))
    hopper.heard(5220, 30, 0.0)
    visited, _ = walk(hopper, 12)
    assert sum(str(channel) == "36/80" for _, channel in visited) > 3


def test_a_return_is_never_to_a_neighbour() -> None:
    hopper = Hopper(plan())
    for channel in ALLOWED:
        hopper.heard(channel.freq, 50, 0.0)
    visited, _ = walk(hopper, 200)
    for (_, one), (_, other) in itertools.pairwise(visited):
        assert abs(one.freq - other.freq) >= 20, (one, other)


def test_the_same_input_gives_the_same_schedule() -> None:
    def schedule() -> list[tuple[float, Channel]]:
        hopper = Hopper(plan())
        for turn in range(30):
            hopper.heard(ALLOWED[turn * 7 % len(ALLOWED)].freq, turn, 0.0)
        return walk(hopper, 100)[0]

    assert schedule() == schedule()


def test_a_lock_lasts_until_it_is_undone() -> None:
    hopper = Hopper(plan())
    hopper.lock(SIX)
    assert [step(hopper, now) for now in (0.0, 5.0, 9999.0)] == [Hop(SIX, 0.0)] * 3
    assert hopper.locked == SIX
    hopper.unlock()
    assert hopper.locked is None
    assert len({channel for _, channel in walk(hopper, 5)[0]}) == 5


def test_a_camp_ends_by_itself() -> None:
    hopper = Hopper(plan())
    assert hopper.camp(SIX, 5.0, 1.0)
    assert step(hopper, 2.0) == Hop(SIX, 3.0)
    assert hopper.camping(4.9) == (SIX, 5.0)
    assert hopper.camping(5.0) is None
    assert step(hopper, 5.0).dwell == 0.25


def test_a_camp_is_bounded_and_prolonged_only_to_its_bound() -> None:
    hopper = Hopper(plan(camp_max=10.0))
    assert hopper.camp(SIX, 9999.0, 0.0)
    assert hopper.camping(1.0) == (SIX, 10.0)
    assert hopper.camp(SIX, 20.0, 9.0)
    assert hopper.camping(9.5) == (SIX, 10.0)
    assert not hopper.camp(ELEVEN, 12.0, 9.0)


def test_there_is_no_second_camp_before_every_channel_had_its_visit() -> None:
    hopper = Hopper(plan())
    hopper.camp(SIX, 5.0, 0.0)
    assert not hopper.camp(ELEVEN, 9.0, 5.0)
    visited = set()
    now = 5.0
    while not hopper.camp(ELEVEN, now + 3.0, now):
        hop = step(hopper, now)
        visited.add(hop.channel)
        now += hop.dwell
    assert visited == set(ALLOWED)


def test_a_lock_is_stronger_than_a_camp_which_goes_on_under_it() -> None:
    hopper = Hopper(plan())
    hopper.camp(SIX, 10.0, 0.0)
    hopper.lock(ELEVEN)
    assert step(hopper, 1.0) == Hop(ELEVEN, 0.0)
    assert hopper.camping(1.0) is None
    hopper.unlock()
    assert step(hopper, 2.0) == Hop(SIX, 8.0)


def test_a_camp_in_the_past_is_none() -> None:
    assert not Hopper(plan()).camp(SIX, 1.0, 2.0)


@pytest.mark.parametrize("turns", range(8))
def test_a_dropped_channel_is_gone_and_the_lap_goes_on(turns: int) -> None:
    hopper = Hopper(plan("1", "6", "11", "13"))
    _, now = walk(hopper, turns)
    following = hopper.channels[turns % 4]
    gone = hopper.channels[(turns + 2) % 4]
    assert hopper.drop(gone)
    assert not hopper.drop(gone)
    visited, _ = walk(hopper, 3, now)
    assert visited[0][1] == following
    assert {channel for _, channel in visited} == set(hopper.channels)
    assert gone not in hopper.channels


def test_dropping_ends_a_lock_and_a_camp_there() -> None:
    hopper = Hopper(plan("1", "6"))
    other = parse_channel("36")
    hopper.lock(other)
    hopper.camp(SIX, 10.0, 0.0)
    assert not hopper.drop(other)
    assert hopper.locked is None
    assert step(hopper, 1.0).channel == SIX
    assert hopper.drop(SIX)
    assert step(hopper, 1.0).channel == ONE
    hopper.drop(ONE)
    assert hopper.next(2.0) is None
    assert hopper.bound == 0


def test_a_share_is_visited_alone_and_can_grow_again() -> None:
    hopper = Hopper(plan("1", "6", "11"))
    assert hopper.share({ONE.freq, ELEVEN.freq, 5955})
    assert {channel for _, channel in walk(hopper, 8)[0]} == {ONE, ELEVEN}
    assert hopper.planned == (ONE, SIX, ELEVEN)
    assert not hopper.share({ONE.freq, ELEVEN.freq}), "nothing changes"
    hopper.heard(SIX.freq, 60, 1.0)
    assert {channel for _, channel in walk(hopper, 8, 2.0)[0]} == {ONE, ELEVEN}, "others visit it"
    assert hopper.share({channel.freq for channel in hopper.planned})
    assert {channel for _, channel in walk(hopper, 8, 4.0)[0]} == {ONE, SIX, ELEVEN}


def test_what_is_forbidden_stays_out_of_every_later_share() -> None:
    hopper = Hopper(plan("1", "6", "11"))
    hopper.share({ONE.freq})
    assert hopper.drop(SIX), "it was in the plan, though not in the share"
    assert not hopper.drop(SIX)
    assert hopper.planned == (ONE, ELEVEN)
    hopper.share({ONE.freq, SIX.freq})
    assert hopper.channels == (ONE,)


def test_a_lock_elsewhere_outlasts_a_change_of_the_share() -> None:
    hopper = Hopper(plan("1", "6", "11"))
    hopper.lock(SIX)
    hopper.share({ONE.freq})
    assert step(hopper, 0.0).channel == SIX
    hopper.unlock()
    assert step(hopper, 1.0).channel == ONE

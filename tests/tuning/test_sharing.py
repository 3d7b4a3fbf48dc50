from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.tuning.sharing import share_out

LOW = (2412, 2437, 2462)
HIGH = (5180, 5200, 5220, 5240)
PLANS = st.dictionaries(st.sampled_from(["sniffer", "sniffer2", "third"]), st.sets(st.integers(1, 40)), max_size=3)


def test_two_alike_take_halves_of_neighbouring_channels() -> None:
    shares = share_out({"sniffer2": LOW + HIGH, "sniffer": LOW + HIGH})
    assert shares == {"sniffer": {*LOW, 5180}, "sniffer2": {5200, 5220, 5240}}


def test_what_only_one_of_them_can_visit_is_its_own() -> None:
    assert share_out({"sniffer": LOW, "sniffer2": LOW + HIGH}) == {"sniffer": set(LOW), "sniffer2": set(HIGH)}
    assert share_out({"sniffer": LOW + HIGH, "sniffer2": LOW}) == {"sniffer": set(HIGH), "sniffer2": set(LOW)}
    assert share_out({"sniffer": LOW, "sniffer2": HIGH}) == {"sniffer": set(LOW), "sniffer2": set(HIGH)}


def test_one_alone_visits_everything() -> None:
    assert share_out({"sniffer": LOW}) == {"sniffer": set(LOW)}
    assert share_out({"sniffer": LOW, "sniffer2": ()}) == {"sniffer": set(LOW), "sniffer2": set()}
    assert share_out({}) == {}


@given(PLANS)
def test_every_channel_has_exactly_one_visitor_that_can_go_there(plans: dict[str, set[int]]) -> None:
    shares = share_out(plans)
    assert set(shares) == set(plans)
    given_out = [freq for share in shares.values() for freq in share]
    assert sorted(given_out) == sorted(set().union(*plans.values()))
    assert all(share <= plans[name] for name, share in shares.items())


@given(st.sets(st.integers(1, 40), min_size=1), st.integers(2, 3))
def test_shares_of_equal_plans_are_equal(plan: set[int], receivers: int) -> None:
    sizes = [len(share) for share in share_out({str(number): plan for number in range(receivers)}).values()]
    assert max(sizes) - min(sizes) <= max(1, receivers - 1)
    assert max(sizes) == -(-len(plan) // receivers)

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.tuning.verify import Mismatch, Verifier
from whimbrel.wifi.channels import Channel, parse_channel

ONE, SIX, ELEVEN = Channel(2412), Channel(2437), Channel(2462)


def visit(verifier: Verifier, channel: Channel, at: float, freqs: list[int], delay: float = 0.1) -> Mismatch | None:
    """Go there and hear these; return what the visit before proved."""
    verdict = verifier.tuned(channel, at)
    verifier.heard(freqs, at + delay)
    return verdict


def stuck(verifier: Verifier, freq: int, plan: list[Channel], visits: int) -> list[Mismatch]:
    """Visit the plan round and round while the radio stays at `freq`."""
    verdicts = [visit(verifier, plan[turn % len(plan)], turn * 0.25, [freq] * 5) for turn in range(visits)]
    return [verdict for verdict in verdicts if verdict]


def test_a_radio_that_obeys_is_never_accused() -> None:
    verifier = Verifier()
    for turn in range(100):
        channel = (ONE, SIX, ELEVEN)[turn % 3]
        assert visit(verifier, channel, turn * 0.25, [channel.freq] * 5) is None
        assert verifier.confirmed


def test_a_radio_that_stays_where_it_is_gets_found() -> None:
    found = stuck(Verifier(), 2412, [ONE, SIX, ELEVEN, Channel(5180)], 8)
    assert found
    assert found[0].heard == 2412
    assert found[0].wanted != ONE
    assert found[0].frames >= 9


def test_it_is_found_with_only_two_channels_too() -> None:
    assert stuck(Verifier(), 2412, [ONE, SIX], 12)


def test_frames_from_before_the_change_do_not_count() -> None:
    verifier = Verifier()
    for turn in range(20):
        assert visit(verifier, SIX, turn * 0.25, [2412] * 50, delay=0.01) is None


def test_neighbours_count_for_neither_side() -> None:
    verifier = Verifier()
    for turn in range(20):
        assert visit(verifier, SIX, turn * 0.25, [2432, 2442, 2427, 2457]) is None
        assert not verifier.confirmed


def test_frames_that_do_not_say_prove_nothing() -> None:
    assert stuck(Verifier(), 0, [ONE, SIX, ELEVEN], 20) == []


def test_a_few_strays_prove_nothing() -> None:
    verifier = Verifier()
    for turn in range(30):
        assert visit(verifier, SIX, turn * 0.25, [2462, 2412]) is None
        assert visit(verifier, SIX, turn * 0.25 + 0.1, [2437, 2437] + [2462] * 7) is None


def test_two_bad_visits_are_forgiven_by_a_good_one() -> None:
    verifier = Verifier()
    for turn in range(0, 30, 3):
        assert visit(verifier, SIX, turn * 1.0, [2462] * 9) is None
        assert visit(verifier, SIX, turn + 1.0, [2462] * 9) is None
        assert visit(verifier, SIX, turn + 2.0, [2437] * 9) is None


def test_all_of_a_wide_channel_is_right() -> None:
    verifier = Verifier()
    visit(verifier, parse_channel("36/80"), 0.0, [5180, 5220, 5240])
    assert verifier.confirmed


def test_a_long_stay_is_judged_while_it_lasts() -> None:
    verifier = Verifier()
    verifier.tuned(SIX, 0.0)
    verifier.heard([2412] * 30, 1.0)
    assert verifier.check(1.0) is None
    assert verifier.check(3.0) == Mismatch(SIX, 2412, 30)
    assert verifier.check(10.0) is None
    verifier.heard([2412] * 30, 10.0)
    assert verifier.check(10.0) == Mismatch(SIX, 2412, 30)


def test_a_long_stay_in_the_right_place_is_not_accused() -> None:
    verifier = Verifier()
    verifier.tuned(SIX, 0.0)
    verifier.heard([2462] * 19 + [2437] * 3, 1.0)
    assert verifier.confirmed
    assert verifier.check(60.0) is None


def test_before_the_first_visit_there_is_nothing_to_say() -> None:
    verifier = Verifier()
    verifier.heard([2412], 0.0)
    assert verifier.check(5.0) is None
    assert not verifier.confirmed


@given(st.lists(st.lists(st.sampled_from([0, 2412, 2437, 2462, 5180]), max_size=40), max_size=40))
def test_right_frames_in_every_visit_are_an_alibi(visits: list[list[int]]) -> None:
    verifier = Verifier()
    for turn, freqs in enumerate(visits):
        assert visit(verifier, SIX, turn * 0.25, [2437] * 3 + freqs) is None
    assert verifier.tuned(SIX, 9999.0) is None

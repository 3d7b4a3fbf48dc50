from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.events.keys import KEYS, KeyTrouble, Press
from whimbrel.gestures import MOST_CHANGES, QUIET, Gestures, Step

LONG = 0.5


def made(debounce: float = 0.01, long: float = LONG, repeat: float = 0.1, stuck: float = 10.0) -> Gestures:
    return Gestures(debounce=debounce, long=long, repeat=repeat, stuck=stuck)


def played(gestures: Gestures, *edges: tuple[float, str, bool], until: float | None = None) -> list[Step]:
    """Let time pass like the module: due actions at their time, edges when they come."""
    steps: list[Step] = []
    for at, key, down in edges:
        while (due := gestures.due()) is not None and due < at:
            steps += gestures.advance(due)
        steps += gestures.edge(key, down, at)
    while until is not None and (due := gestures.due()) is not None and due <= until:
        steps += gestures.advance(due)
    return steps


def names(steps: Sequence[Step]) -> list[str]:
    return [step.gesture if isinstance(step, Press) else step.problem for step in steps]


def test_a_short_press() -> None:
    steps = played(made(), (1.0, "ok", True), (1.2, "ok", False))
    assert names(steps) == ["press", "short", "release"]
    assert [step.held for step in steps if isinstance(step, Press)] == [0.0, pytest.approx(0.2), pytest.approx(0.2)]
    assert {step.gesture_id for step in steps if isinstance(step, Press)} == {1}


@pytest.mark.parametrize("length", [0.0, 0.001, 0.02, 0.2, 0.299, 0.3, 0.31, 0.4, 0.449, 0.45, 0.499])
def test_whatever_is_let_go_before_the_threshold_is_short(length: float) -> None:
    gestures = made()
    assert names(played(gestures, (1.0, "up", True), (1.0 + length, "up", False), until=9.0)) == [
        "press",
        "short",
        "release",
    ]


@pytest.mark.parametrize("length", [0.5, 0.51, 0.6, 0.599])
def test_whatever_is_held_to_the_threshold_is_long(length: float) -> None:
    steps = played(made(), (1.0, "up", True), (1.0 + length, "up", False), until=9.0)
    assert [name for name in names(steps) if name != "repeat"] == ["press", "long", "release"]


def test_long_comes_while_the_key_is_held_and_repeats_follow_at_their_rate() -> None:
    gestures = made(long=0.4, repeat=0.25)
    gestures.edge("down", True, 1.0)
    steps = played(gestures, until=2.2)
    assert names(steps) == ["long", "repeat", "repeat", "repeat"]
    assert [step.held for step in steps if isinstance(step, Press)] == pytest.approx([0.4, 0.65, 0.9, 1.15])


def test_a_late_loop_does_not_make_a_short_press_long() -> None:
    gestures = made()
    gestures.edge("ok", True, 1.0)
    assert names(gestures.edge("ok", False, 1.3)) == ["short", "release"]
    assert gestures.advance(5.0) == []


def test_a_late_loop_leaves_repeats_out() -> None:
    gestures = made()
    gestures.edge("down", True, 1.0)
    assert names(gestures.advance(4.0)) == ["long", "repeat"]
    assert gestures.due() == pytest.approx(4.1)


def test_bounces_of_press_and_release_are_not_believed() -> None:
    bouncing = [(1.0 + n / 1000, "ok", n % 2 == 0) for n in range(9)]
    bouncing += [(1.2 + n / 1000, "ok", n % 2 == 1) for n in range(9)]
    steps = played(made(), *bouncing, until=2.0)
    assert names(steps) == ["press", "short", "release"]
    assert steps[0] == Press(key="ok", gesture="press", gesture_id=1)


def test_a_release_within_the_debounce_time_is_seen_at_its_end() -> None:
    gestures = made(debounce=0.02)
    assert names(played(gestures, (1.0, "ok", True), (1.005, "ok", False))) == ["press"]
    assert gestures.due() == pytest.approx(1.02)
    assert names(gestures.advance(1.02)) == ["short", "release"]


def test_a_press_is_told_at_its_first_edge() -> None:
    assert names(made(debounce=0.1).edge("ok", True, 1.0)) == ["press"]


def test_keys_do_not_mind_each_other() -> None:
    steps = played(made(), (1.0, "up", True), (1.1, "ok", True), (1.2, "ok", False), (1.3, "up", False), until=2.0)
    told = [(step.key, step.gesture, step.gesture_id) for step in steps if isinstance(step, Press)]
    assert told == [
        ("up", "press", 1), ("ok", "press", 2), ("ok", "short", 2), ("ok", "release", 2), ("up", "short", 1),
        ("up", "release", 1),
    ]  # fmt: skip


def test_a_missing_release_ends_with_the_next_press() -> None:
    steps = played(made(), (1.0, "ok", True), (1.3, "ok", True), (1.4, "ok", False))
    assert names(steps) == ["press", "short", "release", "press", "short", "release"]
    assert [step.gesture_id for step in steps if isinstance(step, Press)] == [1, 1, 1, 2, 2, 2]


def test_a_release_without_a_press_is_nothing() -> None:
    assert played(made(), (1.0, "ok", False), until=99.0) == []


def test_an_edge_that_is_out_of_order_counts_as_of_now() -> None:
    gestures = made()
    steps = played(gestures, (5.0, "ok", True), (3.0, "ok", False), until=9.0)
    assert names(steps) == ["press", "short", "release"]
    assert all(step.held >= 0 for step in steps if isinstance(step, Press))


def test_a_key_that_there_is_none_of_is_nothing() -> None:
    assert played(made(), (1.0, "eject", True), (1.1, "eject", False), until=9.0) == []
    assert not made().is_down("eject")


def test_a_stuck_key_ends_its_gesture_is_reported_once_and_counts_again_when_let_go() -> None:
    gestures = made(stuck=2.0)
    steps = played(gestures, (1.0, "ok", True), until=500.0)
    assert [name for name in names(steps) if name != "repeat"] == ["press", "long", "release", "stuck"]
    assert steps[-1] == KeyTrouble(key="ok", problem="stuck", seconds=2.0)
    assert gestures.troubles == {"ok": "stuck"}
    assert gestures.due() is None
    after = played(gestures, (600.0, "ok", False), (600.001, "ok", True), (600.002, "ok", False), until=601.0)
    assert after == []
    assert gestures.troubles == {}
    assert names(played(gestures, (602.0, "ok", True), (602.1, "ok", False))) == ["press", "short", "release"]


def test_a_key_that_is_down_at_the_start_is_no_press() -> None:
    gestures = made(stuck=2.0)
    gestures.held(["ok", "menu", "eject"], 1.0)
    assert gestures.is_down("ok")
    assert gestures.troubles == {}
    assert played(gestures, (1.5, "ok", False), until=1.9) == []
    assert names(played(gestures, (2.0, "ok", True), (2.1, "ok", False))) == ["press", "short", "release"]
    assert played(gestures, until=50.0) == [KeyTrouble(key="menu", problem="stuck", seconds=2.0)]


def buzzing(seconds: float, rate: float, start: float = 1.0) -> list[tuple[float, str, bool]]:
    return [(start + n / rate, "left", n % 2 == 0) for n in range(int(seconds * rate))]


@pytest.mark.parametrize("rate", [40, 130, 997, 5000])
def test_a_buzzing_line_is_reported_and_counts_again_once_it_is_quiet(rate: float) -> None:
    gestures = made()
    steps = played(gestures, *buzzing(3.0, rate))
    troubles = [step for step in steps if isinstance(step, KeyTrouble)]
    assert [(trouble.key, trouble.problem) for trouble in troubles] == [("left", "bouncing")]
    assert 0 < troubles[0].seconds <= 1.0
    assert names(steps).count("press") <= MOST_CHANGES / 2
    assert gestures.troubles == {"left": "bouncing"}
    assert played(gestures, (4.0 + QUIET / 2, "left", False), until=4.1 + 1.5 * QUIET) == []
    assert gestures.troubles == {}
    assert names(played(gestures, (8.0, "left", True), (8.1, "left", False))) == ["press", "short", "release"]


def test_a_buzzing_line_that_comes_to_rest_closed_is_not_pressed() -> None:
    gestures = made(stuck=5.0)
    played(gestures, *buzzing(2.0, 500), (3.5, "left", True))
    assert names(played(gestures, until=50.0)) == ["stuck"]


def test_the_fastest_finger_is_no_bounce() -> None:
    gestures = made()
    taps = [edge for n in range(40) for edge in ((1 + n / 11, "ok", True), (1.04 + n / 11, "ok", False))]
    assert names(played(gestures, *taps)) == ["press", "short", "release"] * 40


def test_finish_ends_every_gesture() -> None:
    gestures = made()
    played(gestures, (1.0, "ok", True), (1.0, "up", True))
    steps = gestures.advance(1.6)
    assert names(steps) == ["long", "long", "repeat", "repeat"]
    assert names(gestures.finish()) == ["release", "release"]
    assert gestures.finish() == []
    assert gestures.due() is None


EDGES = st.lists(
    st.tuples(
        st.one_of(st.floats(0.0, 0.05), st.floats(0.0, 3.0), st.floats(-1.0, 100.0), st.just(float("nan"))),
        st.sampled_from([*KEYS, "eject"]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=120,
)
DURATIONS = st.tuples(st.floats(0, 0.1), st.floats(0.1, 5), st.floats(0.02, 2), st.floats(0.05, 30))


@given(EDGES, DURATIONS)
def test_every_press_ends_in_exactly_one_of_short_and_long(
    edges: list[tuple[float, str, bool, bool]], durations: tuple[float, float, float, float]
) -> None:
    debounce, long, repeat, stuck = durations
    gestures = Gestures(debounce=debounce, long=long, repeat=repeat, stuck=stuck)
    now = 1.0
    steps: list[Step] = []
    for pause, key, down, prompt in edges:
        at = now + pause
        now = max(now, at) if math.isfinite(at) else now
        if prompt and (due := gestures.due()) is not None:
            steps += gestures.advance(due)
        steps += gestures.edge(key, down, at)
    steps += gestures.advance(now + 1e6)
    assert gestures.due() is None
    told: dict[int, list[Press]] = defaultdict(list)
    for step in steps:
        if isinstance(step, Press):
            told[step.gesture_id].append(step)
    assert list(told) == list(range(1, len(told) + 1))
    for gesture in told.values():
        assert len({step.key for step in gesture}) == 1
        way = [step.gesture for step in gesture if step.gesture != "repeat"]
        assert way in (["press", "short", "release"], ["press", "long", "release"])
        if "short" in way:
            assert len(gesture) == 3
        assert [step.held for step in gesture] == sorted(step.held for step in gesture)
        assert gesture[0].held == 0.0
    assert len(steps) <= 8 * (2 * len(edges) + 1)


@given(EDGES)
def test_when_it_is_asked_changes_nothing_but_repeats(edges: list[tuple[float, str, bool, bool]]) -> None:
    often, seldom = made(), made()
    now = 1.0
    told: list[list[Step]] = [[], []]
    for pause, key, down, _ in edges:
        now += abs(pause) if math.isfinite(pause) else 0.0
        told[0] += played(often, (now, key, down))
        told[1] += seldom.edge(key, down, now)
    kept = [[step for step in steps if not (isinstance(step, Press) and step.gesture == "repeat")] for steps in told]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("debounce", [0.0, 0.01, 0.1])
def test_whoever_waits_until_a_key_is_free_is_never_called_bouncing(debounce: float) -> None:
    gestures = made(debounce=debounce)
    now = 1.0
    steps: list[Step] = []
    for _ in range(100):
        now = max(now, gestures.free_at("down"))
        steps += played(gestures, (now, "down", True), (now + 0.11, "down", False), until=now + 0.22)
        now += 0.001
    assert names(steps) == ["press", "short", "release"] * 100
    assert now < 1.0 + 100 * 0.25
    assert gestures.free_at("eject") == 0.0

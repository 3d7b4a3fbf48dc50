from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from tests.reporting.rows import BEGAN, alert

from whimbrel.events.alerts import Severity
from whimbrel.reporting.happenings import anchors, happened
from whimbrel.reporting.heard import ListeningSession
from whimbrel.reporting.model import TimeLine
from whimbrel.reporting.time_line import time_line


def session(began: float, ended: float) -> ListeningSession:
    return ListeningSession(began=began, ended=ended, place="", frames=1, lost=0)


def made(*alerts: tuple[float, float], ended: float = 100.0) -> TimeLine:
    rows = [
        alert(str(number)).replace(first=BEGAN + first, last=BEGAN + last)
        for number, (first, last) in enumerate(alerts)
    ]
    found = happened(rows, ())
    line = time_line([session(BEGAN, BEGAN + ended)], found, anchors(found, "p1-"))
    assert line is not None
    return line


def test_a_lane_for_listening_and_one_for_each_kind() -> None:
    line = made((10, 20), (50, 55))
    assert [lane.title for lane in line.lanes] == ["Listened", "Disconnection attack (2)"]
    assert [(bar.start, bar.length) for bar in line.lanes[0].bars] == [(0, 100)]
    assert [(bar.start, bar.length, bar.anchor) for bar in line.lanes[1].bars] == [(10, 10, "p1-h1"), (50, 5, "p1-h2")]


def test_what_would_lie_on_each_other_is_one_bar() -> None:
    line = made((10, 20), (15, 30), (30.1, 31), (80, 81))
    first, second = line.lanes[1].bars
    assert (first.start, round(first.length, 6), second.start) == (10, 21, 80)
    assert "3 times, at worst critical" in first.title


def test_what_began_before_the_listening_is_on_it_too() -> None:
    found = happened((alert().replace(first=BEGAN - 900, last=BEGAN - 800),), ())
    line = time_line([session(BEGAN, BEGAN + 100)], found, {})
    assert line is not None
    assert (line.lanes[1].bars[0].start, line.lanes[0].bars[0].start) == (0, 90)
    assert line.lanes[1].bars[0].anchor == ""


def test_nothing_has_no_time_line() -> None:
    assert time_line([], [], {}) is None


def test_the_worst_kind_is_at_the_top() -> None:
    found = happened((alert("1", Severity.NOTICE, title="Drone"), alert("2", at=50)), ())
    line = time_line([], found, {})
    assert line is not None
    assert [lane.title for lane in line.lanes] == ["Disconnection attack", "Drone"]


@given(st.floats(-1e18, 1e18), st.floats(0, 1e12))
def test_the_axis_has_a_few_labels_within_it(began: float, lasted: float) -> None:
    line = time_line([session(began, began + lasted)], [], {})
    assert line is not None
    assert len(line.ticks) <= 6
    assert all(0 <= tick.at <= 100 and math.isfinite(tick.at) for tick in line.ticks)


def test_labels_are_whole_times() -> None:
    assert len(made(ended=3600).ticks) >= 4
    assert {tick.text[-2:] for tick in made(ended=3600).ticks} == {"00", "15", "30", "45"}

"""Alerts outlast the process: they are read as they were written, and damaged data is rejected."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.test_alert_table import Once, Probing
from tests.survey.air import STA, probe

from whimbrel.detections import alert_keys
from whimbrel.detections.alert_keys import Unreadable
from whimbrel.detections.alert_memory import restored, row_of, written
from whimbrel.detections.alert_table import BURST, AlertTable
from whimbrel.detections.base import Detection
from whimbrel.events.alerts import Alert, AlertClosed, AlertState, AlertUpdated
from whimbrel.geo import Position


def rows_of(hearing: Hearing) -> list[dict[str, Any]]:
    return [json.loads(json.dumps(written(standing))) for standing in reversed(list(hearing.engine.alerts))]


def revived(rows: object, *classes: type[Detection[Any]]) -> Hearing:
    """Return a new engine that was given the alerts of an earlier one."""
    hearing = Hearing(*classes)
    for standing in restored(rows, hearing.engine.of_rule):
        hearing.engine.alerts.restore(standing)
    return hearing


def said(table: AlertTable) -> list[tuple[Alert, bool]]:
    """Return every alert without its frames."""
    return [(standing.body(Alert, again=standing.again).replace(frames=0), standing.closed) for standing in table]


def test_what_was_said_of_alerts_is_said_again() -> None:
    hearing = Hearing(Probing, Once)
    hearing.hear(probe(b"x", time=1000.0), probe(b"x", time=1001.0, rssi=-70), probe(b"x", ta=b"\2" * 6, time=1002.0))
    again = revived(rows_of(hearing), Probing, Once)
    assert said(again.engine.alerts) == said(hearing.engine.alerts)
    assert again.engine.alerts.number == hearing.engine.alerts.number == 4


@pytest.mark.parametrize("row", [{"incident": None}, {}])
def test_alerts_that_are_part_of_no_incident_are_read(row: dict[str, Any]) -> None:
    hearing = Hearing(Probing)
    hearing.hear(probe(b"x", time=1000.0))
    [written_row] = rows_of(hearing)
    del written_row["incident"]
    [standing] = restored([written_row | row], hearing.engine.of_rule)
    assert standing.incident == ""


def test_an_open_alert_goes_on_under_its_number_and_ends_when_it_is_quiet() -> None:
    hearing = Hearing(Probing)
    (first,) = hearing.hear(probe(b"x", time=1000.0))
    again = revived(rows_of(hearing), Probing)
    # The clock may have been set meanwhile, forth or back: that is no time in which nothing was heard.
    assert again.hear(probe(b"x", time=50.0), probe(b"x", time=55.0)) == []
    assert [standing.id for standing in again.engine.alerts.open.values()] == [first.id]
    again.hear(*(probe(b"x", time=60.0 + n) for n in range(20)))
    assert isinstance(again.events[0], AlertUpdated)
    again.hear(*(probe(b"x", ta=b"\4" * 6, time=90.0 + n) for n in range(90)))
    assert [event.id for event in again.events if isinstance(event, AlertClosed)] == [first.id]


def test_a_clock_that_is_set_moves_the_alerts_of_this_process_alone() -> None:
    hearing = Hearing(Probing)
    hearing.hear(probe(b"x", time=1.7e9))
    again = revived(rows_of(hearing), Probing)
    again.hear(probe(b"x", ta=b"\2" * 6, time=5.0))
    again.engine.shift(1.7e9)
    assert [(standing.first, standing.last) for standing in again.engine.alerts] == [
        (1.7e9 + 5, 1.7e9 + 5),
        (1.7e9, 1.7e9),
    ]


def test_what_ended_is_counted_and_what_happens_once_is_not_raised_again() -> None:
    hearing = Hearing(Probing, Once)
    hearing.hear(probe(b"x", time=1000.0))
    hearing.engine.finish()
    again = revived(rows_of(hearing), Probing, Once)
    (raised,) = again.hear(probe(b"x", time=2000.0))
    assert (raised.rule, raised.id, raised.again) == ("probing", "3", 1)


def test_an_alert_that_stands_for_many_keeps_its_words_and_is_over() -> None:
    hearing = Hearing(Probing)
    hearing.hear(*(probe(b"x", ta=bytes((2, 0, 0, 0, 0, n)), time=1000.0 + n / 10) for n in range(BURST + 3)))
    again = revived(rows_of(hearing), Probing)
    newest = next(iter(again.engine.alerts))
    assert newest.closed
    assert newest.words.startswith("3 more cases; the newest: ")


def test_alerts_of_rules_that_there_are_no_more_are_left_out() -> None:
    hearing = Hearing(Probing, Once)
    hearing.hear(probe(b"x"))
    again = revived(rows_of(hearing), Once)
    assert [standing.detection.rule for standing in again.engine.alerts] == ["once"]


KEYS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(), lambda parts: st.lists(parts).map(tuple)
)


@given(KEYS)
def test_keys_are_recognized_again(key: Any) -> None:
    form = json.loads(json.dumps(alert_keys.written(key)))
    deep = json.dumps(form).count('"of"') > 8
    if deep:
        return
    assert alert_keys.read(form) == key


def test_a_key_of_another_kind_has_no_form() -> None:
    assert alert_keys.written(frozenset({1})) is None
    assert alert_keys.written((1, frozenset())) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=8), parts, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_anything_else_is_refused(value: Any) -> None:
    hearing = Hearing(Probing)
    with contextlib.suppress(Unreadable):
        assert not list(restored(value, hearing.engine.of_rule))


@given(st.data())
def test_no_row_with_a_damaged_value_raises_anything_else(data: st.DataObject) -> None:
    hearing = Hearing(Probing)
    hearing.hear(probe(b"x"))
    (row,) = rows_of(hearing)
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(JSON)
    with contextlib.suppress(Unreadable):
        for standing in restored([row], hearing.engine.of_rule):
            standing.body(Alert, again=standing.again)


@pytest.mark.parametrize(
    ("name", "value"),
    [("id", "x"), ("id", 3), ("severity", "worst"), ("sender", "02"), ("sender", "zz"), ("rssi", [1, 2]), ("last", -1),
     ("last", float("inf")), ("seen", True), ("confidence", "none"), ("key", {"of": 1}), ("open", 1)],
)  # fmt: skip
def test_damaged_values_are_noticed(name: str, value: object) -> None:
    hearing = Hearing(Probing)
    hearing.hear(probe(b"x", ta=STA))
    (row,) = rows_of(hearing)
    with pytest.raises(Unreadable):
        list(restored([row | {name: value}], hearing.engine.of_rule))


def test_alerts_that_a_history_has_kept_are_read_as_they_were() -> None:
    hearing = Hearing(Probing, Once)
    hearing.hear(probe(b"x", time=1000.0), probe(b"x", time=1001.0, rssi=-70), probe(b"x", ta=b"\2" * 6, time=1002.0))
    states = [
        AlertState(standing.body(Alert, again=standing.again), open=not standing.closed, acknowledged=False)
        for standing in reversed(list(hearing.engine.alerts))
    ]
    again = Hearing(Probing, Once)
    again.engine.alerts.recall(restored([row_of(state) for state in states], again.engine.of_rule))
    assert said(again.engine.alerts) == said(hearing.engine.alerts)
    raised = again.hear(probe(b"x", ta=b"\4" * 6, time=2000.0))[0]
    assert int(raised.id) == hearing.engine.alerts.number + 1


def test_what_is_recalled_late_stands_before_what_was_raised_since() -> None:
    hearing = Hearing(Probing)
    hearing.hear(probe(b"x", time=1000.0))
    (state,) = [AlertState(each.body(Alert, again=0), open=False, acknowledged=False) for each in hearing.engine.alerts]
    again = Hearing(Probing)
    again.engine.alerts.number = 10
    (raised,) = again.hear(probe(b"x", ta=b"\2" * 6, time=2000.0))
    again.engine.alerts.limit = 2
    several = [row_of(state), row_of(state._replace(alert=state.alert.replace(id="2")))]
    again.engine.alerts.recall(restored(several, again.engine.of_rule))
    assert [standing.id for standing in again.engine.alerts] == [raised.id, "2"], "as many as there is room for"


@pytest.mark.parametrize("key", ["[", "[" * 100_000, '{"of": 1}'])
def test_a_damaged_key_is_noticed(key: str) -> None:
    hearing = Hearing(Probing)
    hearing.hear(probe(b"x"))
    (state,) = [AlertState(each.body(Alert, again=0), open=True, acknowledged=False) for each in hearing.engine.alerts]
    with pytest.raises(Unreadable):
        list(restored([row_of(state._replace(alert=state.alert.replace(key=key)))], hearing.engine.of_rule))


@given(st.none() | st.floats(-100, 9000), st.none() | st.floats(0, 300))
def test_an_alert_keeps_its_position(altitude: float | None, speed: float | None) -> None:
    hearing = Hearing(Probing)
    here = Position(latitude=-59.5, longitude=18.25, altitude=altitude, error=8.0, speed=speed, time=1000.0)
    hearing.engine.air.here.move(here, 1005.0, ())
    hearing.hear(probe(b"x", time=1000.0))
    again = revived(rows_of(hearing), Probing)
    assert [alert.position for alert, _ in said(again.engine.alerts)] == [here]


@pytest.mark.parametrize(
    "change",
    [
        {"latitude": 91}, {"longitude": "7"}, {"error": -1}, {"time": True}, {"speed": 1e99}, {"altitude": []},
        {"latitude": float("nan")},
    ],
)  # fmt: skip
def test_a_position_that_is_none(change: dict[str, Any]) -> None:
    hearing = Hearing(Probing)
    hearing.engine.air.here.move(Position(latitude=1.0, longitude=2.0, error=8.0, time=1000.0), 1005.0, ())
    hearing.hear(probe(b"x", time=1000.0))
    (row,) = rows_of(hearing)
    row["position"] |= change
    with pytest.raises(Unreadable):
        revived([row], Probing)
    row["position"] = "here"
    with pytest.raises(Unreadable):
        revived([row], Probing)

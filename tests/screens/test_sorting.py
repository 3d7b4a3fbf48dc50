from __future__ import annotations

import pytest
from tests.screens.walking import Walk
from tools.screenshots import scene
from tools.screenshots.transmissions import octets

from whimbrel.rows import AccessPointRow, SignalRow
from whimbrel.screens.page import Page


@pytest.fixture
def walk() -> Walk:
    return Walk(scene.usual())


def louder(walk: Walk, index: int) -> list[AccessPointRow]:
    """Have the access point at `index` of the loudest be louder from now on; return the rows, the loudest first."""
    air = walk.state.air
    assert air is not None
    rows = sorted(air.access_points, key=lambda row: -(row.rssi.smoothed or -100))
    rows[index] = rows[index].replace(rssi=SignalRow(last=-20, min=-20, max=-20, smoothed=-20))
    walk.state.air = scene.snapshot(rows, [])
    return rows


def test_what_is_chosen_stays_chosen_when_the_order_changes(walk: Walk) -> None:
    walk.press("ok down down")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.note(walk.state) == "sig 3/9"
    walk.state.now += 60
    rows = louder(walk, 2)
    assert walk.stack.top.view.note(walk.state) == "sig 1/9"
    del rows[2]
    walk.state.air = scene.snapshot(rows, [])
    assert walk.stack.top.view.note(walk.state) == "sig 3/8"


def test_the_first_thing_stays_chosen_too_and_after_back(walk: Walk) -> None:
    walk.press("ok")
    assert isinstance(walk.stack.top, Page)
    walk.press("ok")
    walk.state.now += 60
    louder(walk, 4)
    walk.press("back")
    assert walk.stack.top.view.note(walk.state) == "sig 2/9"


def test_rows_stay_where_they_are_under_the_finger(walk: Walk) -> None:
    walk.press("ok right down")
    assert isinstance(walk.stack.top, Page)
    view = walk.stack.top.view
    assert view.note(walk.state) == "age 2/9"
    before = [row.bssid for row in view.rows(walk.state)]  # type: ignore[attr-defined]
    air = walk.state.air
    assert air is not None
    rows = [row.replace(last=scene.NOW + number) for number, row in enumerate(air.access_points)]
    fresh = rows[0].replace(bssid=octets("02:00:5e:10:00:0a"), last=scene.NOW + 100)
    walk.state.air = scene.snapshot([*rows, fresh], [])
    walk.state.now += 3
    assert [row.bssid for row in view.rows(walk.state)] == [*before, fresh.bssid]  # type: ignore[attr-defined]
    walk.state.now += 60
    after = [row.bssid for row in view.rows(walk.state)]  # type: ignore[attr-defined]
    assert after == [row.bssid for row in reversed([*rows, fresh])]
    assert before[1] == after[view.position(view.rows(walk.state))]  # type: ignore[attr-defined]


def test_a_list_says_what_left_and_right_do_until_they_did(walk: Walk) -> None:
    walk.press("ok")
    hinted = walk.look()
    walk.state.now += 5
    assert walk.look() != hinted
    walk.state.now -= 5
    assert walk.look() == hinted
    walk.press("right right right right")
    assert walk.look() != hinted


@pytest.mark.parametrize(("presses", "note"), [(1, "age 1/9"), (2, "name 1/9"), (3, "chan 1/9"), (4, "sig 1/9")])
def test_right_sorts_otherwise(walk: Walk, presses: int, note: str) -> None:
    walk.press("ok" + " right" * presses)
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.note(walk.state) == note


@pytest.mark.parametrize(
    ("presses", "title", "rows"), [(1, "OPEN", 1), (2, "HIDDEN", 1), (3, "IN USE", 3), (4, "ACCESS POINTS", 9)]
)
def test_left_leaves_out(walk: Walk, presses: int, title: str, rows: int) -> None:
    walk.press("ok" + " left" * presses)
    assert isinstance(walk.stack.top, Page)
    view = walk.stack.top.view
    assert (view.title(walk.state), view.note(walk.state)) == (title, f"sig 1/{rows}")

from __future__ import annotations

from tools.screenshots import earlier, scene

from whimbrel.events.history import NetworkSeen, SinceLastTime
from whimbrel.screens.screen import Stack
from whimbrel.screens.since_last_time import SeenList, _facts, since_page
from whimbrel.screens.state import ScreenState


def shown(state: ScreenState) -> dict[str, str]:
    return {fact.label: fact.value for fact in _facts(state)}


def test_what_was_and_what_is_otherwise() -> None:
    facts = shown(earlier.visited())
    assert (facts["last"], facts["new now"], facts["changed"], facts["gone"]) == ("1d ago", "3", "1", "1")
    assert facts["place"] == "the harbour"
    assert shown(earlier.begun()) == {"last time": "none yet"}
    assert shown(scene.usual()) == {"history": "not open yet"}


def test_without_a_clock_no_day_is_told() -> None:
    state = ScreenState()
    state.newest[SinceLastTime] = SinceLastTime(first=True, known=True, clock=False, began=5.0, ended=65.0)
    facts = shown(state)
    assert (facts["last"], facts["it began"], facts["listened"]) == (
        "clock not known",
        "-",
        "60 s",
    )


def test_an_access_point_is_opened_from_its_list() -> None:
    state = ScreenState()
    hidden = NetworkSeen(b"\2" * 6, b"")
    state.newest[SinceLastTime] = SinceLastTime(first=False, known=True, gone=(hidden,), gone_count=1)
    assert [row.seen for row in SeenList(("gone",)).rows(state)] == [hidden]
    stack = Stack(since_page())
    for key in ("left", "ok"):
        stack.press(key, "short", state)
    assert stack.top.title == "access point"


def test_an_estimate_is_marked() -> None:
    state = ScreenState()
    state.now = 1_796_000_500.0
    last = SinceLastTime(first=True, known=True, began=state.now - 7200, ended=state.now - 3600)
    state.newest[SinceLastTime] = last.replace(estimate=True)
    assert shown(state)["last"].startswith("~")
    assert shown(state)["it began"].startswith("~")
    state.newest[SinceLastTime] = last
    assert not shown(state)["last"].startswith("~")
    state.estimate = True
    assert shown(state)["last"].startswith("~"), "the present time is one, so the age is, too"
    assert not shown(state)["it began"].startswith("~")

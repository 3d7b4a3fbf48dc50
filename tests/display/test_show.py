from __future__ import annotations

import pytest
from tests.display.alerts import raised, updated

from whimbrel.display.alert_board import ROWS
from whimbrel.display.show import Show
from whimbrel.events.alerts import Severity
from whimbrel.events.base import Event
from whimbrel.events.incidents import AlertsStanding
from whimbrel.events.keys import Press
from whimbrel.events.radio import RadioBlind
from whimbrel.events.system import CommandRefused, ModuleStatus, ReloadSettings, SettingsReloaded
from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.alert_pages import AlertDetail
from whimbrel.screens.hold import shutdown_screen
from whimbrel.screens.home import Home
from whimbrel.screens.notices import MessageScreen, Splash
from whimbrel.screens.screen import Say
from whimbrel.screens.takeover import Takeover

SIZE = (128, 64)


def make(hold: float = 8.0, break_in: str = "critical") -> Show:
    show = Show(ScreenOffers(), "1.0", hold, 1000.0, break_in)
    show.turn(1002.0)
    return show


def press(show: Show, key: str, gesture: str = "short") -> None:
    for step in ("press", gesture, "release"):
        assert show.press(Press(key=key, gesture=step, gesture_id=1)) == []


def blind(seq: int = 7, at: float = 1002.0) -> Event:
    return Event(seq, at, "sniffer", RadioBlind(silent=30.0))


def test_begins_with_the_name() -> None:
    show = Show(ScreenOffers(), "1.0", 8.0, 1000.0)
    assert isinstance(show.stack.top, Splash)
    assert show.due == 1001.5
    show.turn(1001.0)
    assert isinstance(show.stack.top, Splash)
    show.turn(1001.5)
    assert isinstance(show.stack.top, Home)
    assert show.due is None


def _starting(show: Show, *modules: str) -> None:
    show.state.modules = tuple(ModuleStatus(name, "starting", "", 1000.0, False, 1, 0, ()) for name in modules)


def test_the_name_stays_while_something_is_waited_for() -> None:
    show = Show(ScreenOffers(), "1.0", 8.0, 1000.0)
    _starting(show, "history")
    assert show.due == 1010.0
    show.turn(1005.0)
    assert isinstance(show.stack.top, Splash)
    _starting(show)
    assert show.due == 1001.5
    show.turn(1005.0)
    assert isinstance(show.stack.top, Home)


def test_it_gives_way_when_that_takes_long() -> None:
    show = Show(ScreenOffers(), "1.0", 8.0, 1000.0)
    _starting(show, "sniffer")
    show.turn(1010.0)
    assert isinstance(show.stack.top, Home), "which tells what is wrong"


def test_a_key_ends_the_name_and_counts() -> None:
    show = Show(ScreenOffers(), "1.0", 8.0, 1000.0)
    press(show, "menu")
    assert show.stack.depth == 2
    assert not isinstance(show.stack.top, Splash)


def test_an_alert_breaks_in_for_a_moment() -> None:
    show = make()
    press(show, "menu")
    menu = show.stack.top
    show.take_alarm(blind())
    assert isinstance(show.stack.top, Takeover)
    assert show.awake
    show.draw(SIZE)
    show.turn(1009.9)
    assert isinstance(show.stack.top, Takeover)
    show.turn(1010.0)
    assert show.stack.top is menu


def test_its_detail_is_one_press_away() -> None:
    show = make()
    show.take_alarm(blind())
    press(show, "ok")
    assert isinstance(show.stack.top, AlertDetail)
    show.draw(SIZE)
    assert show.stack.top.title == "radio blind"
    show.turn(1100.0)
    assert isinstance(show.stack.top, AlertDetail), "what a person has opened stays"


def test_any_other_key_sends_it_away() -> None:
    show = make()
    show.take_alarm(blind())
    press(show, "back")
    assert isinstance(show.stack.top, Home)
    show.turn(1010.0)
    assert isinstance(show.stack.top, Home)


def test_the_next_alert_takes_the_place_of_the_one_before() -> None:
    show = make()
    for seq in range(2 * ROWS):
        show.take_alarm(blind(seq))
    assert show.stack.depth == 2
    assert len(show.state.alerts) == ROWS
    assert show.state.alerts[0].id == f"event {2 * ROWS - 1}"


def test_alerts_are_there_once_there_was_one() -> None:
    show = make()
    assert "alerts" not in show.state.features
    show.take_alarm(blind(seq=7))
    assert "alerts" in show.state.features
    show.mark_seen("event 7")
    assert show.state.alerts[0].acknowledged
    show.mark_seen("event 8")


@pytest.mark.parametrize(
    ("setting", "breaking"),
    [("critical", {"critical"}), ("warning", {"critical", "warning"}), ("never", set())],
)
def test_the_settings_say_how_bad_an_alert_must_be_to_break_in(setting: str, breaking: set[str]) -> None:
    for number, severity in enumerate(Severity):
        show = make(break_in=setting)
        assert show.take_alarm(raised(str(number), severity=severity)) is (severity in breaking)
        assert isinstance(show.stack.top, Takeover) is (severity in breaking)
        assert [row.id for row in show.state.alerts] == [str(number)]
        assert show.take_alarm(blind()), "what is wrong with the device always breaks in"


def test_an_alert_that_goes_on_breaks_in_again_only_if_it_is_worse() -> None:
    show = make(break_in="warning")
    assert show.take_alarm(raised("1", severity=Severity.WARNING))
    press(show, "back")
    assert not show.take_alarm(updated("1", severity=Severity.WARNING, text="more of it"))
    assert isinstance(show.stack.top, Home)
    assert show.take_alarm(updated("1", severity=Severity.CRITICAL))
    assert isinstance(show.stack.top, Takeover)


def test_what_was_raised_before_breaks_in_no_more() -> None:
    show = make()
    assert not show.take_alarm(Event(1, 1002.0, "watcher", AlertsStanding(alerts=(), incidents=())))
    assert "alerts" in show.state.features
    assert isinstance(show.stack.top, Home)


def test_what_came_of_a_command_is_shown_to_who_gave_it() -> None:
    show = make()
    assert not show.take_outcome(SettingsReloaded(changed=(), answers=3))
    show.asked(3, Say(ReloadSettings()))
    assert show.take_outcome(SettingsReloaded(changed=(), answers=3))
    assert isinstance(show.stack.top, MessageScreen)


def test_a_refusal_takes_the_place_of_a_farewell() -> None:
    show = make()
    hold = shutdown_screen()
    show.stack.push(hold)
    for gesture, at in (("press", 1010.0), ("repeat", 1011.0), ("repeat", 1012.5)):
        show.state.now = at
        actions = show.press(Press(key="ok", gesture=gesture, gesture_id=1))
    (command,) = actions
    assert isinstance(command, Say)
    show.asked(9, command)
    assert show.take_outcome(CommandRefused(command="power-wanted", text="no shutdown: not allowed", answers=9))
    assert isinstance(show.stack.top, MessageScreen)
    assert show.stack.top.text == "no shutdown: not allowed"
    press(show, "ok")
    assert isinstance(show.stack.top, Home), "no good bye to a device that stays"


def test_a_clock_that_is_set_back_keeps_nothing_on_the_screen() -> None:
    show = make()
    show.take_alarm(blind())
    show.turn(5.0)
    assert isinstance(show.stack.top, Home)


def test_a_screen_that_fails_is_left() -> None:
    show = make()
    show.refuse("lock-channel", "refused")
    assert isinstance(show.stack.top, MessageScreen)
    assert show.give_up()
    assert isinstance(show.stack.top, Home)
    assert not show.give_up()
    assert isinstance(show.stack.top, Home)

from __future__ import annotations

from whimbrel.bus import Bus, Lagged
from whimbrel.display.acting import act
from whimbrel.display.show import Show
from whimbrel.events.device import PowerWanted
from whimbrel.events.radio import UnlockChannel
from whimbrel.module import Context, NoSettings
from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Say, Set


def _show() -> Show:
    show = Show(ScreenOffers(), "1.0", 8.0, 1000.0)
    show.turn(1002.0)
    return show


def test_settings_of_the_panel_are_kept_in_the_state() -> None:
    show, ctx = _show(), Context("display", NoSettings(), Bus())
    act(Set("brightness", 0.25), show, ctx)
    act(Set("rotation", 180.0), show, ctx)
    assert (show.state.brightness, show.state.rotation) == (0.25, 180)
    act(Set("rotation", 0.0), show, ctx)
    assert show.state.rotation == 0


def test_a_command_is_published_and_waited_for() -> None:
    bus = Bus()
    show, ctx = _show(), Context("display", NoSettings(), bus)
    heard = bus.subscribe(UnlockChannel, reader="test")
    act(Say(UnlockChannel(), within=5.0), show, ctx)
    assert [event.body for event in heard.read_waiting() if not isinstance(event, Lagged)] == [UnlockChannel()]
    assert show.outcomes.due == 1007.0


def test_a_command_without_a_listener_is_refused_on_the_screen() -> None:
    show, ctx = _show(), Context("display", NoSettings(), Bus())
    act(Say(PowerWanted(what="shutdown")), show, ctx)
    assert isinstance(show.stack.top, MessageScreen)
    assert "nothing on this device does that" in show.stack.top.text

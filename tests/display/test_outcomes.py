from __future__ import annotations

import pytest

from whimbrel.bus import Bus
from whimbrel.display.outcomes import Outcomes
from whimbrel.events.base import Body, Level
from whimbrel.events.interest import OUTCOMES
from whimbrel.events.radio import UnlockChannel
from whimbrel.events.system import (
    CommandRefused,
    ModuleFailed,
    ReloadSettings,
    RestartModule,
    SettingsRefused,
    SettingsReloaded,
)
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Say, Screen

NOW = 1000.0


class TideMeasured(Body, level=Level.INFO):
    height: float
    answers: int


def shown(screen: Screen | None) -> tuple[str, str, str]:
    assert isinstance(screen, MessageScreen)
    return (screen.title, screen.text, screen.icon)


def test_what_was_asked_for_here_is_told_once() -> None:
    outcomes = Outcomes()
    outcomes.asked(7, Say(ReloadSettings()), NOW)
    body = SettingsReloaded(changed=("display",), answers=7)
    assert shown(outcomes.answer(body)) == ("settings reloaded", "New settings are in force, changed: display", "done")
    assert outcomes.answer(body) is None


def test_what_others_asked_for_is_not_told() -> None:
    outcomes = Outcomes()
    outcomes.asked(7, Say(ReloadSettings()), NOW)
    assert outcomes.answer(SettingsReloaded(changed=())) is None
    assert outcomes.answer(CommandRefused(command="restart-module", text="no", answers=8)) is None


def test_a_refusal_is_told_in_the_words_of_who_refuses() -> None:
    outcomes = Outcomes()
    outcomes.asked(7, Say(RestartModule(module="x"), lambda _body: pytest.fail("a refusal is no answer")), NOW)
    refused = CommandRefused(command="restart-module", text="no module is called 'x'", answers=7)
    assert shown(outcomes.answer(refused)) == ("restart module", "no module is called 'x'", "warning")


def test_a_mistake_in_the_settings_is_a_warning() -> None:
    outcomes = Outcomes()
    outcomes.asked(7, Say(ReloadSettings()), NOW)
    title, text, icon = shown(outcomes.answer(SettingsRefused(problems=("line 3: no such setting",), answers=7)))
    assert (title, icon) == ("settings refused", "warning")
    assert "line 3: no such setting" in text


def test_a_screen_makes_its_own_of_the_answer() -> None:
    outcomes = Outcomes()
    outcomes.asked(7, Say(UnlockChannel(), lambda body: MessageScreen("tide", f"{body.height} m")), NOW)
    assert shown(outcomes.answer(TideMeasured(height=2.5, answers=7))) == ("tide", "2.5 m", "")
    outcomes.asked(8, Say(UnlockChannel(), lambda _body: None), NOW)
    assert outcomes.answer(TideMeasured(height=2.5, answers=8)) is None


def test_a_flood_of_commands_is_forgotten() -> None:
    outcomes = Outcomes()
    for seq in range(1000):
        outcomes.asked(seq, Say(ReloadSettings()), NOW)
    assert outcomes.answer(SettingsReloaded(changed=(), answers=0)) is None
    assert outcomes.answer(SettingsReloaded(changed=(), answers=999)) is not None


def test_every_kind_that_answers_is_heard_and_no_other() -> None:
    bus = Bus()
    sub = bus.subscribe(OUTCOMES, reader="display")
    sender = bus.sender("test")
    sender.publish(ReloadSettings())
    sender.publish(ModuleFailed(module="m", error="e", trace="", retry_in=None))
    sender.publish(TideMeasured(height=1.0, answers=1))
    sender.publish(SettingsReloaded(changed=()))
    assert [type(event.body) for event in sub.read_waiting()] == [TideMeasured, SettingsReloaded]  # type: ignore[union-attr]


def test_a_command_that_nothing_answers_in_time_is_told_once_and_its_late_answer_too() -> None:
    outcomes = Outcomes()
    outcomes.asked(7, Say(ReloadSettings(), within=5.0), NOW)
    outcomes.asked(8, Say(UnlockChannel()), NOW)
    assert outcomes.due == NOW + 5.0
    assert outcomes.overdue(NOW + 4.9) is None
    title, text, icon = shown(outcomes.overdue(NOW + 5.0))
    assert (title, icon) == ("reload settings", "warning")
    assert "no answer" in text
    assert outcomes.overdue(NOW + 1e6) is None
    assert outcomes.due is None
    assert shown(outcomes.answer(SettingsReloaded(changed=(), answers=7)))[2] == "done"

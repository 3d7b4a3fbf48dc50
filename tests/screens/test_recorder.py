from __future__ import annotations

from tools.screenshots import scene

from whimbrel.events.recording import KeepRecording, RecorderState
from whimbrel.screens.recorder import recorder_page
from whimbrel.screens.screen import Push, Say


def test_ok_on_the_first_line_keeps_what_was_heard() -> None:
    state = scene.usual()
    page = recorder_page()
    assert page.key("ok", "short", state) == []
    state.newest[RecorderState] = scene.recorder()
    (action,) = page.key("ok", "short", state) or []
    assert isinstance(action, Say)
    assert isinstance(action.body, KeepRecording)
    assert action.body.recording == ""


def test_a_problem_can_be_read_whole() -> None:
    state = scene.usual()
    state.newest[RecorderState] = scene.recorder(problem="the card is full: delete something")
    page = recorder_page()
    page.key("down", "short", state)
    (action,) = page.key("ok", "short", state) or []
    assert isinstance(action, Push)

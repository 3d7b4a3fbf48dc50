from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest
from tests.display.panels import FakePanel
from tests.drivers.panel.controllers import picture

from whimbrel.display import panel_thread
from whimbrel.display.panel_thread import Beside, PanelThread


@pytest.fixture
def panel() -> FakePanel:
    return FakePanel()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def thread(panel: FakePanel, told: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[PanelThread]:
    monkeypatch.setattr(panel_thread, "LOOK", 0.01)
    thread = PanelThread(panel, told.append, 0.01)
    yield thread
    panel.gate.set()
    thread.stop()
    assert thread.join(10)


def test_shows_and_closes(panel: FakePanel, thread: PanelThread, told: list[str]) -> None:
    thread.start()
    assert thread.put(image := picture())
    panel.until(lambda: bool(panel.shown))
    thread.stop()
    assert thread.join(10)
    assert panel.log == ["open", "show", "close"]
    assert panel.shown == [image]
    assert told == [""]
    assert panel.threads.isdisjoint({threading.get_ident()})


def test_equal_images_are_not_sent(panel: FakePanel, thread: PanelThread) -> None:
    thread.start()
    thread.put(picture())
    panel.until(lambda: bool(panel.shown))
    assert not thread.put(picture())
    thread.put(picture(2))
    panel.until(lambda: len(panel.shown) == 2)
    thread.stop()
    assert thread.join(10)  # it counts a picture once the panel has it
    sent = thread.take()
    assert (sent.frames, sent.skipped, sent.replaced) == (2, 1, 0)
    assert thread.take() == panel_thread.Sent()


def test_the_newest_image_wins_and_nobody_waits(panel: FakePanel, thread: PanelThread) -> None:
    panel.gate.clear()
    thread.start()
    thread.put(picture(0))
    assert panel.busy.wait(10)
    for seed in range(1, 100):
        thread.put(picture(seed))
    panel.gate.set()
    panel.until(lambda: len(panel.shown) == 2)
    assert panel.shown[1].tobytes() == picture(99).tobytes()
    assert thread.take().replaced == 98


def test_pulled_out_and_put_back(panel: FakePanel, thread: PanelThread, told: list[str]) -> None:
    thread.start()
    thread.put(image := picture())
    panel.until(lambda: bool(panel.shown))
    panel.present = False
    panel.until(lambda: panel.log.count("missing") > 2)
    assert told == ["", "it was pulled out", "no panel here"]
    panel.present = True
    panel.until(lambda: len(panel.shown) == 2)
    assert panel.shown[1] is image, "what it showed before"
    assert told[-1] == ""


def test_what_changed_while_it_was_away_is_shown(panel: FakePanel, thread: PanelThread) -> None:
    panel.present = False
    thread.start()
    thread.put(picture(1))
    thread.dim(0.25)
    thread.put(picture(2))
    panel.until(lambda: "missing" in panel.log)
    panel.present = True
    panel.until(lambda: bool(panel.shown))
    assert panel.shown[0].tobytes() == picture(2).tobytes()
    assert panel.level == 0.25


def test_dimmed_and_woken(panel: FakePanel, thread: PanelThread) -> None:
    thread.start()
    thread.put(picture())
    panel.until(lambda: bool(panel.shown))
    thread.dim(0.0)
    panel.until(lambda: "dim 0" in panel.log)
    thread.dim(1.0)
    # A panel may forget its image in the dark.
    panel.until(lambda: panel.log[-2:] == ["dim 1", "show"])


def test_shown_again_where_the_panel_asks_for_it(panel: FakePanel, thread: PanelThread) -> None:
    thread.start()
    thread.put(picture())
    panel.until(lambda: bool(panel.shown))
    panel.wants_again = True
    panel.until(lambda: len(panel.shown) == 2)


def test_a_mistake_in_a_driver_is_told_and_tried_again(
    panel: FakePanel, thread: PanelThread, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = iter([ZeroDivisionError("oops")])

    def show(image: object) -> None:
        for error in failing:
            raise error
        panel._note("show")

    monkeypatch.setattr(panel, "show", show)
    thread.start()
    thread.put(picture())
    panel.until(lambda: panel.log[-1:] == ["show"])
    assert told == ["", "fake panel: ZeroDivisionError: oops", ""]


def test_a_bus_that_hangs_is_left_behind(panel: FakePanel, thread: PanelThread) -> None:
    panel.gate.clear()
    thread.start()
    thread.put(picture())
    assert panel.busy.wait(10)
    thread.stop()
    assert not thread.join(0.05)


class RoomyFakePanel(FakePanel):
    """One that has room for text."""

    room = (32, 18)

    def show_beside(self, lines: Sequence[str], columns: int) -> None:
        self._answer()
        self._note(f"beside {columns} {' '.join(lines)}".rstrip())


def test_a_panel_without_room(thread: PanelThread) -> None:
    thread.start()
    assert thread.room == (0, 0)


class TestRoom:
    @pytest.fixture
    def panel(self) -> FakePanel:
        return RoomyFakePanel()

    def test_text_is_shown_with_its_image(self, panel: FakePanel, thread: PanelThread) -> None:
        assert thread.room == (32, 18)
        thread.start()
        assert thread.put(picture(), Beside(32, ("first", "second")))
        panel.until(lambda: len(panel.shown) == 1)
        assert not thread.put(picture(), Beside(32, ("first", "second")))
        assert thread.put(picture(), Beside(32, ("other",)))
        panel.until(lambda: len(panel.shown) == 2)
        assert thread.put(picture())
        panel.until(lambda: len(panel.shown) == 3)
        assert panel.log == ["open", "beside 32 first second", "show", "beside 32 other", "show", "beside 0", "show"]
        assert thread.take().skipped == 1

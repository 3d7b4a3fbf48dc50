"""The display module on real drivers of LCDs and e-paper, down to the glass of decoded controllers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.panel.controllers import mock_pins, wire_spi
from tests.drivers.panel.lcd_controllers import Lcd
from tests.drivers.panel.paper_controller import Paper
from tests.lab.waiting import until
from tools.screenshots import scene

from whimbrel.config import load
from whimbrel.display.settings import DisplaySettings
from whimbrel.events.keys import Press
from whimbrel.modules.display import Display
from whimbrel.screens import inks
from whimbrel.screens.notices import Splash
from whimbrel.screens.scale import drawn
from whimbrel.screens.screen import Set
from whimbrel.screens.styles import PaperSize
from whimbrel.testing import run_module

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def pins() -> Iterator[Any]:
    yield from mock_pins()


def settings(name: str) -> DisplaySettings:
    found: Any = load(CONFIG / f"{name}.yaml").modules["display"]
    assert isinstance(found, DisplaySettings)
    return found


async def test_an_lcd_shows_the_overview_in_colours(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    controller = Lcd(320, 240)
    monkeypatch.setattr("whimbrel.modules.display._RADIO_FIRST", 0.01)
    wire_spi(monkeypatch, controller, pins, 25)
    air = scene.usual().air
    assert air is not None
    card = inks.palette()[3 * inks.CARD : 3 * inks.CARD + 3]
    wanted = tuple(value & mask for value, mask in zip(card, (0xF8, 0xFC, 0xF8), strict=True))

    def tiles() -> int:
        found: Any = controller.image(0, 0, 240, 240).getcolors(65536)
        return sum(count for count, colour in found if colour == wanted)

    async with run_module(Display, settings("waveshare-lcd-1.3-hat")) as lab:
        lab.publish(air)
        lab.publish(Press(key="up", gesture="press", gesture_id=1))
        await until(lambda: tiles() > 10_000)
        assert pins.pin(24).state, "its light"
    assert not controller.lit
    assert not pins.pin(24).state


async def test_paper_shows_a_page_and_says_off_at_the_end(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    controller = Paper()
    monkeypatch.setattr("whimbrel.modules.display._RADIO_FIRST", 0.01)
    wire_spi(monkeypatch, controller, pins, 25)
    async with run_module(Display, settings("waveshare-epaper-2.13-hat")) as lab:
        await until(lambda: controller.refreshes)
        lab.publish(Press(key="up", gesture="press", gesture_id=1))
        await until(lambda: len(controller.refreshes) >= 2)
        assert controller.refreshes[0] == "full"
    off = drawn(Splash("", "is off"), scene.empty(), PaperSize((250, 122)))
    assert controller.waveshare().tobytes() == off.tobytes()
    assert set(controller.refreshes[1:]) == {"partial"}


async def test_the_last_picture_is_turned_as_the_others(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    controller = Paper()
    monkeypatch.setattr("whimbrel.modules.display._RADIO_FIRST", 0.01)
    wire_spi(monkeypatch, controller, pins, 25)
    monkeypatch.setattr("whimbrel.screens.home.Home.key", lambda *_: [Set("rotation", 180.0)])
    async with run_module(Display, settings("waveshare-epaper-2.13-hat")) as lab:
        await until(lambda: controller.refreshes)
        lab.publish(Press(key="up", gesture="press", gesture_id=1))
        await until(lambda: len(controller.refreshes) >= 2)
    off = drawn(Splash("", "is off"), scene.empty(), PaperSize((250, 122))).rotate(180)
    assert controller.waveshare().tobytes() == off.tobytes()


async def test_a_stop_waits_for_the_last_picture_of_a_slow_panel(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    controller = Paper()
    monkeypatch.setattr("whimbrel.modules.display._RADIO_FIRST", 0.01)
    monkeypatch.setattr("whimbrel.modules.display._LAST_PATIENCE", 0.0)
    wire_spi(monkeypatch, controller, pins, 25)
    async with run_module(Display, settings("waveshare-epaper-2.13-hat")) as lab:
        await until(lambda: controller.refreshes)
        lab.publish(Press(key="up", gesture="press", gesture_id=1))
        await until(lambda: len(controller.refreshes) >= 2)
        busy = pins.pin(24)
        busy.drive_high()
        ended = threading.Timer(0.3, busy.drive_low)
        ended.start()
    assert not busy.state
    ended.join()

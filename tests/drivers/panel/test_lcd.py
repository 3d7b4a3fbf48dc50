"""The LCD controllers that `whimbrel.drivers.panel.oled` drives through luma.lcd, with the settings of real boards."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image
from tests.drivers.panel.controllers import Wire, mock_pins, wire_spi
from tests.drivers.panel.lcd_controllers import Lcd, coloured, narrowed

from whimbrel.config import load
from whimbrel.drivers.panel.oled import OledPanel
from whimbrel.drivers.panel.settings import OledSettings
from whimbrel.drivers.ports import PanelGone
from whimbrel.module import NotReady

CONFIG = Path(__file__).parents[3] / "config"


class Board(NamedTuple):
    """A HAT."""

    settings: OledSettings
    memory: tuple[int, int]
    """Columns and rows."""
    glass: tuple[int, int, int, int]
    """Its left, top, width and height in that memory."""


def board(name: str, memory: tuple[int, int], glass: tuple[int, int, int, int]) -> Board:
    display: Any = load(CONFIG / f"{name}.yaml").modules["display"]
    return Board(display.section("driver"), memory, glass)


BOARDS = {
    "waveshare-lcd-1.3-hat": ((320, 240), (0, 0, 240, 240)),
    "waveshare-lcd-1.44-hat": ((162, 132), (1, 2, 128, 128)),
    "pimoroni-display-hat-mini": ((320, 240), (0, 0, 320, 240)),
}


@pytest.fixture
def pins() -> Iterator[Any]:
    yield from mock_pins()


class Set(NamedTuple):
    """A HAT on a simulated bus."""

    board: Board
    lcd: Lcd
    wire: Wire
    panel: OledPanel

    @property
    def shown(self) -> Image.Image:
        return self.lcd.image(*self.board.glass)


@pytest.fixture(params=list(BOARDS))
def lcd(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, pins: Any) -> Set:
    hat = board(request.param, *BOARDS[request.param])
    controller = Lcd(*hat.memory)
    wire = wire_spi(monkeypatch, controller, pins, hat.settings.dc, hat.settings.device)
    return Set(hat, controller, wire, OledPanel(hat.settings))


def test_pixels_arrive(lcd: Set, pins: Any) -> None:
    light = pins.pin(lcd.board.settings.backlight)
    lcd.panel.open()
    assert light.state
    assert lcd.lcd.lit
    assert lcd.wire.hertz == {"32MHz": 32_000_000, "16MHz": 16_000_000}[lcd.board.settings.speed]
    assert lcd.shown.getbbox() is None, "black before the first image"
    image = coloured(lcd.panel.size)
    lcd.panel.show(image)
    turned = narrowed(image).rotate(-90 * lcd.board.settings.rotate, expand=True)
    assert lcd.shown.tobytes() == turned.tobytes()
    lcd.panel.close()
    assert not lcd.lcd.lit
    assert lcd.wire.opened == 0


def test_the_light_goes_off_and_on(lcd: Set, pins: Any) -> None:
    light = pins.pin(lcd.board.settings.backlight)
    lcd.panel.open()
    lcd.panel.show(image := coloured(lcd.panel.size))
    lcd.panel.dim(0)
    assert not light.state
    assert not lcd.lcd.lit
    lcd.lcd.forget()
    lcd.panel.dim(1)
    lcd.panel.show(image)
    assert light.state
    assert lcd.lcd.lit
    turned = narrowed(image).rotate(-90 * lcd.board.settings.rotate, expand=True)
    assert lcd.shown.tobytes() == turned.tobytes()
    lcd.panel.close()


def test_colours_are_dimmed(lcd: Set) -> None:
    lcd.panel.open()
    image = coloured(lcd.panel.size)
    image.putpalette(bytes((200, 100, 60)) * 256)
    lcd.panel.show(image)
    lcd.panel.dim(0.5)
    assert lcd.shown.getpixel((5, 5)) == (100 & 0xF8, 50 & 0xFC, 30 & 0xF8)
    lcd.panel.dim(1)
    assert lcd.shown.getpixel((5, 5)) == (200, 100, 60 & 0xF8)
    lcd.panel.close()


def test_only_changed_lines_are_sent(lcd: Set) -> None:
    lcd.panel.open()
    image = coloured(lcd.panel.size)
    lcd.panel.show(image)
    before = lcd.lcd.octets
    changed = image.copy()
    for at in ((3, 9), (100, 62)):
        changed.putpixel(at, (changed.getpixel(at) + 1) % 256)  # type: ignore[operator]
    lcd.panel.show(changed)
    turned = narrowed(changed).rotate(-90 * lcd.board.settings.rotate, expand=True)
    assert lcd.shown.tobytes() == turned.tobytes()
    assert lcd.lcd.octets - before <= 2 * (2 * lcd.panel.size[0] + 11)
    before = lcd.lcd.octets
    lcd.panel.show(changed)
    assert lcd.lcd.octets == before
    lcd.panel.close()


def test_a_bus_that_fails(lcd: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    lcd.panel.open()
    lcd.panel.show(image := coloured(lcd.panel.size))

    def fail(_: bytes) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(lcd.lcd, "command", fail)
        with pytest.raises(PanelGone, match="Input/output error"):
            lcd.panel.show(coloured(lcd.panel.size, 2))
    lcd.panel.show(image)
    turned = narrowed(image).rotate(-90 * lcd.board.settings.rotate, expand=True)
    assert lcd.shown.tobytes() == turned.tobytes(), "whole the next time"
    lcd.panel.close()


def test_a_panel_whose_light_is_always_on(monkeypatch: pytest.MonkeyPatch, pins: Any) -> None:
    controller = Lcd(320, 240)
    wire_spi(monkeypatch, controller, pins)
    panel = OledPanel(OledSettings(chip="st7789", bus="spi"))
    assert (panel.mode, panel.size) == ("P", (240, 240))
    panel.open()
    panel.dim(0)
    assert not controller.lit
    panel.close()


def test_lines_are_claimed_once(pins: Any) -> None:
    settings = board("waveshare-lcd-1.3-hat", *BOARDS["waveshare-lcd-1.3-hat"]).settings
    assert dict(OledPanel.claims(settings)) == {
        "dc": "GPIO line 25", "reset": "GPIO line 27", "backlight": "GPIO line 24",
    }  # fmt: skip


def test_an_lcd_has_no_i2c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OledSettings, "node", property(lambda _: "/dev/null"))
    with pytest.raises(NotReady, match="no I2C"):
        OledPanel(OledSettings(chip="st7789")).open()

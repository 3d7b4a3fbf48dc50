"""What is recorded shows, on a controller that decodes it, what the driver itself shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image
from tests.drivers.panel.controllers import picture
from tests.drivers.panel.lcd_controllers import Lcd
from tests.drivers.panel.oled_controllers import Controller, Sh1106, Ssd1306
from tests.drivers.panel.paper_controller import Paper
from tests.drivers.panel.test_lcd import BOARDS

from whimbrel.config import load
from whimbrel.drivers.panel.settings import EpaperSettings, OledSettings
from whimbrel.splash import play
from whimbrel.splash.play import HEAD, NONE
from whimbrel.splash.recorded import RecordedPanel, record

CONFIG = Path(__file__).parents[2] / "config"


class Glass:
    """A wire to a controller of the tests."""

    def __init__(self, controller: Controller | Lcd | Paper) -> None:
        self._controller = controller
        self.lines: list[tuple[int, int]] = []
        self.refreshed = True
        """Whether the panel was waited for after its last refresh."""

    def command(self, octets: bytes) -> None:
        assert self.refreshed, "a controller that is busy takes nothing"
        self._controller.command(octets)
        self.refreshed = not isinstance(self._controller, Paper) or octets not in (b"\x12", b"\x20")

    def data(self, octets: bytes) -> None:
        self._controller.data(octets)

    def line(self, number: int, level: int) -> None:
        self.lines.append((number, level))

    def wait(self) -> None:
        self.refreshed = True


def shown(tape: bytes, controller: Controller | Lcd | Paper) -> Glass:
    glass = Glass(controller)
    play.play(tape, cast("Any", glass))
    return glass


@pytest.mark.parametrize(("chip", "kind"), [("ssd1306", Ssd1306), ("ssd1309", Ssd1306), ("sh1106", Sh1106)])
@pytest.mark.parametrize("bus", ["i2c", "spi"])
@pytest.mark.parametrize("rotate", [0, 2, 3])
def test_an_oled_shows_it(chip: str, kind: type[Controller], bus: str, rotate: int) -> None:
    controller = kind()
    settings = OledSettings(chip=chip, bus=bus, rotate=rotate)  # type: ignore[arg-type]
    panel = RecordedPanel(settings)
    image = picture(size=panel.size)
    glass = shown(record(settings, image, b"text", 0.5), controller)
    assert controller.lit
    assert controller.image.tobytes() == image.rotate(-90 * rotate, expand=True).tobytes()
    assert controller.contrast == round(207 * 0.5)
    assert glass.lines == ([(25, 0), (25, 1)] if bus == "spi" else [])


@pytest.mark.parametrize("name", BOARDS)
def test_an_lcd_shows_it_and_is_lit(name: str) -> None:
    display: Any = load(CONFIG / f"{name}.yaml").modules["display"]
    settings: OledSettings = display.section("driver")
    memory, (left, top, width, height) = BOARDS[name]
    lcd = Lcd(*memory)
    image = Image.new("P", RecordedPanel(settings).size)
    image.putpalette([0, 0, 0, 255, 255, 255])
    image.paste(1, (3, 4, 20, 30))
    glass = shown(record(settings, image, b"text"), lcd)
    assert lcd.lit
    assert lcd.awake
    assert (settings.backlight, 1) == glass.lines[-1]
    pixels = [lcd.memory[top + y][left + x] for y in range(height) for x in range(width)]
    assert pixels.count(0xFFFF) == 17 * 26
    assert pixels.count(0) == width * height - 17 * 26


@pytest.mark.parametrize("rotate", [0, 2])
@pytest.mark.parametrize("name", ["waveshare-epaper-2.13-hat", "pimoroni-inky-phat"])
def test_e_paper_shows_it_by_one_full_refresh(name: str, rotate: int) -> None:
    display: Any = load(CONFIG / f"{name}.yaml").modules["display"]
    board: EpaperSettings = display.section("driver")
    settings = EpaperSettings(board=board.board, dc=board.dc, reset=board.reset, busy=board.busy, rotate=rotate)  # type: ignore[arg-type]
    paper = Paper(136 if board.board == "inky-phat" else 128)
    image = picture(size=(250, 122))
    tape = record(settings, image, b"text")
    glass = shown(tape, paper)
    assert glass.refreshed, "the lines are let go while it is refreshed"
    assert paper.refreshes == ["full"]
    seen = paper.inky() if paper.coloured else paper.waveshare()
    assert seen.tobytes() == image.rotate(90 * rotate).tobytes()
    assert glass.lines == [(settings.reset, 0), (settings.reset, 1)]
    assert HEAD.unpack_from(tape)[6:10] == (settings.dc, settings.reset, NONE, settings.busy)
    assert (play.node_of(tape), HEAD.unpack_from(tape)[3]) == ("/dev/spidev0.0", 4_000_000)


def test_the_head_says_where_and_for_what() -> None:
    tape = record(OledSettings(address=0x3D, port=3), picture(), b"text")
    assert play.node_of(tape) == "/dev/i2c-3"
    assert play.is_of(tape, b"text")
    assert not play.is_of(tape, b"texts")
    assert HEAD.unpack_from(tape)[2] == 0x3D
    assert HEAD.unpack_from(tape)[6:10] == (NONE, NONE, NONE, NONE)
    spi = OledSettings(bus="spi", dc=22, reset=None, backlight=13, speed="500kHz")
    tape = record(spi, picture(), b"text")
    assert play.node_of(tape) == "/dev/spidev0.0"
    assert HEAD.unpack_from(tape)[3] == 500_000
    assert HEAD.unpack_from(tape)[6:10] == (22, NONE, 13, NONE)


def test_the_same_settings_give_the_same_octets() -> None:
    assert record(OledSettings(), picture(), b"text") == record(OledSettings(), picture(), b"text")


def test_no_other_node_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OledSettings, "node", property(lambda _: "/dev/mmcblk0"))
    with pytest.raises(ValueError, match="no bus"):
        record(OledSettings(), picture(), b"")

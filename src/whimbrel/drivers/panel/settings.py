"""What can be set of each panel driver. Light to import: no Pillow, no luma."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

import attrs

from whimbrel.settings import setting

SIDE = 1024
"""Pixels of the longest side that a panel may have: what a screen draws for it must stay small."""


class Chip(NamedTuple):
    """How the controller of a panel is driven."""

    driver: str
    """Class of luma that knows it, as ``module:Class``."""
    size: tuple[int, int]
    """Width and height where the settings name none."""
    mode: str = "1"
    """Pillow's mode of its images."""
    window: bool = False
    """Whether pages are chosen by a window (SSD1306 commands 21h and 22h) and not one by one (B0h, SH1106)."""


CHIPS = {
    "ssd1306": Chip("luma.oled.device:ssd1306", (128, 64), window=True),
    "ssd1309": Chip("luma.oled.device:ssd1309", (128, 64), window=True),
    "sh1106": Chip("luma.oled.device:sh1106", (128, 64)),
    "ssd1331": Chip("luma.oled.device:ssd1331", (96, 64), mode="RGB"),
    "ssd1351": Chip("luma.oled.device:ssd1351", (128, 128), mode="RGB"),
    "st7735": Chip("luma.lcd.device:st7735", (160, 128), mode="RGB"),
}
"""The controllers by the name that the settings call them. Another of luma's is one more line."""


@attrs.frozen
class OledSettings:
    """A display that luma drives, on I2C or SPI."""

    chip: Literal["ssd1306", "ssd1309", "sh1106", "ssd1331", "ssd1351", "st7735"] = setting(
        "ssd1306", help="Its controller: an OLED of one colour, or a colour panel (ssd1331, ssd1351, st7735)."
    )
    bus: Literal["i2c", "spi"] = setting("i2c", help="How it is connected.")
    port: int | None = setting(
        None, low=0, high=255, help="Number of the bus: the 1 of /dev/i2c-1, the first 0 of /dev/spidev0.0. Null: that."
    )
    address: int = setting(0x3C, low=0x03, high=0x77, help="I2C address; 0x3c or 0x3d on most.")
    device: int = setting(0, low=0, high=3, help="SPI chip select: the second 0 of /dev/spidev0.0.")
    dc: int = setting(24, low=0, high=53, help="GPIO line (BCM number) of an SPI panel's data/command pin.")
    reset: int | None = setting(25, low=0, high=53, help="GPIO line of an SPI panel's reset pin; null for none.")
    speed: Literal["500kHz", "1MHz", "2MHz", "4MHz", "8MHz", "16MHz", "20MHz", "32MHz"] = setting(
        "8MHz", help="Clock of the SPI bus. That of I2C is set in /boot/firmware/config.txt (docs/hardware.md)."
    )
    width: int | None = setting(
        None, low=8, high=SIDE, help="Pixels across, unrotated; null: what the chip usually has."
    )
    height: int | None = setting(None, low=8, high=SIDE, help="Pixels down, unrotated; null likewise.")
    rotate: int = setting(0, low=0, high=3, help="Quarter turns clockwise.")
    contrast: int = setting(207, low=0, high=255, help="Contrast of an OLED at full brightness.")

    @property
    def full_size(self) -> tuple[int, int]:
        """Width and height of the panel as it is made, before rotation."""
        width, height = CHIPS[self.chip].size
        return (self.width or width, self.height or height)

    @property
    def node(self) -> str:
        """Path of the bus's device node."""
        if self.bus == "i2c":
            return f"/dev/i2c-{1 if self.port is None else self.port}"
        return f"/dev/spidev{self.port or 0}.{self.device}"


@attrs.frozen
class TerminalSettings:
    """The panel drawn in a terminal; what is written there scrolls below it."""

    device: Path = setting(Path("/dev/tty"), help="The terminal; /dev/tty is the one that the daemon was started in.")
    style: Literal["auto", "half", "braille"] = setting(
        "auto",
        help="half: two pixels a character, 128x32 characters; braille: eight, 64x16. auto: half where there is room, "
        "also for what stands beside it.",
    )
    width: int = setting(128, low=8, high=SIDE, help="Pixels across.")
    height: int = setting(64, low=8, high=SIDE, help="Pixels down.")
    lines: int = setting(4, low=1, high=1000, help="Lines that must be left below it, or it is not shown.")
    caption: str = setting("", help="A line below the picture: what the keys are.")
    hint: str = setting("", help="A line at the end of what stands beside the picture, while there is no alert.")
    beside: bool = setting(
        True,
        help="Whether a table of the access points, live, stands beside the picture where there is room (100 columns).",
    )

    @height.validator
    def _check_height(self, _attribute: object, height: int) -> None:
        if height % 8:
            raise ValueError(f"height: expected a multiple of 8, found {height}")

    @width.validator
    def _check_width(self, _attribute: object, width: int) -> None:
        if width % 2:
            raise ValueError(f"width: expected an even number, found {width}")


@attrs.frozen
class PngSettings:
    """The newest image in a file, for a web page or a test."""

    path: Path = setting(Path("/run/whimbrel/panel.png"), help="The file; replaced as a whole with each image.")
    scale: int = setting(1, low=1, high=16, help="Pixels of the file for one of the panel.")
    width: int = setting(128, low=8, high=SIDE, help="Pixels across.")
    height: int = setting(64, low=8, high=SIDE, help="Pixels down.")


@attrs.frozen
class NoneSettings:
    """No panel: screenshots and keys work all the same."""

    width: int = setting(128, low=8, high=SIDE, help="Pixels across.")
    height: int = setting(64, low=8, high=SIDE, help="Pixels down.")

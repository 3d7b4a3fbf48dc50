"""The settings of each panel driver. Light to import: no Pillow, no luma."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from whimbrel.settings import frozen, setting, validates

SIDE = 1024
"""Limit of a panel's longer side in pixels, so that screens stay cheap to draw."""


class Chip(NamedTuple):
    """The properties of a panel's controller."""

    driver: str
    """Its class in luma, as ``module:Class``."""
    size: tuple[int, int]
    """Default width and height."""
    mode: str = "1"
    """Pillow's mode of its images. ``P``: an LCD, to which we send 16 bits a pixel; ``RGB``: luma sends them."""
    window: bool = False
    """Whether pages are addressed by a window (SSD1306 commands 21h and 22h) and not one by one (B0h, SH1106)."""


CHIPS = {
    "ssd1306": Chip("luma.oled.device:ssd1306", (128, 64), window=True),
    "ssd1309": Chip("luma.oled.device:ssd1309", (128, 64), window=True),
    "sh1106": Chip("luma.oled.device:sh1106", (128, 64)),
    "ssd1331": Chip("luma.oled.device:ssd1331", (96, 64), mode="RGB"),
    "ssd1351": Chip("luma.oled.device:ssd1351", (128, 128), mode="RGB"),
    "st7735": Chip("luma.lcd.device:st7735", (160, 128), mode="P"),
    "st7789": Chip("luma.lcd.device:st7789", (240, 240), mode="P"),
}
"""The controllers by their names in the settings. To support another of luma's, add a line."""


@frozen
class OledSettings:
    """A display driven by luma, on I2C or SPI."""

    chip: Literal["ssd1306", "ssd1309", "sh1106", "ssd1331", "ssd1351", "st7735", "st7789"] = setting(
        "ssd1306",
        help="Its controller: an OLED of one colour, or a colour panel (ssd1331, ssd1351; LCDs: st7735, st7789).",
    )
    bus: Literal["i2c", "spi"] = setting("i2c", help="How it is connected.")
    port: int | None = setting(
        None,
        low=0,
        high=255,
        help="Number of the bus: 1 in /dev/i2c-1, the first 0 in /dev/spidev0.0. Null: these.",
    )
    address: int = setting(0x3C, low=0x03, high=0x77, help="I2C address; 0x3c or 0x3d on most.")
    device: int = setting(0, low=0, high=3, help="SPI chip select: the second 0 in /dev/spidev0.0.")
    dc: int = setting(24, low=0, high=53, help="GPIO line (BCM number) of an SPI panel's data/command pin.")
    reset: int | None = setting(25, low=0, high=53, help="GPIO line of an SPI panel's reset pin; null for none.")
    backlight: int | None = setting(None, low=0, high=53, help="GPIO line that lights an LCD; null for none.")
    bgr: bool = setting(False, help="Whether an st7735 has blue and red exchanged.")
    offset_x: int = setting(0, low=0, high=255, help="Columns of an LCD controller's memory left of the glass.")
    offset_y: int = setting(0, low=0, high=255, help="Rows of an LCD controller's memory above the glass.")
    speed: Literal["500kHz", "1MHz", "2MHz", "4MHz", "8MHz", "16MHz", "20MHz", "32MHz"] = setting(
        "8MHz", help="Clock of the SPI bus. The I2C clock is set in /boot/firmware/config.txt (docs/hardware.md)."
    )
    width: int | None = setting(
        None, low=8, high=SIDE, help="Width in pixels before rotation; null: the usual one of the chip."
    )
    height: int | None = setting(
        None, low=8, high=SIDE, help="Height in pixels before rotation; null: the usual one of the chip."
    )
    rotate: int = setting(0, low=0, high=3, help="Quarter turns clockwise.")
    contrast: int = setting(207, low=0, high=255, help="Contrast of an OLED at full brightness.")

    @property
    def full_size(self) -> tuple[int, int]:
        """Width and height of the panel before rotation."""
        width, height = CHIPS[self.chip].size
        return (self.width or width, self.height or height)

    @property
    def node(self) -> str:
        """Path of the bus's device node."""
        if self.bus == "i2c":
            return f"/dev/i2c-{1 if self.port is None else self.port}"
        return f"/dev/spidev{self.port or 0}.{self.device}"


@frozen
class EpaperSettings:
    """An e-paper panel of 250x122 on SPI 0, by spidev and gpiozero."""

    board: Literal["waveshare-2.13", "inky-phat"] = setting(
        "waveshare-2.13", help="Waveshare's 2.13\" HAT, V3 or V4, or Pimoroni's Inky pHAT of 2021 and later."
    )
    device: int = setting(0, low=0, high=1, help="SPI chip select: the second 0 in /dev/spidev0.0.")
    dc: int = setting(25, low=0, high=53, help="GPIO line (BCM number) of the data/command pin; 22 on an Inky pHAT.")
    reset: int = setting(17, low=0, high=53, help="GPIO line of the reset pin; 27 on an Inky pHAT.")
    busy: int = setting(24, low=0, high=53, help="GPIO line of the busy pin; 17 on an Inky pHAT.")
    rotate: Literal[0, 2] = setting(0, help="Quarter turns: 0, or 2 for upside down.")
    full_every: int = setting(
        20, low=0, high=1000, help="Partial refreshes, which leave shadows, between two full ones, which flash."
    )

    @property
    def node(self) -> str:
        """Path of the bus's device node."""
        return f"/dev/spidev0.{self.device}"


@frozen
class TerminalSettings:
    """The panel drawn in a terminal; other output scrolls below it."""

    device: Path = setting(Path("/dev/tty"), help="The terminal; /dev/tty is the one in which the daemon was started.")
    style: Literal["auto", "half", "braille"] = setting(
        "auto",
        help="half: two pixels a character, 128x32 characters; braille: eight, 64x16. auto: half if there is room, "
        "also for the table beside it.",
    )
    width: int = setting(128, low=8, high=SIDE, help="Pixels across.")
    height: int = setting(64, low=8, high=SIDE, help="Pixels down.")
    lines: int = setting(4, low=1, high=1000, help="Lines that must be free below the panel for it to be shown.")
    caption: str = setting("", help="A line below the picture, for example to explain the keys.")
    hint: str = setting("", help="A line at the end of the text beside the picture, while there is no alert.")
    beside: bool = setting(
        True,
        help="Whether a live table of the access points is shown beside the picture if there is room (100 columns).",
    )

    @validates("height")
    def _check_height(self, height: int) -> None:
        if height % 8:
            raise ValueError(f"height: expected a multiple of 8, found {height}")

    @validates("width")
    def _check_width(self, width: int) -> None:
        if width % 2:
            raise ValueError(f"width: expected an even number, found {width}")


@frozen
class PngSettings:
    """The newest image in a file, for a web page or a test."""

    path: Path = setting(Path("/run/whimbrel/panel.png"), help="The file; each image replaces it as a whole.")
    scale: int = setting(1, low=1, high=16, help="Pixels in the file for each pixel of the panel.")
    width: int = setting(128, low=8, high=SIDE, help="Pixels across.")
    height: int = setting(64, low=8, high=SIDE, help="Pixels down.")


@frozen
class NoneSettings:
    """No panel; screenshots and keys still work."""

    width: int = setting(128, low=8, high=SIDE, help="Pixels across.")
    height: int = setting(64, low=8, high=SIDE, help="Pixels down.")

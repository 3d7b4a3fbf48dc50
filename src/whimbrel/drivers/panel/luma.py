"""Additions to luma for a device that runs for years: fast packing, sending only changes, freeing all memory."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Any

from whimbrel.drivers.panel.colours import lines
from whimbrel.drivers.panel.packing import pages
from whimbrel.late import load

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.drivers.panel.settings import Chip

NOP = 0xE3
"""The NOP command of SSD1306, SSD1309 and SH1106; its acknowledgement shows that a controller is present."""


def make_device(chip: Chip, serial: Any, size: tuple[int, int], rotate: int, **options: Any) -> Any:
    """Return luma's device for `chip` on `serial`, initialised, switched on and black.

    `options` are those of its class, and `offset`, columns and rows of the controller's memory before the glass.
    Raises the errors of `serial`, and luma's ``DeviceDisplayModeError`` for a size that the chip does not support.
    """
    base = load(chip.driver)
    mixin = {"1": _Window if chip.window else _Paged, "P": _Coloured}.get(chip.mode)
    made: Any = base if mixin is None else type(base.__name__, (mixin, base), {})
    device = object.__new__(made)
    if chip.mode == "P":
        device.offset = options.pop("offset", (0, 0))
    try:
        made.__init__(device, serial, width=size[0], height=size[1], rotate=rotate, **options)
    finally:
        # luma registers an exit handler that keeps each device: a missing panel that is retried every few seconds
        # would fill the memory and delay the end of the process.
        atexit.unregister(_HookOf(device))  # type: ignore[arg-type]  # compared, not called
    return device


class NoLight:
    """In place of the GPIO line of a backlight, for a panel without one: luma's class requires one."""

    LOW, HIGH, OUT = 0, 1, 0

    def setup(self, pin: int, direction: int) -> None:
        """Do nothing."""

    def output(self, pin: int, value: int) -> None:
        """Do nothing."""


class _HookOf:
    """Equal to the function that luma.core.device registered with atexit for one device."""

    __slots__ = ("_device",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, device: object) -> None:
        self._device = device

    def __eq__(self, hook: object) -> bool:
        cells = getattr(hook, "__closure__", None) or ()
        return any(cell.cell_contents is self._device for cell in cells)


class _Changes:
    """Sends the rows of an image that differ from the panel's content. Mixin for luma's device classes."""

    sent: tuple[bytes, ...] = ()
    """The rows on the panel; empty if unknown."""
    rotate: int
    command: Any
    data: Any

    def display(self, image: Image) -> None:
        """Show an image. After an OSError or an error of luma, the panel's content counts as unknown."""
        fresh = self.pack_rows(image)
        held, self.sent = self.sent, ()
        first = 0
        while first < len(fresh):
            last = first
            while last < len(fresh) and (not held or fresh[last] != held[last]):
                last += 1
            if last > first:
                self.send_rows(first, fresh[first:last])
            first = last + 1
        self.sent = tuple(fresh)

    def pack_rows(self, image: Image) -> list[bytes]:
        """Return the rows of an image as the controller takes them."""
        raise NotImplementedError

    def send_rows(self, first: int, run: list[bytes]) -> None:
        """Send consecutive rows, the first of which has the number `first`."""
        raise NotImplementedError


class _Packed(_Changes):
    """Controllers of pages: a row has eight lines of an image of mode ``1``."""

    def pack_rows(self, image: Image) -> list[bytes]:
        return pages(image, self.rotate)


class _Window(_Packed):
    """Controllers with a window of pages (SSD1306 datasheet, section 10.1.4)."""

    def send_rows(self, first: int, run: list[bytes]) -> None:
        left = getattr(self, "_colstart", 0)
        self.command(0x21, left, left + len(run[0]) - 1, 0x22, first, first + len(run) - 1)
        self.data(list(b"".join(run)))


class _Paged(_Packed):
    """Controllers that need the address of each page and its first column (SH1106 datasheet, commands 1, 2 and 11)."""

    def send_rows(self, first: int, run: list[bytes]) -> None:
        # Of the 132 columns of an SH1106, 128 are wired, from the third on.
        left = getattr(self, "_page_address_offset", 2)
        for number, page in enumerate(run, first):
            self.command(0xB0 | number, left & 0x0F, 0x10 | left >> 4)
            self.data(list(page))


_CASET, _RASET, _RAMWR, _COLMOD = 0x2A, 0x2B, 0x2C, 0x3A
"""Commands of ST7735 and ST7789: columns, rows, pixels, their format."""
_SIXTEEN_BITS = 0x55
"""Argument of the last: 16 bits a pixel."""


class _Coloured(_Changes):
    """Colour controllers: a row is a line of an image of mode ``P``, 16 bits a pixel."""

    offset = (0, 0)
    level = 1.0
    """Brightness of the colours: a line of the board switches the light on and off, and cannot dim it."""
    _w: int
    _h: int

    def clear(self) -> None:
        """Make it black."""
        self.command(_COLMOD, _SIXTEEN_BITS)
        self.send_rows(0, [bytes(2 * self._w)] * self._h)
        self.sent = ()

    def pack_rows(self, image: Image) -> list[bytes]:
        return lines(image, self.rotate, self.level)

    def send_rows(self, first: int, run: list[bytes]) -> None:
        left, top = self.offset[0], self.offset[1] + first
        right, bottom = left + self._w - 1, top + len(run) - 1
        self.command(_CASET, left >> 8, left & 0xFF, right >> 8, right & 0xFF)
        self.command(_RASET, top >> 8, top & 0xFF, bottom >> 8, bottom & 0xFF)
        self.command(_RAMWR)
        self.data(b"".join(run))

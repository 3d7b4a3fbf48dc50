"""Additions to luma for a device that runs for years: fast packing, sending only changes, freeing all memory."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Any

from whimbrel.drivers.panel.packing import pages
from whimbrel.late import load

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.drivers.panel.settings import Chip

NOP = 0xE3
"""The NOP command of SSD1306, SSD1309 and SH1106; its acknowledgement shows that a controller is present."""


def make_device(chip: Chip, serial: Any, size: tuple[int, int], rotate: int) -> Any:
    """Return luma's device for `chip` on `serial`, initialised, switched on and black.

    Raises the errors of `serial`, and luma's ``DeviceDisplayModeError`` for a size that the chip does not support.
    """
    base = load(chip.driver)
    made: Any = base if chip.mode != "1" else type(base.__name__, (_Window if chip.window else _Paged, base), {})
    device = object.__new__(made)
    try:
        made.__init__(device, serial, width=size[0], height=size[1], rotate=rotate)
    finally:
        # luma registers an exit handler that keeps each device: a missing panel that is retried every few seconds
        # would fill the memory and delay the end of the process.
        atexit.unregister(_HookOf(device))  # type: ignore[arg-type]  # compared, not called
    return device


class _HookOf:
    """Equal to the function that luma.core.device registered with atexit for one device."""

    __slots__ = ("_device",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, device: object) -> None:
        self._device = device

    def __eq__(self, hook: object) -> bool:
        cells = getattr(hook, "__closure__", None) or ()
        return any(cell.cell_contents is self._device for cell in cells)


class _Packed:
    """Sends the pages that differ from the panel's content. Mixin for luma's device classes."""

    sent: tuple[bytes, ...] = ()
    """The pages on the panel; empty if unknown."""
    rotate: int

    def display(self, image: Image) -> None:
        """Show an image of mode ``1``. After an OSError or an error of luma, the panel's content counts as unknown."""
        fresh = pages(image, self.rotate)
        held, self.sent = self.sent, ()
        first = 0
        while first < len(fresh):
            last = first
            while last < len(fresh) and (not held or fresh[last] != held[last]):
                last += 1
            if last > first:
                self.send_pages(first, fresh[first:last])
            first = last + 1
        self.sent = tuple(fresh)

    def send_pages(self, first: int, run: list[bytes]) -> None:
        """Send consecutive pages, the first of which has the number `first`."""
        raise NotImplementedError


class _Window(_Packed):
    """Controllers with a window of pages (SSD1306 datasheet, section 10.1.4)."""

    command: Any
    data: Any

    def send_pages(self, first: int, run: list[bytes]) -> None:
        left = getattr(self, "_colstart", 0)
        self.command(0x21, left, left + len(run[0]) - 1, 0x22, first, first + len(run) - 1)
        self.data(list(b"".join(run)))


class _Paged(_Packed):
    """Controllers that need the address of each page and its first column (SH1106 datasheet, commands 1, 2 and 11)."""

    command: Any
    data: Any

    def send_pages(self, first: int, run: list[bytes]) -> None:
        # Of the 132 columns of an SH1106, 128 are wired, from the third on.
        left = getattr(self, "_page_address_offset", 2)
        for number, page in enumerate(run, first):
            self.command(0xB0 | number, left & 0x0F, 0x10 | left >> 4)
            self.data(list(page))

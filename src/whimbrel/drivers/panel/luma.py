"""What luma lacks for a device that runs for years: fast packing, sending what changed, leaving nothing behind."""

from __future__ import annotations

import atexit
from importlib import import_module
from typing import TYPE_CHECKING, Any

from whimbrel.drivers.panel.packing import pages

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.drivers.panel.settings import Chip

NOP = 0xE3
"""The command without effect of SSD1306, SSD1309 and SH1106: whether it is acknowledged tells whether one is there."""


def make_device(chip: Chip, serial: Any, size: tuple[int, int], rotate: int) -> Any:
    """Return luma's device for `chip` on `serial`, set up, lit and black.

    Raises what `serial` raises, and luma's ``DeviceDisplayModeError`` for a size that the chip does not have.
    """
    module, _, name = chip.driver.partition(":")
    base = getattr(import_module(module), name)
    made: Any = base if chip.mode != "1" else type(name, (_Window if chip.window else _Paged, base), {})
    device = object.__new__(made)
    try:
        made.__init__(device, serial, width=size[0], height=size[1], rotate=rotate)
    finally:
        # luma has each device it made write to its bus once more when Python ends, and keeps it for that: a panel
        # that is looked for every few seconds would fill the memory and delay the end.
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
    """Sends the pages that differ from what the panel holds. Mixed into a device class of luma."""

    sent: tuple[bytes, ...] = ()
    """The pages that the panel holds; empty where that is not known."""
    rotate: int

    def display(self, image: Image) -> None:
        """Show an image of mode ``1``. Raises OSError and luma's errors; what the panel holds is then not known."""
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
        """Send neighbouring pages, the topmost of which has the number `first`."""
        raise NotImplementedError


class _Window(_Packed):
    """Controllers that fill a window of pages (SSD1306 datasheet, section 10.1.4)."""

    command: Any
    data: Any

    def send_pages(self, first: int, run: list[bytes]) -> None:
        left = getattr(self, "_colstart", 0)
        self.command(0x21, left, left + len(run[0]) - 1, 0x22, first, first + len(run) - 1)
        self.data(list(b"".join(run)))


class _Paged(_Packed):
    """Controllers that are told each page and its first column (SH1106 datasheet, commands 1, 2 and 11)."""

    command: Any
    data: Any

    def send_pages(self, first: int, run: list[bytes]) -> None:
        # 128 of the 132 columns that an SH1106 has are wired, from the third on.
        left = getattr(self, "_page_address_offset", 2)
        for number, page in enumerate(run, first):
            self.command(0xB0 | number, left & 0x0F, 0x10 | left >> 4)
            self.data(list(page))

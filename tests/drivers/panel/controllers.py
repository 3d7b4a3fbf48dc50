"""OLED controllers that decode their input, behind replacements for smbus2 and spidev."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, ClassVar

import pytest
from PIL import Image
from tests.drivers.panel.lcd_controllers import Lcd
from tests.drivers.panel.paper_controller import Paper

from whimbrel.drivers.panel.settings import EpaperSettings, OledSettings


class Controller:
    """The commands that an SSD1306 and an SH1106 share: their datasheets, tables of commands."""

    columns = 128
    left = 0
    """First column that is wired to the glass."""
    arguments: ClassVar[dict[int, int]] = {0x81: 1, 0xA8: 1, 0xAD: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}

    def __init__(self, width: int = 128, height: int = 64) -> None:
        self.size = (width, height)
        self.forget()

    def forget(self) -> None:
        """Be as after power-on: off, with anything in the memory."""
        self.memory = [bytearray(b"\xa5" * self.columns) for _ in range(8)]
        self.lit = False
        self.contrast = 0x7F
        self.octets = 0
        self.page = self.column = 0
        self._pending: list[int] = []

    def command(self, octets: bytes) -> None:
        self.octets += len(octets)
        for octet in octets:
            self._pending.append(octet)
            code, arguments = self._pending[0], self._pending[1:]
            if len(arguments) == self.arguments.get(code, 0):
                self._pending = []
                self.obey(code, arguments)

    def obey(self, code: int, arguments: list[int]) -> None:
        if code in (0xAE, 0xAF):
            self.lit = code == 0xAF
        elif code == 0x81:
            self.contrast = arguments[0]

    def data(self, octets: bytes) -> None:
        self.octets += len(octets)
        for octet in octets:
            self.memory[self.page][self.column] = octet
            self.advance()

    def advance(self) -> None:
        raise NotImplementedError

    @property
    def image(self) -> Image.Image:
        """The image on the display."""
        width, height = self.size
        image = Image.new("1", self.size)
        for y in range(height):
            for x in range(width):
                image.putpixel((x, y), self.memory[y // 8][self.left + x] >> y % 8 & 1)
        return image


class Ssd1306(Controller):
    arguments: ClassVar = Controller.arguments | {0x20: 1, 0x21: 2, 0x22: 2, 0x8D: 1}

    def forget(self) -> None:
        super().forget()
        self.columns_used, self.pages_used = (0, 127), (0, 7)

    def obey(self, code: int, arguments: list[int]) -> None:
        super().obey(code, arguments)
        if code == 0x20:
            assert arguments == [0], "horizontal addressing"
        elif code == 0x21:
            self.columns_used = (arguments[0], arguments[1])
            self.column = arguments[0]
        elif code == 0x22:
            self.pages_used = (arguments[0], arguments[1])
            self.page = arguments[0]

    def advance(self) -> None:
        self.column += 1
        if self.column > self.columns_used[1]:
            self.column = self.columns_used[0]
            self.page = self.page + 1 if self.page < self.pages_used[1] else self.pages_used[0]


class Sh1106(Controller):
    columns = 132
    left = 2

    def obey(self, code: int, arguments: list[int]) -> None:
        super().obey(code, arguments)
        if code < 0x10:
            self.column = self.column & 0xF0 | code
        elif code < 0x20:
            self.column = self.column & 0x0F | (code & 0x0F) << 4
        elif 0xB0 <= code < 0xB8:
            self.page = code & 7

    def advance(self) -> None:
        if self.column < self.columns - 1:
            self.column += 1


class Wire:
    """A bus with one controller on it, or none while it is unplugged."""

    def __init__(self, controller: Controller | Lcd | Paper) -> None:
        self.controller = controller
        self.hertz = 0
        """Clock of an SPI bus."""
        self.plugged = True
        self.address = 0x3C
        self.opened = 0
        """Descriptors that are open."""
        self.refuse: OSError | None = None

    def i2c(self, address: int, message: bytes) -> None:
        if self.refuse is not None:
            raise self.refuse
        if not self.plugged or address != self.address:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        if message[0] == 0x40:
            self.controller.data(message[1:])
        else:
            assert message[0] == 0x00
            self.controller.command(message[1:])

    def unplug(self) -> None:
        self.plugged = False
        self.controller.forget()


def wire_i2c(monkeypatch: pytest.MonkeyPatch, controller: Controller) -> Wire:
    """Put `controller` on /dev/i2c-1."""
    import smbus2

    wire = Wire(controller)

    class SMBus:
        def __init__(self, port: int) -> None:
            assert port == 1
            wire.opened += 1

        def write_i2c_block_data(self, address: int, register: int, data: list[int]) -> None:
            assert len(data) <= 32
            wire.i2c(address, bytes([register, *data]))

        def i2c_rdwr(self, message: Any) -> None:
            wire.i2c(message.addr, bytes(list(message)))

        def close(self) -> None:
            wire.opened -= 1

    monkeypatch.setattr(smbus2, "SMBus", SMBus)
    monkeypatch.setattr(OledSettings, "node", property(lambda _: "/dev/null"))
    return wire


def wire_spi(
    monkeypatch: pytest.MonkeyPatch, controller: Controller | Lcd | Paper, pins: Any, dc: int = 24, device: int = 0
) -> Wire:
    """Put `controller` on /dev/spidev0.`device`; `pins` is gpiozero's mock factory."""
    wire = Wire(controller)
    number = device

    class SpiDev:
        max_speed_hz = 0

        def open(self, port: int, device: int) -> None:
            assert (port, device) == (0, number)
            wire.opened += 1

        def writebytes(self, data: list[int]) -> None:
            wire.hertz = self.max_speed_hz
            assert len(data) <= 4096
            if wire.plugged:  # SPI has no acknowledgements
                (controller.data if pins.pin(dc).state else controller.command)(bytes(data))

        def close(self) -> None:
            wire.opened -= 1

    module = ModuleType("spidev")
    module.SpiDev = SpiDev  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spidev", module)
    monkeypatch.setattr(EpaperSettings, "node", property(lambda _: "/dev/null"))
    monkeypatch.setattr(OledSettings, "node", property(lambda _: "/dev/null"))
    return wire


def mock_pins() -> Iterator[Any]:
    """Have gpiozero's devices be on pins that are not there; the body of a fixture."""
    from gpiozero import Device
    from gpiozero.pins.mock import MockFactory

    before = Device.pin_factory
    Device.pin_factory = factory = MockFactory()
    yield factory
    factory.reset()
    Device.pin_factory = before


def picture(seed: int = 1, size: tuple[int, int] = (128, 64)) -> Image.Image:
    """Return an image in which no two places look alike."""
    import random

    octets = random.Random(seed).randbytes((size[0] + 7) // 8 * size[1])
    return Image.frombytes("1", size, octets)

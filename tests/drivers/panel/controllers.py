"""Controllers that decode their input, behind replacements for smbus2 and spidev."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from PIL import Image
from tests.drivers.panel.lcd_controllers import Lcd
from tests.drivers.panel.oled_controllers import Controller
from tests.drivers.panel.paper_controller import Paper

from whimbrel.drivers.panel.settings import EpaperSettings, OledSettings


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

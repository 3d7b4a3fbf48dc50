"""A panel that is not there: it records what its driver sends, for `play`."""

from __future__ import annotations

import re
from binascii import crc32
from typing import TYPE_CHECKING, Any

from whimbrel.drivers.panel.oled import KHZ, OledPanel
from whimbrel.splash.play import COMMAND, DATA, HEAD, I2C, LINE, MAGIC, NONE, SPI, STEP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.Image import Image

    from whimbrel.drivers.panel.settings import OledSettings

_NODE = re.compile(r"/dev/((?:i2c-|spidev)[0-9.]{1,8})")


class Tape:
    """In the place of luma's serial interface, and of the lines of a panel."""

    LOW, HIGH, OUT = 0, 1, 0

    def __init__(self) -> None:
        self.steps = bytearray()

    def command(self, *octets: int) -> None:
        """Record a command."""
        self._add(COMMAND, bytes(octets))

    def data(self, octets: Iterable[int]) -> None:
        """Record data."""
        self._add(DATA, bytes(octets))

    def setup(self, pin: int, direction: int) -> None:
        """Do nothing: every line is an output."""

    def output(self, pin: int, value: int) -> None:
        """Record the level of a line."""
        self._add(LINE, bytes([pin, bool(value)]))

    def cleanup(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def _add(self, kind: int, octets: bytes) -> None:
        self.steps += STEP.pack(kind, len(octets)) + octets


class RecordedPanel(OledPanel):
    """Records everything from the controller's start on."""

    def __init__(self, settings: OledSettings) -> None:
        super().__init__(settings)
        self.tape = Tape()

    @staticmethod
    def check(settings: OledSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing: no hardware is needed."""
        return ()

    def _i2c(self) -> Any:
        return self.tape

    def _spi(self) -> Any:
        self._lines = self.tape
        if self._settings.reset is not None:
            for level in (0, 1):
                self.tape.output(self._settings.reset, level)
        return self.tape


def record(settings: OledSettings, image: Image, text: bytes, level: float = 1.0) -> bytes:
    """Return the tape that shows `image` at the brightness `level`, for the panel of `settings`, read from `text`.

    Raises `whimbrel.module.NotReady` where luma is missing or cannot drive such a panel, ValueError for a bus of an
    unexpected name.
    """
    node = _NODE.fullmatch(settings.node)
    if node is None:
        raise ValueError(f"{settings.node} is no bus that a picture could be shown on")
    panel = RecordedPanel(settings)
    panel.open()
    panel.dim(level)
    panel.show(image)
    name = node[1].encode()
    spi = settings.bus == "spi"
    lines = (settings.dc, settings.reset, settings.backlight) if spi else (None, None, None)
    head = HEAD.pack(
        MAGIC, SPI if spi else I2C, settings.address, int(settings.speed[:-3]) * KHZ[settings.speed[-3:]],
        len(text), crc32(text), *(NONE if line is None else line for line in lines), len(name),
    )  # fmt: skip
    return head + name + bytes(panel.tape.steps)

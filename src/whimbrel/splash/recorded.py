"""Panels that are not there: they record what their drivers send, for `play`."""

from __future__ import annotations

import re
from binascii import crc32
from typing import TYPE_CHECKING, Any

from whimbrel.drivers.panel.epaper import SPEED, EpaperPanel
from whimbrel.drivers.panel.oled import KHZ, OledPanel
from whimbrel.drivers.panel.settings import EpaperSettings, OledSettings
from whimbrel.splash.play import COMMAND, DATA, HEAD, I2C, LINE, MAGIC, NONE, SPI, STEP, WAIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PIL.Image import Image

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

    def wait(self) -> None:
        """Record that the panel is waited for."""
        self._add(WAIT, b"")

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


class RecordedPaper(EpaperPanel):
    """Records everything from the controller's start on; the memory of e-paper is taken for unknown."""

    def __init__(self, settings: EpaperSettings) -> None:
        super().__init__(settings)
        self.tape = Tape()
        self._data = False  # whether what is sent next is data

    @staticmethod
    def check(settings: EpaperSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing: no hardware is needed."""
        return ()

    def _claim(self) -> None:
        self._spi, self._dc = self, TapedLine(self._choose)
        self._reset = TapedLine(lambda level: self.tape.output(self._settings.reset, level))

    def _choose(self, level: bool) -> None:
        self._data = level

    def writebytes(self, octets: list[int]) -> None:
        """Record what goes over the bus."""
        if self._data:
            self.tape.data(octets)
        else:
            self.tape.command(*octets)

    def _wait(self, longest: float | None = None) -> None:
        self.tape.wait()


class TapedLine:
    """In the place of gpiozero's output."""

    def __init__(self, output: Callable[[bool], object]) -> None:
        self._output = output

    def on(self) -> None:
        """Raise it."""
        self._output(True)

    def off(self) -> None:
        """Lower it."""
        self._output(False)


AnyPanelSettings = OledSettings | EpaperSettings


def recorder(settings: AnyPanelSettings) -> RecordedPanel | RecordedPaper:
    """Return the panel of `settings` that records."""
    return RecordedPaper(settings) if isinstance(settings, EpaperSettings) else RecordedPanel(settings)


def record(settings: AnyPanelSettings, image: Image, text: bytes, level: float = 1.0) -> bytes:
    """Return the tape that shows `image` at the brightness `level`, for the panel of `settings`, read from `text`.

    Raises `whimbrel.module.NotReady` where luma is missing or cannot drive such a panel, ValueError for a bus of an
    unexpected name.
    """
    node = _NODE.fullmatch(settings.node)
    if node is None:
        raise ValueError(f"{settings.node} is no bus that a picture could be shown on")
    panel = recorder(settings)
    panel.open()
    panel.dim(level)
    panel.show(image)
    return _head(settings, text, node[1].encode()) + bytes(panel.tape.steps)


def _head(settings: AnyPanelSettings, text: bytes, node: bytes) -> bytes:
    bus, address, speed = SPI, 0, SPEED
    lines: tuple[int | None, ...] = (None,) * 4
    if isinstance(settings, EpaperSettings):
        lines = (settings.dc, settings.reset, None, settings.busy)
    else:
        address = settings.address
        speed = int(settings.speed[:-3]) * KHZ[settings.speed[-3:]]
        if settings.bus == "spi":
            lines = (settings.dc, settings.reset, settings.backlight, None)
        else:
            bus = I2C
    numbers = (NONE if line is None else line for line in lines)
    return HEAD.pack(MAGIC, bus, address, speed, len(text), crc32(text), *numbers, len(node)) + node

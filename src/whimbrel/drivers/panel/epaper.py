"""E-paper with an SSD1680 or SSD1608 controller on SPI, by spidev and gpiozero.

No library that a distribution has drives these panels: Waveshare's is a folder of examples, and Pimoroni's needs
numpy. The waveforms are those in the controller's own memory, for its own temperature.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.drivers import lines as gpio
from whimbrel.drivers import nodes
from whimbrel.drivers.panel.first_picture import take_over
from whimbrel.drivers.ports import PanelGone
from whimbrel.module import NotReady

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.drivers.panel.settings import EpaperSettings


class PaperBoard(NamedTuple):
    """The connection of glass and controller on a board."""

    controller: str
    columns: int
    """Columns of the memory that are written, a multiple of 8; lines of the memory are the picture's columns."""
    first: int
    """Column of the memory of the glass's first one."""
    quarters: int
    """Quarter turns clockwise from the picture to the memory."""
    source: int
    """Second argument of Display Update Control 1: the outputs that the glass is connected to."""
    partial: bool
    """Whether its memory holds a waveform for partial refreshes."""


BOARDS = {
    "waveshare-2.13": PaperBoard("SSD1680", 128, 0, 3, 0x80, partial=True),
    "inky-phat": PaperBoard("SSD1608", 136, 8, 1, 0x00, partial=False),
}
SIZE = (250, 122)
"""Width and height, of both."""
_RESET, _DRIVER, _MODE, _BORDER, _SENSOR = 0x12, 0x01, 0x11, 0x3C, 0x18
_X, _Y, _X_AT, _Y_AT, _NEW, _OLD = 0x44, 0x45, 0x4E, 0x4F, 0x24, 0x26
_CONTROL_1, _CONTROL_2, _ACTIVATE = 0x21, 0x22, 0x20
"""Commands by the SSD1680 datasheet, section 7."""
_FULL, _PARTIAL = 0xF7, 0xFF
"""Sequences of Display Update Control 2: temperature, waveform of display mode 1 or 2, display, and everything off."""
_LONGEST = 30.0
"""Seconds that a refresh takes at most; 2 to 15 in the cold, by the colour."""
_PARTING = 4.0
"""Seconds that `close` waits for the last refresh: less than `daemon.stop_timeout`."""
_LOOK = 0.01
SPEED = 4_000_000
"""Clock of the bus in Hz."""
_CHUNK = 4096
"""Octets of one transfer: spidev's limit unless the kernel was told otherwise."""


class EpaperPanel:
    """One panel. It refreshes only what differs, and keeps its last picture without power."""

    mode = "1"
    size = SIZE

    def __init__(self, settings: EpaperSettings) -> None:
        self._settings = settings
        self._board = BOARDS[settings.board]
        self.description = f"{self._board.controller} 250x122 at SPI 0.{settings.device}"
        self.last: Image | None = None
        self._spi: Any = None
        self._devices: list[Any] = []
        self._acquired = False  # the pin library, which is to be released even if there are no lines yet
        self._dc: Any = None
        self._reset: Any = None
        self._busy: Any = None
        self._held = b""  # the memory's content, as it is on the glass; empty if unknown
        self._partials = 0

    @staticmethod
    def check(settings: EpaperSettings) -> Iterable[tuple[str, str]]:
        """Yield the things that this machine lacks for the panel."""
        if problem := nodes.obstacle(Path(settings.node), "spi"):
            yield "device", problem
        if problem := gpio.problem() or "":
            yield "dc", problem

    @staticmethod
    def claims(settings: EpaperSettings) -> Iterable[tuple[str, str]]:
        """Yield its lines."""
        for name in ("dc", "reset", "busy"):
            yield name, f"GPIO line {getattr(settings, name)}"

    def open(self) -> None:
        """Wake the controller. Raises `NotReady` with the missing thing and advice."""
        for _, problem in self.check(self._settings):
            raise NotReady(problem)
        try:
            self._set_up()
        except BaseException:
            self._let_go()
            raise

    def show(self, image: Image) -> None:
        """Refresh the glass if the image differs from it; return after the refresh. Raises `PanelGone`."""
        if self._spi is None:
            raise PanelGone(f"{self.description} is not open")
        octets = packed(image, self._board, self._settings.rotate)
        if octets == self._held:
            return
        try:
            self._refresh(octets, partial=bool(self._held) and self._partials < self._settings.full_every)
            self._wait()
        except OSError as error:
            self._held = b""
            raise PanelGone(f"{self.description}: {error.strerror or error}") from error

    def stale(self) -> bool:
        """Return False: the picture stays, and a panel on SPI cannot be asked whether it is there."""
        return False

    def dim(self, level: float) -> None:
        """Do nothing: paper has no light, and its picture costs nothing."""

    def close(self) -> None:
        """Leave the last picture behind, and release bus and lines after its refresh, but in `_PARTING` seconds."""
        if self._spi is not None and self.last is not None:
            with contextlib.suppress(OSError, PanelGone):
                octets = packed(self.last, self._board, self._settings.rotate)
                if octets != self._held:
                    self._refresh(octets, partial=bool(self._held))
                    # A released reset line may fall, and would end the refresh half-way.
                    self._wait(_PARTING)
        self._let_go()

    def _set_up(self) -> None:
        self._claim()
        try:
            self._wake()
        except OSError as error:
            raise NotReady(f"{self.description}: {error.strerror or error}") from error
        except PanelGone as error:
            raise NotReady(str(error)) from error
        self._held, self._partials = b"", 0

    def _claim(self) -> None:
        """Open the bus, and take the lines. Raises `NotReady`."""
        try:
            import spidev
        except ImportError:
            raise NotReady("the display needs spidev: apt install python3-spidev") from None
        settings = self._settings
        factory = gpio.acquire()
        self._acquired = True
        try:
            from gpiozero import DigitalInputDevice, OutputDevice

            take_over((settings.dc, settings.reset, settings.busy))
            self._dc = OutputDevice(settings.dc, pin_factory=factory)
            self._devices.append(self._dc)
            self._reset = OutputDevice(settings.reset, initial_value=True, pin_factory=factory)
            self._devices.append(self._reset)
            self._busy = DigitalInputDevice(settings.busy, pull_up=False, pin_factory=factory)
            self._devices.append(self._busy)
        except Exception as error:  # gpiozero passes on the errors of its pin library, of any class
            raise NotReady(f"the display's lines cannot be used: {error}") from error
        try:
            self._spi = spidev.SpiDev()
            self._spi.open(0, settings.device)
            self._spi.max_speed_hz = SPEED
        except OSError as error:
            raise NotReady(f"{self.description}: {error.strerror or error}") from error

    def _wake(self) -> None:
        """Reset the controller. Raises OSError, `PanelGone`."""
        self._reset.off()
        time.sleep(0.01)
        self._reset.on()
        time.sleep(0.01)
        self._wait()
        self._command(_RESET)
        self._wait()

    def _refresh(self, octets: bytes, *, partial: bool) -> None:
        """Write both memories, and begin a refresh."""
        board = self._board
        partial = partial and board.partial
        last = SIZE[0] - 1
        self._command(_DRIVER, last & 0xFF, last >> 8, 0)
        self._command(_MODE, 0x03)
        self._command(_X, 0, board.columns // 8 - 1)
        self._command(_Y, 0, 0, last & 0xFF, last >> 8)
        self._command(_BORDER, 0x80 if partial else 0x05)
        self._command(_CONTROL_1, 0x00, board.source)
        self._command(_SENSOR, 0x80)
        # Without partial refreshes this memory holds the pixels in the panel's colour, red or yellow: none.
        self._write(_OLD, self._held if partial else octets if board.partial else bytes(len(octets)))
        self._write(_NEW, octets)
        self._command(_CONTROL_2, _PARTIAL if partial else _FULL)
        self._command(_ACTIVATE)
        self._held = octets
        self._partials = self._partials + 1 if partial else 0

    def _write(self, memory: int, octets: bytes) -> None:
        self._command(_X_AT, 0)
        self._command(_Y_AT, 0, 0)
        self._command(memory)
        self._dc.on()
        for at in range(0, len(octets), _CHUNK):
            self._spi.writebytes(list(octets[at : at + _CHUNK]))

    def _command(self, code: int, *arguments: int) -> None:
        self._dc.off()
        self._spi.writebytes([code])
        if arguments:
            self._dc.on()
            self._spi.writebytes(list(arguments))

    def _wait(self, longest: float | None = None) -> None:
        """Return when the controller is idle. Raises `PanelGone` if it stays busy, as without a panel."""
        until = time.monotonic() + (_LONGEST if longest is None else longest)
        while self._busy.value:
            if time.monotonic() > until:
                raise PanelGone(f"{self.description} stays busy (GPIO {self._settings.busy}): is it plugged in?")
            time.sleep(_LOOK)

    def _let_go(self) -> None:
        spi, self._spi = self._spi, None
        if spi is not None:
            with contextlib.suppress(OSError):
                spi.close()
        devices, self._devices = self._devices, []
        for device in devices:
            device.close()
        if self._acquired:
            self._acquired = False
            gpio.release()
        self._held = b""


def packed(image: Image, board: PaperBoard, rotate: int = 0) -> bytes:
    """Return the memory for an image of mode ``1``: black ink where it is light, a bit 1 for white paper.

    `rotate`: half turns of two quarters, 0 or 2.
    """
    from PIL.Image import Transpose, new

    turns = (None, Transpose.ROTATE_270, Transpose.ROTATE_180, Transpose.ROTATE_90)
    turn = turns[(board.quarters + rotate) % 4]
    turned = image if turn is None else image.transpose(turn)
    memory = new("1", (board.columns, turned.height))
    memory.paste(turned, (board.first, 0))
    return memory.tobytes("raw", "1;I")

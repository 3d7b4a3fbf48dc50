"""Displays driven by luma: OLEDs and small colour panels, on I2C or SPI."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whimbrel.drivers import lines, nodes
from whimbrel.drivers.panel.settings import CHIPS, OledSettings
from whimbrel.drivers.ports import PanelGone
from whimbrel.late import load
from whimbrel.module import NotReady

if TYPE_CHECKING:
    from PIL.Image import Image

_NOBODY = (errno.EREMOTEIO, errno.ENXIO, errno.EIO, errno.ETIMEDOUT)
"""Errors of the kernel's I2C drivers if no device acknowledges."""
KHZ = {"kHz": 1_000, "MHz": 1_000_000}
"""Units of a clock in the settings, in Hz."""


class OledPanel:
    """One panel. Between `open` and `close` it owns the device node of the bus and, on SPI, two GPIO lines."""

    def __init__(self, settings: OledSettings) -> None:
        self._settings = settings
        self._chip = CHIPS[settings.chip]
        width, height = settings.full_size
        self.size = (width, height) if settings.rotate % 2 == 0 else (height, width)
        self.mode = self._chip.mode
        where = f"I2C {settings.port or 1}, {settings.address:#04x}"
        if settings.bus == "spi":
            where = f"SPI {settings.port or 0}.{settings.device}"
        self.description = f"{settings.chip.upper()} {width}x{height} at {where}"
        self._device: Any = None
        self._serial: Any = None
        self._lines: Any = None
        self._level = 1.0
        self._image: Image | None = None  # the last one, which an LCD shows again when it is dimmed

    @staticmethod
    def check(settings: OledSettings) -> Iterable[tuple[str, str]]:
        """Yield the things that this machine lacks for the panel."""
        if problem := nodes.obstacle(Path(settings.node), settings.bus):
            yield "port", problem
        width, height = settings.full_size
        rows = height if settings.rotate % 2 == 0 else width
        if CHIPS[settings.chip].mode == "1" and rows % 8:
            yield "height", f"a {settings.chip} holds its image in pages of 8 rows; {rows} is no multiple of 8"
        if settings.bus == "i2c" and CHIPS[settings.chip].mode != "1":
            yield "bus", f"a {settings.chip} has no I2C; set bus: spi"
        if settings.bus == "spi" and (problem := lines.problem() or ""):
            yield "dc", problem

    @staticmethod
    def claims(settings: OledSettings) -> Iterable[tuple[str, str]]:
        """Yield the lines of a panel on SPI."""
        if settings.bus == "spi":
            yield "dc", f"GPIO line {settings.dc}"
            if settings.reset is not None:
                yield "reset", f"GPIO line {settings.reset}"
            if settings.backlight is not None:
                yield "backlight", f"GPIO line {settings.backlight}"

    def open(self) -> None:
        """Initialise the panel. Raises `NotReady` with the missing thing and advice."""
        for _, problem in self.check(self._settings):
            raise NotReady(problem)
        try:
            self._set_up()
        except BaseException:
            self._let_go()
            raise

    def show(self, image: Image) -> None:
        """Send the changed parts of the image. Raises `PanelGone`."""
        self._image = image
        with self._answering():
            self._device.display(image)

    def stale(self) -> bool:
        """Check that an I2C panel is present, which is impossible on SPI. Raises `PanelGone`; the image is kept."""
        if self._settings.bus == "i2c":
            from whimbrel.drivers.panel.luma import NOP

            with self._answering():
                self._serial.command(NOP)
        return False

    def dim(self, level: float) -> None:
        """Set the contrast; 0 switches the panel off. Raises `PanelGone`."""
        if level <= 0:
            with self._answering():
                self._darken()
        elif self._level <= 0:
            # A panel that was unplugged meanwhile has lost its configuration, and SPI does not notice.
            try:
                self.close()
                self.open()
            except NotReady as missing:
                raise PanelGone(str(missing)) from missing
        self._level = level
        if level > 0:
            with self._answering():
                self._set_level(min(level, 1.0))

    @property
    def _package(self) -> str:
        return "python3-luma.lcd" if self._chip.mode == "P" else "python3-luma.oled"

    def close(self) -> None:
        """Switch the panel off and release the bus."""
        if self._device is not None:
            with contextlib.suppress(PanelGone), self._answering():
                self._darken()
        self._let_go()

    def _darken(self) -> None:
        self._device.hide()
        if self._chip.mode == "P":
            self._device.backlight(False)

    def _set_level(self, level: float) -> None:
        """Set the brightness; that of an LCD is the brightness of its colours."""
        if self._chip.mode != "P":
            self._device.contrast(round(self._settings.contrast * level))
        elif level != self._device.level:
            self._device.level = level
            if self._image is not None:
                self._device.display(self._image)

    def _options(self) -> dict[str, Any]:
        """Return the options of luma's class for an LCD."""
        if self._chip.mode != "P":
            return {}
        from whimbrel.drivers.panel.luma import NoLight

        settings = self._settings
        light = NoLight() if settings.backlight is None else self._lines
        options = {
            "gpio": light,
            "gpio_LIGHT": settings.backlight,
            "active_low": False,
            "offset": (settings.offset_x, settings.offset_y),
        }
        return options | ({"bgr": settings.bgr} if settings.chip == "st7735" else {})

    def _set_up(self) -> None:
        settings = self._settings
        try:
            from luma.core.error import DeviceDisplayModeError, Error

            from whimbrel.drivers.panel.luma import NOP, make_device
        except ImportError as missing:
            raise NotReady(
                f"the display needs luma ({missing.name} is not installed): apt install {self._package}"
            ) from missing
        try:
            load(self._chip.driver)  # takes seconds on a Zero, while the first picture can still be there
            self._serial = self._i2c() if settings.bus == "i2c" else self._spi()
            if settings.bus == "i2c":
                self._serial.command(NOP)
            self._device = make_device(self._chip, self._serial, settings.full_size, settings.rotate, **self._options())
            if self._chip.mode != "P":
                self._device.contrast(settings.contrast)
        except ImportError as missing:
            raise NotReady(f"the display needs the Python package {missing.name}, which is not installed") from missing
        except DeviceDisplayModeError:
            width, height = settings.full_size
            raise NotReady(
                f"a {settings.chip} has no {width}x{height} pixels; set display.oled.width and height"
            ) from None
        except (OSError, Error) as error:
            raise NotReady(self._no_answer(error)) from error

    def _i2c(self) -> Any:
        from luma.core.interface.serial import i2c

        return i2c(port=self._settings.port if self._settings.port is not None else 1, address=self._settings.address)

    def _spi(self) -> Any:
        from luma.core.interface.serial import spi

        from whimbrel.drivers.panel.first_picture import take_over
        from whimbrel.drivers.panel.lines import Lines

        settings = self._settings
        self._lines = Lines()
        take_over(line for line in (settings.dc, settings.reset, settings.backlight) if line is not None)
        return spi(
            gpio=self._lines,
            port=settings.port or 0,
            device=settings.device,
            bus_speed_hz=int(settings.speed[:-3]) * KHZ[settings.speed[-3:]],
            gpio_DC=settings.dc,
            gpio_RST=settings.reset,
            reset_hold_time=0.001,
            reset_release_time=0.001,
        )

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn the errors of the bus and of luma into `PanelGone`."""
        if self._device is None:
            raise PanelGone(f"{self.description} is not open")
        from luma.core.error import Error

        try:
            yield
        except (OSError, Error) as error:
            raise PanelGone(self._no_answer(error)) from error

    def _no_answer(self, error: Exception) -> str:
        settings = self._settings
        number = error.errno if isinstance(error, OSError) else None
        if settings.bus == "i2c":
            if number == errno.EBUSY:
                return f"{settings.node}: address {settings.address:#04x} is in use by a driver of the kernel"
            if number in _NOBODY or number is None:
                return (
                    f"no display answers at address {settings.address:#04x} of {settings.node}; see that it is plugged "
                    f"in, and which address 'i2cdetect -y {settings.node.rpartition('-')[2]}' shows"
                )
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return f"{self.description}: {reason}"

    def _let_go(self) -> None:
        serial, self._serial, self._device = self._serial, None, None
        lines, self._lines = self._lines, None
        with contextlib.suppress(OSError):
            if serial is not None:
                serial.cleanup()
        if lines is not None:
            lines.close()

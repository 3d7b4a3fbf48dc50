"""The GPIO lines of an SPI panel with gpiozero, behind the interface of RPi.GPIO that luma uses."""

from __future__ import annotations

from typing import Any

from whimbrel.drivers import lines
from whimbrel.module import NotReady


class Lines:
    """Output lines by their BCM number. It is not RPi.GPIO because that cannot coexist with the buttons' gpiozero."""

    LOW = 0
    HIGH = 1
    OUT = 0

    def __init__(self) -> None:
        """Raises `NotReady` if this machine has no lines."""
        self._factory = lines.acquire()
        self._lines: dict[int, Any] = {}

    def setup(self, pin: int, _direction: int) -> None:
        """Claim a line for output. Raises `NotReady` if it is unavailable."""
        from gpiozero import OutputDevice

        try:
            self._lines[pin] = OutputDevice(pin, pin_factory=self._factory)
        except Exception as error:  # gpiozero passes on the errors of its pin library, of any class
            raise NotReady(f"GPIO {pin} cannot be used for the display: {error}") from error

    def output(self, pin: int, value: int) -> None:
        """Set a line."""
        self._lines[pin].value = value

    def close(self) -> None:
        """Release every line."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()
        lines.release()

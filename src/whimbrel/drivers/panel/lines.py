"""The GPIO lines of an SPI panel through gpiozero, in the words that luma speaks to RPi.GPIO."""

from __future__ import annotations

from typing import Any

from whimbrel.drivers import lines
from whimbrel.module import NotReady


class Lines:
    """Output lines by their BCM number. Not RPi.GPIO itself: the buttons use gpiozero, and two cannot share."""

    LOW = 0
    HIGH = 1
    OUT = 0

    def __init__(self) -> None:
        """Raises `NotReady` where this machine has no lines."""
        self._factory = lines.acquire()
        self._lines: dict[int, Any] = {}

    def setup(self, pin: int, _direction: int) -> None:
        """Take a line for output. Raises `NotReady` where it cannot be had."""
        from gpiozero import OutputDevice

        try:
            self._lines[pin] = OutputDevice(pin, pin_factory=self._factory)
        except Exception as error:  # gpiozero passes on what its pin library raises, of any class
            raise NotReady(f"GPIO {pin} cannot be used for the display: {error}") from error

    def output(self, pin: int, value: int) -> None:
        """Set a line."""
        self._lines[pin].value = value

    def close(self) -> None:
        """Let every line go."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()
        lines.release()

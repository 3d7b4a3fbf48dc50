"""The light that blinks at an alert, through gpiozero."""

from __future__ import annotations

from typing import Any

from whimbrel.drivers import lines
from whimbrel.module import NotReady

ON, PAUSE = 0.15, 0.15
"""Seconds of a blink."""


class Led:
    """One LED. `open` imports and may take long; the other methods return at once."""

    def __init__(self, pin: int, *, active_high: bool = True) -> None:
        self._pin = pin
        self._active_high = active_high
        self._led: Any = None

    def open(self) -> None:
        """Take the line. Raises `NotReady`."""
        factory = lines.acquire()
        try:
            from gpiozero import LED

            self._led = LED(self._pin, active_high=self._active_high, pin_factory=factory)
        except Exception as error:  # gpiozero passes on its pin library's errors of any class
            lines.release()
            raise NotReady(f"GPIO {self._pin} cannot be used for the LED: {error}") from error

    def blink(self, times: int) -> None:
        """Blink in the background; nothing before `open`."""
        if self._led is not None:
            self._led.blink(ON, PAUSE, n=times)

    def close(self) -> None:
        """Switch it off and release the line. Idempotent; never raises."""
        led, self._led = self._led, None
        if led is not None:
            led.close()
            lines.release()

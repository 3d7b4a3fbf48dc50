"""The `Keypad` of keys on GPIO lines, with gpiozero."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from whimbrel.drivers import lines
from whimbrel.drivers.keypad.settings import GpioSettings
from whimbrel.drivers.ports import Edge
from whimbrel.module import NotReady

CHECK = 2.0
"""Seconds between two checks that the lines are still monitored."""


class GpioKeypad:
    """Claims a line for each key; gpiozero's thread reports their changes."""

    def __init__(self, settings: GpioSettings) -> None:
        self.settings = settings
        pins = ", ".join(map(str, sorted(settings.keys.values())))
        self.description = f"{len(settings.keys)} keys on GPIO {pins}"
        self._devices: dict[str, Any] = {}
        self._has_factory = False
        self._held: frozenset[str] = frozenset()
        self._edge: Edge = _nobody
        self._error: Exception | None = None
        # gpiozero treats the level opposite to the pull resistor as active.
        self._inverted = settings.pull != "none" and (settings.pull == "up") != (settings.active == "low")

    @staticmethod
    def check(settings: GpioSettings) -> Iterable[tuple[str, str]]:
        """Yield the obstacles to using the lines."""
        if found := lines.problem(settings.chip):
            yield "chip", found

    @staticmethod
    def claims(settings: GpioSettings) -> Iterable[tuple[str, str]]:
        """Yield the lines of the keys."""
        for key, pin in settings.keys.items():
            yield f"keys.{key}", f"GPIO line {pin}"

    async def open(self) -> None:
        """Claim the lines. Raises `NotReady` with the line that is unavailable, and the reason."""
        claiming = asyncio.ensure_future(asyncio.to_thread(self._claim_all))
        try:
            await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # The thread cannot be stopped; the lines that it still claims must be released.
            await asyncio.wait([claiming])
            await self.close()
            raise
        except BaseException:
            await self.close()
            raise
        self._held = frozenset(key for key, device in self._devices.items() if self._is_down(device))

    def held(self) -> Iterable[str]:
        """Return the keys whose lines were active at the opening."""
        return self._held

    async def run(self, edge: Edge) -> None:
        """Report changes until cancelled; they come from gpiozero's thread. Raises `NotReady` if that has ended."""
        self._edge = edge
        try:
            for key, device in self._devices.items():
                device.when_activated = partial(self._changed, key, True)
                device.when_deactivated = partial(self._changed, key, False)
                if (down := self._is_down(device)) != (key in self._held):
                    edge(key, down, time.monotonic())
            while True:
                await asyncio.sleep(CHECK)
                self._check()
        finally:
            self._edge = _nobody

    def _check(self) -> None:
        """Raise the error that has ended the reports of keys, if there is one."""
        if self._error is not None:
            raise self._error
        if not lines.watched():
            raise NotReady("lgpio's thread has ended, so no key would be noticed any more; the lines are claimed again")

    async def close(self) -> None:
        """Free the lines."""
        for device in self._devices.values():
            with contextlib.suppress(Exception):
                device.close()
        self._devices.clear()
        if self._has_factory:
            self._has_factory = False
            lines.release()

    def _claim_all(self) -> None:
        factory = lines.acquire(self.settings.chip)
        self._has_factory = True
        for key, pin in self.settings.keys.items():
            self._devices[key] = self._claim(factory, key, pin)

    def _claim(self, factory: Any, key: str, pin: int) -> Any:
        from gpiozero import DigitalInputDevice, GPIOPinInUse

        settings = self.settings
        try:
            return DigitalInputDevice(
                f"GPIO{pin}",
                pull_up={"up": True, "down": False, "none": None}[settings.pull],
                active_state=settings.active == "high" if settings.pull == "none" else None,
                bounce_time=settings.filter or None,
                pin_factory=factory,
            )
        except GPIOPinInUse as error:
            raise NotReady(
                f"GPIO {pin} ({key}) is used twice by Whimbrel: see the display's pins and the LED"
            ) from error
        except Exception as error:  # lgpio.error, which is known only once lgpio is imported
            if "busy" in str(error).lower():
                why = "another program or driver has it; 'gpioinfo' tells which"
            else:
                why = str(error) or type(error).__name__
            raise NotReady(f"GPIO {pin} ({key}) is unavailable: {why}") from error

    def _is_down(self, device: Any) -> bool:
        return bool(device.is_active) != self._inverted

    def _changed(self, key: str, active: bool) -> None:
        """Pass on a change. It never raises, because an exception would end gpiozero's thread for all keys."""
        try:
            self._edge(key, active != self._inverted, time.monotonic())
        except Exception as error:  # noqa: BLE001  # raised by `run`, where it ends nothing else
            self._error = error


def _nobody(_key: str, _down: bool, _at: float) -> None:
    pass

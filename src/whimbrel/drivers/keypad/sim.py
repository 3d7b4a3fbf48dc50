"""The simulated `Keypad`, which plays a script of presses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from whimbrel.drivers.keypad.script import Stroke, parse
from whimbrel.drivers.keypad.settings import SimKeypadSettings
from whimbrel.drivers.ports import Edge

TAP = 0.05
"""Duration of a short press in seconds."""


class SimKeypad:
    """Plays its script, from the beginning at each opening."""

    def __init__(self, settings: SimKeypadSettings) -> None:
        self.settings = settings
        self._script = [parse(word) for word in settings.script]
        presses = sum(isinstance(step, Stroke) for step in self._script)
        self.description = f"simulated keys, {presses} in the script"

    @staticmethod
    def check(settings: SimKeypadSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing."""
        return ()

    @staticmethod
    def claims(settings: SimKeypadSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing: it needs no lines."""
        return ()

    async def open(self) -> None:
        """Do nothing."""

    def held(self) -> tuple[str, ...]:
        """Return nothing: no key is down at the start."""
        return ()

    async def run(self, edge: Edge) -> None:
        """Play the script, once or repeatedly, then wait until cancelled."""
        settings = self.settings
        while True:
            for step in self._script:
                if isinstance(step, Stroke):
                    await self._press(step, edge)
                    await asyncio.sleep(settings.every)
                else:
                    await asyncio.sleep(step)
            if not (settings.again and self._script):
                await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        """Do nothing."""

    async def _press(self, stroke: Stroke, edge: Edge) -> None:
        edge(stroke.key, True, time.monotonic())
        try:
            await asyncio.sleep(self.settings.hold if stroke.long else TAP)
        finally:
            edge(stroke.key, False, time.monotonic())

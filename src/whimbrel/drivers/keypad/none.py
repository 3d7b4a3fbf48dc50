"""The `Keypad` of a device without keys; the control socket can still send presses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from whimbrel.drivers.ports import Edge


class NoKeypad:
    """Never reports a change."""

    description = "no keypad"

    def __init__(self, settings: None = None) -> None:
        pass

    @staticmethod
    def check(settings: None) -> Iterable[tuple[str, str]]:
        """Yield nothing."""
        return ()

    @staticmethod
    def claims(settings: None) -> Iterable[tuple[str, str]]:
        """Yield nothing: it needs no lines."""
        return ()

    async def open(self) -> None:
        """Do nothing."""

    def held(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    async def run(self, edge: Edge) -> None:
        """Wait until cancelled."""
        await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        """Do nothing."""

"""The `Keypad` of a device without keys; the control socket can still press some."""

from __future__ import annotations

import asyncio

from whimbrel.drivers.ports import Edge


class NoKeypad:
    """Never reports a change."""

    description = "no keypad"

    def __init__(self, settings: None = None) -> None:
        pass

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

"""A module whose import, settings or constructor end what they can, for as long as a file is there."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from whimbrel.module import Context, Module
from whimbrel.settings import frozen, setting, validates

if Path(os.environ["LEAVING"]).exists():
    sys.exit(0)


@frozen
class LeavingSettings:
    how: str = setting("", help="What it does: exit, attribute, cancel.")

    @validates("how")
    def _validate(self, value: str) -> None:
        if value == "exit":
            sys.exit(0)
        if value == "attribute":
            raise AttributeError("nobody has that")


class Leaving(Module[LeavingSettings]):
    Settings = LeavingSettings

    def __init__(self, ctx: Context[Any]) -> None:
        super().__init__(ctx)
        if self.settings.how == "cancel":
            raise asyncio.CancelledError

    async def run(self) -> None:
        self.ctx.ready()
        await self.ctx.stopping.wait()

"""A module that does what the settings say a module should not."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from whimbrel.events.air import AccessPointFound
from whimbrel.module import Module, NotReady
from whimbrel.settings import frozen, setting


@frozen
class MisbehavingSettings:
    how: Literal["raise", "hang", "block", "ignore", "missing"] = setting(help="What it does.")


class Misbehaving(Module[MisbehavingSettings]):
    Settings = MisbehavingSettings

    async def run(self) -> None:
        how = self.settings.how
        if how == "missing":
            raise NotReady("no /dev/nothing")
        if how == "hang":
            await asyncio.sleep(3600)
        self.ctx.ready()
        if how == "raise":
            raise ValueError("this module raises")
        if how == "block":
            await self.ctx.subscribe(AccessPointFound).read()
            time.sleep(3600)  # noqa: ASYNC251  # what a module must not do is what is tested
        while how == "ignore":
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue

"""The news of this process for the device's panel: a file that the daemon reads."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, ClassVar

from whimbrel import reach_files
from whimbrel.bus import Lagged
from whimbrel.events.reach import (
    BrokerConnected,
    BrokerLost,
    LogServerConnected,
    LogServerLost,
    MessageSent,
    PageServed,
)
from whimbrel.module import Context, Module, NoSettings, Side, Stage

EVERY = 15.0
"""Seconds between two writes without news, by which the daemon knows that this process lives."""
_KINDS = (BrokerConnected, BrokerLost, LogServerConnected, LogServerLost, MessageSent, PageServed)


class PanelNews(Module[NoSettings]):
    """Keeps `whimbrel.reach_files.STATE`: broker, log server, page, the last message, and what waits."""

    stage: ClassVar[Stage] = Stage.SINK
    side: ClassVar[Side] = Side.REACH

    def __init__(self, ctx: Context[NoSettings]) -> None:
        super().__init__(ctx)
        self._values: dict[str, Any] = {}

    async def run(self) -> None:
        """Write until asked to stop."""
        news = self.ctx.subscribe(*_KINDS)
        self.ctx.ready()
        try:
            while not self.ctx.stopping.is_set():
                await self._write()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(EVERY):
                        event = await news.read()
                        if not isinstance(event, Lagged):
                            take(self._values, event.body, event.time)
        except EOFError:  # the subscription is closed: the module is to end
            pass
        finally:
            await asyncio.to_thread(reach_files.remove, reach_files.STATE)

    async def _write(self) -> None:
        try:
            await asyncio.to_thread(reach_files.write, reach_files.STATE, self._values)
        except OSError as error:
            self.ctx.warn("panel", f"the panel learns nothing of this process: {error.filename}: {error.strerror}")
        else:
            self.ctx.clear("panel")


def take(values: dict[str, Any], body: object, moment: float) -> None:
    """Enter an event into the values of the file."""
    if isinstance(body, BrokerConnected):
        values |= {"broker": "connected", "broker_waiting": body.waiting}
    elif isinstance(body, BrokerLost):
        values |= {"broker": body.reason, "broker_waiting": body.waiting}
    elif isinstance(body, LogServerConnected):
        values |= {"log_server": "connected", "log_server_waiting": body.waiting}
    elif isinstance(body, LogServerLost):
        values |= {"log_server": body.reason, "log_server_waiting": body.waiting}
    elif isinstance(body, MessageSent):
        values |= {"sent": body.title, "sent_by": body.by, "sent_at": moment, "messages_waiting": body.waiting}
    elif isinstance(body, PageServed):
        values["page"] = body.url

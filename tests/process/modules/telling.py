"""A module of the second process that writes down the alerts and the states of the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from whimbrel.bus import Lagged
from whimbrel.events.alerts import Alert
from whimbrel.events.reach import DaemonReached, DaemonUnreachable
from whimbrel.events.system import DaemonStopping
from whimbrel.module import Module, Side
from whimbrel.settings import frozen, setting


@frozen
class TellingSettings:
    file: Path = setting(help="Where to write.")


class Telling(Module[TellingSettings]):
    Settings = TellingSettings
    side: ClassVar[Side] = Side.REACH

    async def run(self) -> None:
        events = self.ctx.subscribe(Alert, DaemonReached, DaemonUnreachable, DaemonStopping)
        with self.settings.file.open("a", encoding="utf-8") as file:
            self.ctx.ready()
            async for event in events:
                assert not isinstance(event, Lagged)
                file.write(f"{event.body.kind} {getattr(event.body, 'id', '')}".strip() + "\n")
                file.flush()

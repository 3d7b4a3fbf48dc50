"""A module that writes down every finding off the air, for comparing two runs."""

from __future__ import annotations

from pathlib import Path

from whimbrel.bus import Lagged
from whimbrel.events import air
from whimbrel.module import Module
from whimbrel.settings import frozen, setting

FINDINGS = tuple(
    kind
    for kind in vars(air).values()
    if isinstance(kind, type) and kind.__module__ == air.__name__ and kind not in {air.Change, air.AirReport}
)


@frozen
class CollectingSettings:
    file: Path = setting(help="Where to write.")


class Collecting(Module[CollectingSettings]):
    Settings = CollectingSettings

    async def run(self) -> None:
        findings = self.ctx.subscribe(*FINDINGS, capacity=100_000)
        with self.settings.file.open("w", encoding="utf-8") as file:
            self.ctx.ready()
            async for event in findings:
                assert not isinstance(event, Lagged)
                file.write(f"{event.body!r}\n")

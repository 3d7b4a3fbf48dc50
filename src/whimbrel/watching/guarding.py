"""The guarded networks: those of the settings, and the learned ones with their file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.detections.guarded import Guard, GuardedNetwork
from whimbrel.detections.learning import access_points_of, doubts, network_of, stations_of
from whimbrel.errors import WhimbrelError
from whimbrel.events.alerts import NetworksGuarded
from whimbrel.text import ssid as shown_ssid
from whimbrel.watching import guarded_file

if TYPE_CHECKING:
    from whimbrel.detections.engine import Detections
    from whimbrel.module import Context


_KEY = "learned"


class GuardingError(WhimbrelError):
    """A network cannot be learned or forgotten; the message has the reason and advice."""


class LearningDoubt(NamedTuple):
    """A doubt about learning a network."""

    ssid: bytes
    text: str
    """One sentence."""


class LearnedNetworks(NamedTuple):
    """The result of learning."""

    networks: tuple[GuardedNetwork, ...]
    """The networks in their present state."""
    doubts: tuple[LearningDoubt, ...]
    written: bool
    """Whether they are guarded from now on."""


class Guarding:
    """Sets the guarded networks of the detections, and changes the learned ones.

    `guarded` and `trusted` are those of the settings, `file` keeps the others; `now` returns the time of the last
    frame.
    """

    def __init__(
        self,
        ctx: Context[Any],
        detections: Detections,
        guarded: Iterable[GuardedNetwork],
        trusted: Iterable[bytes],
        file: Path | None,
        now: Callable[[], float],
    ) -> None:
        self.configured = tuple(guarded)
        """The networks of the settings."""
        self.file = guarded_file.default_path() if file is None else file
        self._ctx = ctx
        self._detections = detections
        self._trusted = tuple(trusted)
        self._now = now
        self._writing = asyncio.Lock()

    async def open(self) -> None:
        """Guard the learned networks too. A file with a mistake causes a warning."""
        recalled = await asyncio.to_thread(guarded_file.recall, self.file)
        learned = recalled.value or ()
        if recalled.problem:
            instead = "those that were last right are guarded" if learned else "none of them is guarded"
            self._ctx.warn(_KEY, f"{recalled.problem}; {instead}")
        if learned or self.configured:
            self._guard(learned)

    async def learned(self) -> tuple[GuardedNetwork, ...]:
        """Return the present contents of the file. Raises `GuardingError` if it has a mistake."""
        try:
            learned = await asyncio.to_thread(guarded_file.read, self.file)
        except guarded_file.BadFile as error:
            raise GuardingError(f"{error}; correct it: it is not overwritten") from error
        self._ctx.clear(_KEY)
        return learned

    async def learn(
        self,
        names: Iterable[bytes],
        *,
        sure: bool = False,
        dry_run: bool = False,
        channels: bool = False,
        devices: bool = False,
    ) -> LearnedNetworks:
        """Guard networks in their present state; if there are doubts, only if `sure`. Raises `GuardingError`.

        `channels`: also guard their present channels; `devices`: also note the stations that work with them.
        """
        survey, guard = self._detections.survey, self._detections.air.guard
        async with self._writing:
            learned = {bytes(network.ssid): network for network in await self.learned()}
            made: list[GuardedNetwork] = []
            found: list[LearningDoubt] = []
            for name in names:
                heard = access_points_of(survey, name)
                if not heard:
                    raise GuardingError(
                        f'no access point of "{shown_ssid(name)}" is heard; `whimbrel survey` lists the names'
                    )
                try:
                    stations = stations_of(survey, heard) if devices else ()
                    made.append(network_of(name, heard, learned.get(name), channels=channels, stations=stations))
                except ValueError as error:
                    raise GuardingError(str(error)) from error
                known = guard.by_ssid.get(name)
                await asyncio.sleep(0)
                # The alerts are read in the first step: nothing else of these changes between two.
                for text in doubts(survey, self._detections.alerts, name, heard, self._now(), known):
                    if text is None:
                        await asyncio.sleep(0)
                    else:
                        found.append(LearningDoubt(name, text))
            written = not dry_run and (sure or not found)
            if written:
                learned |= {bytes(network.ssid): network for network in made}
                await self._write(tuple(learned.values()))
        return LearnedNetworks(tuple(made), tuple(found), written)

    async def forget(self, name: bytes) -> None:
        """Stop guarding a learned network. Raises `GuardingError`."""
        async with self._writing:
            learned = await self.learned()
            kept = tuple(network for network in learned if network.ssid != name)
            if len(kept) == len(learned):
                inset = any(network.ssid == name for network in self.configured)
                hint = "it is in the settings, under modules.watcher.guarded" if inset else "`whimbrel learn --list`"
                raise GuardingError(f'"{shown_ssid(name)}" was not learned: {hint}')
            await self._write(kept)

    def name_of(self, bssid: bytes) -> bytes:
        """Return the SSID of an access point. Raises `GuardingError` if it is unknown."""
        name = self._detections.air.name_of(bssid)
        if not name:
            raise GuardingError("the SSID of that access point is unknown; a hidden network can be learned once it is")
        return name

    def _guard(self, learned: tuple[GuardedNetwork, ...]) -> None:
        """Guard the networks of the settings and the learned ones from now on."""
        guard = Guard((*self.configured, *learned), self._trusted)
        self._detections.guard_with(guard)
        self._ctx.publish(NetworksGuarded(ssids=tuple(guard.by_ssid), bssids=tuple(guard.by_bssid)))

    async def _write(self, learned: tuple[GuardedNetwork, ...]) -> None:
        try:
            await asyncio.to_thread(guarded_file.write, self.file, learned)
        except guarded_file.BadFile as error:
            raise GuardingError(str(error)) from error
        self._guard(learned)

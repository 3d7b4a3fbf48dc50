"""The `sim` frame source: the frames that one radio hears in a simulated air."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from whimbrel.drivers.ports import Deliver, Losses, RadioGone, next_turn
from whimbrel.drivers.sim.settings import SimSettings
from whimbrel.drivers.sim.shared import join
from whimbrel.events.base import Body
from whimbrel.module import NotReady, ignore
from whimbrel.wifi import linktypes
from whimbrel.wifi.capture_record import CaptureRecord

if TYPE_CHECKING:
    from whimbrel.drivers.sim.medium import Medium
    from whimbrel.drivers.sim.scene import Scene
    from whimbrel.drivers.sim.shared import AirTime

_BATCH = 64
_TICK = 0.02
"""Real seconds between two deliveries: fast enough for a screen, and cheap."""
_MOST_BEHIND = 1.0
"""Seconds of real time that a slow machine may fall behind before the simulated air waits for it."""
_FAST_STEP = 1.0
"""Simulated seconds at a time where there is no real time to keep."""


class SimSource:
    """Frames from the simulated air, at the pace of the clock times `speed`.

    `clock` gives seconds since the epoch for the first frame; the pace comes from the event loop's own clock.
    """

    live = True

    def __init__(self, settings: SimSettings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.description = f"simulated air, scene {settings.scene}, seed {settings.seed}"
        self.on_event: Callable[[Body], object] = ignore
        self.turn: Callable[[], Awaitable[None]] = next_turn
        self._clock = clock
        self._air: Medium | None = None
        self._scene: Scene | None = None
        self._freq: int | None = None
        self._received = 0
        self._cured = 0
        self._time: AirTime | None = None

    @property
    def air(self) -> Medium:
        """The air that is heard. Raises RuntimeError before `open`."""
        if self._air is None:
            raise RuntimeError("the simulated air is not open")
        return self._air

    @staticmethod
    def check(settings: SimSettings) -> Iterator[tuple[str, str]]:
        """Yield the mistakes in the scene."""
        from whimbrel.drivers.sim import library
        from whimbrel.settings.problems import ConfigError

        try:
            library.load(settings.scene)
        except ConfigError as error:
            for problem in error.problems:
                yield "scene", str(problem)
        except OSError as error:
            yield "scene", str(error)

    async def open(self) -> None:
        """Read the scene and build its frames, in a thread. Raises `NotReady` if the scene cannot be used."""
        if not self.settings.speed and not self.settings.duration:
            raise NotReady("sim: speed 0 needs a duration: otherwise it would run for ever as fast as possible")
        if self._air is None:
            self._scene, air = await asyncio.to_thread(self._build)
            self._received = self._cured = 0
            self._air = air
            air.tune(self._freq)

    def _build(self) -> tuple[Scene, Medium]:
        from whimbrel.drivers.sim import library, world
        from whimbrel.settings.problems import ConfigError

        settings = self.settings
        try:
            scene = library.load(settings.scene)
        except ConfigError as error:
            raise NotReady(f"sim: {'; '.join(map(str, error.problems))}") from error
        except OSError as error:
            raise NotReady(f"sim: {error}") from error
        made = world.build(scene, settings.seed, fcs=settings.fcs, volume=settings.volume)
        if settings.position:
            made.air.receiver = settings.position[0], settings.position[1]
        return scene, made.air

    async def run(self, deliver: Deliver) -> None:
        """Deliver the heard frames until `duration` is over. Raises `RadioGone` once the source was closed."""
        air, settings = self.air, self.settings
        loop = asyncio.get_running_loop()
        end = settings.duration or float("inf")
        begun, first = loop.time(), air.now / 1e6
        if self._time is None:
            self._time = join(settings.scene, settings.seed, settings.speed, self._clock())
            air.start = self._time.start
            missed = (begun - self._time.begun) * settings.speed
            if missed > 0:
                begun, first = self._time.begun, 0.0
                await self._advance(air, min(missed, end), _hear_nothing)
        while self._air is air:
            pace = (loop.time() - begun) * settings.speed
            due = first + pace if settings.speed else air.now / 1e6 + _FAST_STEP
            await self._advance(air, min(due, end), deliver)
            if air.now / 1e6 >= end:
                return
            behind = loop.time() - begun - (air.now / 1e6 - first) / (settings.speed or 1)
            if settings.speed and behind > _MOST_BEHIND:
                begun += behind
            await asyncio.sleep(_TICK if settings.speed else 0)
        raise RadioGone("the simulated radio was closed")

    async def _advance(self, air: Medium, until: float, deliver: Deliver) -> None:
        records = air.until(until)
        while batch := list(itertools.islice(records, _BATCH)):
            if deliver is not _hear_nothing and self._hears(air.now / 1e6):
                self._received += len(batch)
                deliver(linktypes.RADIOTAP, batch)
            await asyncio.sleep(0)

    def _hears(self, now: float) -> bool:
        """Return whether the scene's radio is not deaf."""
        if self._scene is None:
            return False
        spells = self._scene.deafness[self._cured :]
        return not any(spell.at <= now and (not spell.lasts or now < spell.at + spell.lasts) for spell in spells)

    def cure(self, how: str) -> None:
        """Apply an action of the tuner to the radio (retune, cycle, recreate); this ends deafness."""
        if self._scene is None or self._air is None:
            return
        rungs = ("retune", "cycle", "recreate")
        spells = self._scene.deafness
        while self._cured < len(spells) and spells[self._cured].at <= self._air.now / 1e6:
            cure = spells[self._cured].cure
            if cure == "none" or rungs.index(cure) > rungs.index(how):
                return
            self._cured += 1

    def tune(self, freq: int | None) -> None:
        """Listen on `freq` MHz from now on, on everything if None; also before `open`."""
        self._freq = freq
        if self._air is not None:
            self._air.tune(freq)

    def losses(self) -> Losses:
        """Return the totals so far; nothing is ever dropped here."""
        return Losses(self._received, 0)

    async def close(self) -> None:
        """End the air; `open` starts it again from the beginning."""
        self._air = self._scene = None
        joined, self._time = self._time, None
        if joined is not None:
            joined.leave()


def _hear_nothing(_link_type: int, _records: Sequence[CaptureRecord]) -> None:
    """Take what was sent before a source listened."""

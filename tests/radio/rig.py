"""A sniffer on a small simulated air, with a tuner that can be made to misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from whimbrel.drivers.ports import TuneError
from whimbrel.drivers.registry import TUNERS
from whimbrel.drivers.sim.settings import SimSettings
from whimbrel.drivers.sim.source import SimSource
from whimbrel.drivers.sim.tuner import SimTuner
from whimbrel.events.air import AccessPointFound
from whimbrel.events.radio import Tuned
from whimbrel.modules.sniffer import Sniffer, SnifferSettings
from whimbrel.settings import Duration
from whimbrel.testing import Lab, run_module
from whimbrel.tuning.settings import RecoverySettings, TunerSettings
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.security import Pmf, Protection

ONE, SIX, ELEVEN, THIRTEEN = Channel(2412), Channel(2437), Channel(2462), Channel(2472)

SCENE = """
beacon_interval: 10
radios:
  - {name: ap, channel: 6, position: [2, 1], networks: [{ssid: net, security: wpa2-psk}]}
"""
"""One access point, on channel 6, that beacons a hundred times a second."""


class WilfulTuner(SimTuner):
    """The simulated tuner, with configurable disobedience."""

    def __init__(self, source: SimSource) -> None:
        super().__init__(source)
        self.source = source
        self.said: list[str] = []
        """Its calls, such as ``tune 6``, ``cycle``, ``close``."""
        self.times: list[float] = []
        self.refuses: dict[str, Exception] = {}
        self.hangs: set[str] = set()
        self.cancelled: list[str] = []
        self.sticks_to = 0
        """MHz to which it always tunes; 0: it tunes as requested."""

    async def tune(self, channel: Channel) -> None:
        await self._note(f"tune {channel}")
        await super().tune(Channel(self.sticks_to) if self.sticks_to else channel)

    async def cycle(self) -> None:
        await self._note("cycle")
        await super().cycle()
        self.source.tune(ONE.freq)

    async def recreate(self) -> None:
        await self._note("recreate")
        await super().recreate()
        self.source.tune(ONE.freq)

    async def close(self) -> None:
        self.said.append("close")
        await super().close()

    async def _note(self, request: str) -> None:
        self.said.append(request)
        self.times.append(asyncio.get_running_loop().time())
        if request in self.refuses:
            raise self.refuses[request]
        if request in self.hangs:
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled.append(request)


def forbid(*channels: str) -> dict[str, Exception]:
    return {f"tune {name}": TuneError(f"channel {name}: no", forbidden=True) for name in channels}


@dataclass
class Rig:
    """A running sniffer and its tuner."""

    lab: Lab
    tuner: WilfulTuner

    async def visits(self, number: int) -> list[Tuned]:
        """Return the next visits."""
        return [await self.lab.event(Tuned) for _ in range(number)]

    def bodies(self, kind: type) -> list[Any]:
        """Return what was waited past, of one kind."""
        return [event.body for event in self.lab.events if isinstance(event.body, kind)]


def hopping(*channels: str, **more: Any) -> TunerSettings:
    """Return the settings for short visits to `channels`."""
    quick = {"dwell": Duration(0.02), "dwell_min": Duration(0.02)}
    return TunerSettings(**{"channels": channels, **quick, **more})


def recovering(*rungs: Any, **more: Any) -> RecoverySettings:
    """Return the settings for a ladder that is climbed in a few seconds."""
    quick = {"silence": Duration(0.5), "silence_max": Duration(0.5), "pause": Duration(0.1)}
    return RecoverySettings(**{**({"rungs": rungs} if rungs else {}), **quick, **more})


def settings(folder: Path, hop: TunerSettings, scene: str = SCENE, **more: Any) -> SnifferSettings:
    path = folder / "scene.yaml"
    path.write_text(scene)
    return SnifferSettings(**{"source": "sim", "tuner": "sim", "sim": SimSettings(scene=str(path)), "hop": hop, **more})


@asynccontextmanager
async def listening(
    monkeypatch: pytest.MonkeyPatch, wanted: SnifferSettings, prepare: Callable[[WilfulTuner], None] = lambda _: None
) -> AsyncIterator[Rig]:
    """Run a sniffer with a prepared tuner; yield once it is ready."""
    made: list[WilfulTuner] = []

    def make(source: SimSource) -> WilfulTuner:
        made.append(WilfulTuner(source))
        prepare(made[0])
        return made[0]

    monkeypatch.setattr(TUNERS, "load", lambda _: make)
    async with run_module(Sniffer, wanted, name="sniffer") as lab:
        await lab.ready()
        yield Rig(lab, made[0])


def found(channel: Channel, number: int = 0) -> AccessPointFound:
    return AccessPointFound(
        bssid=number.to_bytes(6, "big"), ssid=b"", hidden=True, channel=channel.number, freq=channel.freq,
        band=channel.band,
        security=Protection.OPEN, pmf=Pmf.NONE, wps=False, vendor="", rssi=None,
    )  # fmt: skip

"""The `sim` tuner: sets the channel that a `SimSource` hears."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from whimbrel.drivers.ports import TuneError
from whimbrel.drivers.sim.scene import CHANNELS
from whimbrel.drivers.sim.source import SimSource
from whimbrel.wifi.channels import Channel, frequency


class SimTuner:
    """Sets the channel that a `SimSource` hears."""

    def __init__(self, source: SimSource) -> None:
        self._source = source

    async def open(self) -> None:
        """Yield nothing: there is nothing to check."""

    def channels(self) -> Sequence[Channel]:
        """Return the 20 MHz channels of the bands in the settings, by frequency."""
        bands = set(self._source.settings.bands)
        return sorted(Channel(frequency(band, number)) for band in bands for number in CHANNELS[band])

    async def tune(self, channel: Channel) -> None:
        """Go to `channel`. Raises `TuneError` for one that is not in `channels`."""
        if all(channel.freq != known.freq for known in self.channels()):
            raise TuneError(f"the simulated radio has no channel at {channel.freq} MHz", forbidden=True)
        await asyncio.sleep(0)
        self._source.tune(channel.freq)
        self._source.cure("retune")

    async def cycle(self) -> None:
        """Take the radio down and up."""
        await asyncio.sleep(0)
        self._source.cure("cycle")

    async def recreate(self) -> None:
        """Recreate the interface."""
        await asyncio.sleep(0)
        self._source.cure("recreate")

    async def close(self) -> None:
        """Hear everything again."""
        self._source.tune(None)

"""The kernel's counts as an event, and what is needed as an order."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from whimbrel.drivers.linux.thinning.object_file import BadObject
from whimbrel.drivers.linux.thinning.order import (
    ACKNOWLEDGEMENTS,
    ASKED_MAX,
    BEACONS,
    CLEARANCES,
    ThinningCounts,
    ThinningOrder,
)
from whimbrel.errors import NotReady
from whimbrel.events.thinning import CountedBeacons, CountedWay, FramesCounted
from whimbrel.wifi.kinds import RETRY
from whimbrel.wifi.radiotap_layout import phy_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from whimbrel.drivers.linux.ring import CaptureRing
    from whimbrel.events.thinning import FramesNeeded

_TYPE = 0x03


async def thin(present: Callable[[], CaptureRing | None], need: FramesNeeded | None) -> FramesCounted:
    """Have the kernel only count what is not needed; return what it has counted: nothing while the `present` ring is
    closed. Raises `NotReady`."""
    ring = present()
    if ring is None:
        return counted(ThinningCounts(), 0.0)
    order = ThinningOrder(0) if need is None else order_for(need)
    try:
        # Loading the filter, and a helper's answer, would keep the loop waiting.
        counts = await asyncio.to_thread(ring.thin, order)
    except (OSError, BadObject) as error:
        if present() is not ring:  # it was closed meanwhile
            return counted(ThinningCounts(), 0.0)
        raise NotReady(_why(error)) from error
    return counted(counts, time.time() - time.clock_gettime(time.CLOCK_MONOTONIC))


def order_for(need: FramesNeeded) -> ThinningOrder:
    """Return what is to be thinned."""
    thin = 0 if len(need.beacons_of) > ASKED_MAX else BEACONS
    thin |= 0 if need.acknowledgements else ACKNOWLEDGEMENTS
    thin |= 0 if need.clearances else CLEARANCES
    asked = frozenset(need.beacons_of if thin & BEACONS else ())
    return ThinningOrder(thin, need.longest, need.drift, need.step, need.gap, asked)


def counted(counts: ThinningCounts, offset: float) -> FramesCounted:
    """Return the event; `offset` is added to the kernel's clock, in seconds, for seconds since the epoch."""
    return FramesCounted(
        ways=tuple(
            CountedWay(
                way.freq,
                way.length,
                way.rate / 2,
                phy_of(way.rate, way.channel),
                way.kind & _TYPE,
                way.kind & RETRY,
                way.frames,
            )
            for way in counts.ways
        ),
        beacons=tuple(
            CountedBeacons(
                bssid=each.address,
                last=each.heard / 1e6 + offset,
                freq=each.freq,
                seq=each.seq,
                stamp=each.stamp,
                frames=each.frames,
                levelled=each.levelled,
                total=each.total,
                low=each.low if each.levelled else 0,
                high=each.high if each.levelled else 0,
                level=each.level if each.levelled else 0,
            )
            for each in counts.senders
        ),
    )


def _why(error: OSError | BadObject) -> str:
    if isinstance(error, BadObject):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "the filter is not compiled: install clang, and run make thin"
    said = f" ({error.filename})" if error.filename else ""
    return f"the kernel refuses the filter: {error.strerror or error}{said}"

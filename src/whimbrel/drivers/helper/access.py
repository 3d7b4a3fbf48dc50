"""The way to a radio through the helper: this process opens neither an interface nor a packet socket."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from whimbrel.drivers.helper.control import HelperControl
from whimbrel.drivers.helper.link import DESCRIPTORS, Delivery, HelperLink
from whimbrel.drivers.helper.protocol import Ask, Outcome
from whimbrel.drivers.helper.ring import SlotRing
from whimbrel.drivers.linux.bpf import Instruction
from whimbrel.drivers.linux.filter import pack
from whimbrel.errors import NotReady

if TYPE_CHECKING:
    from whimbrel.drivers.linux.thinning.order import ThinningCounts, ThinningOrder
    from whimbrel.drivers.nl80211.client import Nl80211
    from whimbrel.drivers.nl80211.links import Links
    from whimbrel.drivers.nl80211.scan_interface import ScanInterface


class HelperAccess:
    """The radio access of a process without capabilities. `path` is the helper's socket."""

    def __init__(self, path: str) -> None:
        self._link = HelperLink(path)
        self._controlled = False

    def control(self, wanted: str) -> HelperControl:
        """Return the control of an interface or a radio."""
        self._controlled = True  # and so the control hangs up
        return HelperControl(self._link, wanted)

    def scan_interface(self, nl80211: Nl80211, links: Links, wanted: str, *, connected: bool) -> ScanInterface:
        """Return the interface to scan with."""
        from whimbrel.drivers.helper.scan import HelperScanInterface

        return HelperScanInterface(self._link, nl80211, links, wanted, connected=connected)

    async def look(self, interface: str) -> tuple[int, str]:
        """Return the link type of the frames of a monitor interface, and a description of it. Raises `NotReady`."""
        delivery = await self._ask(lambda: self._link.obtain(Ask.LOOK, name=interface))
        return delivery.answer.link_type, " ".join(delivery.answer.lines)

    async def capture(self, interface: str, program: Sequence[Instruction], size: int) -> SlotRing:
        """Begin to capture. Raises `NotReady`."""
        packed = pack(program)
        delivery = await self._ask(lambda: self._link.obtain(Ask.CAPTURE, name=interface, size=size, program=packed))
        if len(delivery.descriptors) != DESCRIPTORS:
            _forget(delivery)
            self._hang_up()
            raise NotReady("the radio's helper sent no memory for frames: are there too many open files?")
        memory, filled, freed = delivery.descriptors
        return SlotRing(delivery.connection, memory, filled, freed, self._hang_up, self._thin)

    def _thin(self, order: ThinningOrder) -> ThinningCounts:
        """Have the helper thin the capture. Raises OSError."""
        answer = self._link.ask(Ask.THIN, order=order).answer
        if answer.outcome is not Outcome.DONE:
            raise OSError(answer.error or errno.EIO, " ".join(answer.lines))
        return answer.counts

    async def _ask(self, request: Callable[[], Delivery]) -> Delivery:
        asking = asyncio.ensure_future(asyncio.to_thread(request))
        try:
            return await asyncio.shield(asking)
        except NotReady:
            self._hang_up()
            raise
        except asyncio.CancelledError:
            asking.add_done_callback(_forget_result)
            raise

    def _hang_up(self) -> None:
        """End the connection unless a control needs it."""
        if not self._controlled:
            self._link.close()


def _forget_result(asking: asyncio.Future[Delivery]) -> None:
    if not asking.cancelled() and asking.exception() is None:
        _forget(asking.result())


def _forget(delivery: Delivery) -> None:
    for descriptor in delivery.descriptors:
        os.close(descriptor)

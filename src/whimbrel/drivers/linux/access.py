"""The way to a radio: this process opens it itself, or the radio's helper does (`whimbrel.drivers.helper`)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from whimbrel.drivers.linux.interface import describe, link_type_of
from whimbrel.drivers.linux.packet_socket import no_capture
from whimbrel.drivers.linux.ring import CaptureRing, PacketRing
from whimbrel.errors import NotReady

if TYPE_CHECKING:
    from whimbrel.drivers.linux.bpf import Instruction
    from whimbrel.drivers.nl80211.client import Nl80211
    from whimbrel.drivers.nl80211.control import RadioControl
    from whimbrel.drivers.nl80211.links import Links
    from whimbrel.drivers.nl80211.scan_interface import ScanInterface

HELPER = "WHIMBREL_RADIO"
"""Environment variable with the path of the helper's socket. The service's unit sets it: it knows what the process may
do. Without it, the process opens the radio itself."""


class RadioAccess(Protocol):
    """Opens radios and captures."""

    def control(self, wanted: str) -> RadioControl:
        """Return the control, not yet open, of an interface or a radio; empty for the first suitable one."""

    def scan_interface(self, nl80211: Nl80211, links: Links, wanted: str, *, connected: bool) -> ScanInterface:
        """Return the interface, not yet open, to scan with; the kernel is looked at by `nl80211` and `links`."""

    async def look(self, interface: str) -> tuple[int, str]:
        """Return the link type of the frames of a monitor interface, and a description of it. Raises `NotReady`."""

    async def capture(self, interface: str, program: Sequence[Instruction], size: int) -> CaptureRing:
        """Begin to capture what passes the filter, with `size` octets for waiting frames. Raises `NotReady`."""


class OwnAccess:
    """This process opens the radio itself, for which it needs CAP_NET_RAW and CAP_NET_ADMIN."""

    def control(self, wanted: str) -> RadioControl:
        """Return the control of an interface or a radio."""
        from whimbrel.drivers.nl80211.control import Nl80211Control

        return Nl80211Control(wanted)

    def scan_interface(self, nl80211: Nl80211, links: Links, wanted: str, *, connected: bool) -> ScanInterface:
        """Return the interface to scan with."""
        from whimbrel.drivers.nl80211.scan_interface import ScanInterface

        return ScanInterface(nl80211, links, wanted, connected=connected)

    async def look(self, interface: str) -> tuple[int, str]:
        """Return the link type of the frames of a monitor interface, and a description of it. Raises `NotReady`."""
        return link_type_of(interface), describe(interface)

    async def capture(self, interface: str, program: Sequence[Instruction], size: int) -> CaptureRing:
        """Begin to capture. Raises `NotReady`."""
        try:
            return PacketRing(interface, program, size)
        except OSError as error:
            raise NotReady(no_capture(interface, error, size)) from error


def radio_access() -> RadioAccess:
    """Return the access that the environment of this process asks for."""
    path = os.environ.get(HELPER, "")
    if not path:
        return OwnAccess()
    from whimbrel.drivers.helper.access import HelperAccess

    return HelperAccess(path)

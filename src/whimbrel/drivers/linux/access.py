"""The way to a radio."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from whimbrel.drivers.linux.interface import describe, link_type_of
from whimbrel.drivers.linux.ring import CaptureRing, PacketRing
from whimbrel.errors import NotReady

if TYPE_CHECKING:
    from whimbrel.drivers.linux.bpf import Instruction
    from whimbrel.drivers.nl80211.control import RadioControl


class RadioAccess(Protocol):
    """Opens radios and captures."""

    def control(self, wanted: str) -> RadioControl:
        """Return the control, not yet open, of an interface or a radio; empty for the first suitable one."""

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

    async def look(self, interface: str) -> tuple[int, str]:
        """Return the link type of the frames of a monitor interface, and a description of it. Raises `NotReady`."""
        return link_type_of(interface), describe(interface)

    async def capture(self, interface: str, program: Sequence[Instruction], size: int) -> CaptureRing:
        """Begin to capture. Raises `NotReady`."""
        try:
            return PacketRing(interface, program, size)
        except OSError as error:
            raise NotReady(no_capture(interface, error, size)) from error


def no_capture(interface: str, error: OSError, size: int) -> str:
    """Return the reason why a capture cannot begin, with advice."""
    advice = {
        errno.EPERM: "capturing needs the capability CAP_NET_RAW: run it as the service or as root, or use setcap",
        errno.EAFNOSUPPORT: "the sandbox of the service must allow AF_PACKET",
        errno.ENOMEM: f"no memory in the kernel for a buffer of {size} octets and this filter: make them smaller",
        errno.ENODEV: "it has just gone",
    }.get(error.errno or 0, "")
    return f"cannot capture on {interface}: {error.strerror}{advice and ': '}{advice}"

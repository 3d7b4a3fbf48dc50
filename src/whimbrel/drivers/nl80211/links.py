"""Sets network interfaces up and down with rtnetlink (``linux/rtnetlink.h``)."""

from __future__ import annotations

import errno
import struct

from whimbrel.drivers.nl80211.attributes import IFF_RUNNING, IFF_UP, RTM_GETLINK, RTM_NEWLINK
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.genetlink import Netlink

_LINK = struct.Struct("=BxHiII")  # struct ifinfomsg: family, hardware type, index, flags, which flags to change


class Links:
    """The links of this machine. All methods block, at most for the timeout, and raise `NetlinkError`."""

    def __init__(self, netlink: Netlink) -> None:
        self._netlink = netlink

    def is_up(self, index: int) -> bool:
        """Return whether an interface is up."""
        return bool(self._flags(index) & IFF_UP)

    def is_running(self, index: int) -> bool:
        """Return whether an interface is up and has a carrier: a connected station or an access point."""
        return bool(self._flags(index) & IFF_RUNNING)

    def set_up(self, index: int, up: bool) -> None:
        """Set an interface up or down."""
        doing = "taking the interface " + ("up" if up else "down")
        self._netlink.ask(RTM_NEWLINK, _LINK.pack(0, 0, index, IFF_UP if up else 0, IFF_UP), doing)

    def _flags(self, index: int) -> int:
        doing = "asking for the state of the interface"
        for answer in self._netlink.ask(RTM_GETLINK, _LINK.pack(0, 0, index, 0, 0), doing):
            if len(answer) >= _LINK.size:
                return int(_LINK.unpack_from(answer)[3])
        raise NetlinkError(errno.EBADMSG, doing, "the answer is empty")

"""A machine whose radios can scan, behind fake netlink sockets: a table of networks, and the end of each scan told."""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tests.drivers.nl80211.kernel import FAMILY, FakeKernel, Request, acknowledged, done, generic
from tests.drivers.nl80211.machine import PHY, Machine, Phy, Port

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.client import Nl80211
from whimbrel.drivers.nl80211.codec import (
    pack_attribute,
    pack_message,
    pack_nested,
    pack_u32,
    unpack_nested,
    unpack_number,
)
from whimbrel.drivers.nl80211.genetlink import GenericFamily, GroupSocket, Netlink, find_family
from whimbrel.drivers.nl80211.links import Links
from whimbrel.drivers.nl80211.scanning import Scans
from whimbrel.drivers.scan.source import ScanKernel

BSSID = bytes.fromhex("020000000000")


@dataclass(frozen=True)
class Entry:
    """One entry of the kernel's table; `seen` in seconds of CLOCK_BOOTTIME, None for the moment of the reading."""

    bssid: bytes = BSSID
    freq: int = 2412
    beacon: bytes | None = b"\x00\x04home"
    response: bytes | None = None
    beacon_tsf: int = 1_000_000
    response_tsf: int = 0
    seen: float | None = None
    interval: int = 100
    capability: int = 0x0411
    signal: int | None = -4200
    aged: bool = False
    """Whether the kernel tells the age, as for a driver without a clock."""
    vague: bool = False
    """Whether the driver does not tell beacons and probe responses apart."""

    def packed(self, now: float) -> bytes:
        """Return the attribute."""
        seen = now if self.seen is None else self.seen
        parts = [
            pack_attribute(nl.BSS_BSSID, self.bssid),
            pack_u32(nl.BSS_FREQUENCY, self.freq),
            pack_attribute(nl.BSS_BEACON_INTERVAL, struct.pack("=H", self.interval)),
            pack_attribute(nl.BSS_CAPABILITY, struct.pack("=H", self.capability)),
            pack_u32(nl.BSS_SEEN_MS_AGO, max(0, round((now - seen) * 1000))),
        ]
        latest, tsf = (self.beacon, self.beacon_tsf) if self.response is None else (self.response, self.response_tsf)
        assert latest is not None
        parts += [
            pack_attribute(nl.BSS_INFORMATION_ELEMENTS, latest),
            pack_attribute(nl.BSS_TSF, struct.pack("=Q", tsf)),
        ]
        if self.response is not None:
            parts.append(pack_attribute(nl.BSS_PRESP_DATA, b""))
        if self.beacon is not None and not self.vague:
            parts += [
                pack_attribute(nl.BSS_BEACON_IES, self.beacon),
                pack_attribute(nl.BSS_BEACON_TSF, struct.pack("=Q", self.beacon_tsf)),
            ]
        if self.signal is not None:
            parts.append(pack_attribute(nl.BSS_SIGNAL_MBM, struct.pack("=i", self.signal)))
        if not self.aged:
            parts.append(pack_attribute(nl.BSS_LAST_SEEN_BOOTTIME, struct.pack("=Q", round(seen * 1e9))))
        return pack_nested(nl.ATTR_BSS, parts)


def boottime() -> float:
    """Return CLOCK_BOOTTIME."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class _Opened(ScanKernel):
    """Closes the machine's ends with the client's, so that a test may count descriptors."""

    machine_ends: list[Callable[[], None]]

    def close(self) -> None:
        super().close()
        for close in self.machine_ends:
            close()


class ScanMachine(Machine):
    """`table` is what each scan hears anew, unless an entry has a time of its own."""

    def __init__(
        self, table: Sequence[Entry] = (), phys: Sequence[Phy] | None = None, ports: dict[int, Port] | None = None
    ) -> None:
        super().__init__(
            [Phy("phy0", dict(PHY))] if phys is None else phys, {1: Port("wlan0", 0)} if ports is None else ports
        )
        self.table = list(table)
        self.scans: list[Request] = []
        self.busy = False
        """Whether another program's scan is running."""
        self.mute = False
        """Whether the end of a scan is not told."""
        self.aborts = False
        """Whether the driver aborts every scan."""
        self.active_refused = 0
        """The errno of scans that would transmit."""
        self.asked_active = 0
        """How many of those were asked for."""
        self.end: socket.socket | None = None  # of the notifications, once there is a scanner

    def scanner(self, timeout: float) -> ScanKernel:
        """Replace `whimbrel.drivers.scan.source.connect`."""
        wireless, route = FakeKernel(self.wireless), FakeKernel(self.route, generic_netlink=False)
        self.kernels += [wireless, route]
        sockets = Netlink(wireless.client, timeout=timeout), Netlink(route.client, timeout=timeout)
        family = find_family(sockets[0], "nl80211")
        end, own = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.end = own
        notifications = GroupSocket(end, GenericFamily(sockets[0], FAMILY))
        opened = _Opened(Nl80211(family), Links(sockets[1]), Scans(family), notifications, sockets)
        opened.machine_ends = [wireless.close, route.close, own.close]
        return opened

    def close(self) -> None:
        super().close()
        if self.end is not None:
            self.end.close()

    def tell(self, radio: int = 0, command: int = nl.CMD_NEW_SCAN_RESULTS) -> None:
        """Notify of the end of a scan."""
        body = struct.pack("=BBH", command, 1, 0) + pack_u32(nl.ATTR_WIPHY, radio)
        assert self.end is not None
        self.end.send(pack_message(FAMILY, 0, 0, body))

    def wireless(self, request: Request) -> Iterable[bytes]:
        if request.command == nl.CMD_TRIGGER_SCAN and request.command not in self.refuse:
            return [acknowledged(request, self._trigger(request))]
        if request.command == nl.CMD_GET_SCAN and request.command not in self.refuse:
            now = boottime()
            return [*(generic(request, entry.packed(now), flags=nl.NLM_F_MULTI) for entry in self.table), done(request)]
        return super().wireless(request)

    def _trigger(self, request: Request) -> int:
        port = self.ports.get(unpack_number(request.attributes[nl.ATTR_IFINDEX]))
        if port is None:
            return errno.ENODEV
        if not port.up:
            return errno.ENETDOWN
        if port.type == nl.IFTYPE_MONITOR:
            return errno.EOPNOTSUPP
        if nl.ATTR_SCAN_SSIDS in request.attributes:
            self.asked_active += 1
            if self.active_refused:
                return self.active_refused
        self.scans.append(request)
        if self.busy:
            return errno.EBUSY
        if self.aborts:
            self.tell(port.radio, nl.CMD_SCAN_ABORTED)
            return 0
        # What was heard before has a time; an access point's clock goes on.
        self.table = [
            entry if entry.seen is not None else replace(entry, beacon_tsf=entry.beacon_tsf and entry.beacon_tsf + 1)
            for entry in self.table
        ]
        if not self.mute:
            self.tell(port.radio)
        return 0


def freqs_of(request: Request) -> list[int]:
    """Return the channels of a scan in MHz; none for all."""
    return [unpack_number(value) for value in unpack_nested(request.attributes.get(nl.ATTR_SCAN_FREQUENCIES)).values()]

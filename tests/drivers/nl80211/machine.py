"""A machine with Wi-Fi radios behind fake netlink sockets: the kernel's handling of interfaces, in a few rules."""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.drivers.nl80211.kernel import FakeKernel, Request, acknowledged, done, generic

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.client import Nl80211
from whimbrel.drivers.nl80211.codec import (
    pack_attribute,
    pack_message,
    pack_nested,
    pack_string,
    pack_u32,
    unpack_number,
)
from whimbrel.drivers.nl80211.control import Kernel
from whimbrel.drivers.nl80211.genetlink import Netlink, find_family
from whimbrel.drivers.nl80211.links import Links

DISABLED, NO_IR, RADAR = nl.FREQUENCY_ATTR_DISABLED, nl.FREQUENCY_ATTR_NO_IR, nl.FREQUENCY_ATTR_RADAR


@dataclass
class Port:
    """An interface of the machine."""

    name: str
    radio: int
    type: int = nl.IFTYPE_STATION
    up: bool = False
    running: bool = False
    freq: int = 0
    width: int = 0


@dataclass
class Phy:
    """A radio of the machine; `channels` are frequencies with their flags."""

    name: str
    channels: dict[int, tuple[int, ...]]
    types: tuple[int, ...] = (nl.IFTYPE_STATION, nl.IFTYPE_MONITOR)


PHY = {2412: (), 2437: (), 2472: (DISABLED,), 2484: (NO_IR,), 5180: (NO_IR,), 5260: (NO_IR, RADAR)}


class Machine:
    """Radios and interfaces; `refuse` maps a command to the errno that it ends with."""

    def __init__(self, phys: Sequence[Phy] = (), ports: dict[int, Port] | None = None) -> None:
        self.phys = dict(enumerate(phys))
        self.ports = ports or {}
        self.refuse: dict[int, int] = {}
        self.silent: set[int] = set()
        self.owned: set[int] = set()
        self.kernels: list[FakeKernel] = []
        self._next = 10

    def connect(self, timeout: float) -> Kernel:
        """Replace `whimbrel.drivers.nl80211.control.connect`."""
        wireless, route = FakeKernel(self.wireless), FakeKernel(self.route, generic_netlink=False)
        self.kernels += [wireless, route]
        sockets = Netlink(wireless.client, timeout=timeout), Netlink(route.client, timeout=timeout)
        nl80211 = Nl80211(find_family(sockets[0], "nl80211"))
        return Kernel(nl80211=nl80211, links=Links(sockets[1]), sockets=sockets)

    def close(self) -> None:
        for kernel in self.kernels:
            kernel.close()

    def state(self) -> dict[str, tuple[int, bool]]:
        """Return type and whether it is up, of each interface by name."""
        return {port.name: (port.type, port.up) for port in self.ports.values()}

    def wireless(self, request: Request) -> Iterable[bytes]:
        """Answer nl80211's commands."""
        if request.command in self.silent:
            return []
        if code := self.refuse.get(request.command):
            return [acknowledged(request, code, "said the driver")]
        if request.command == nl.CMD_GET_WIPHY:
            return [*self._split_dump(request), done(request)]
        if request.command == nl.CMD_GET_INTERFACE:
            return [*(self._port(request, index) for index in self.ports), done(request)]
        if request.command == nl.CMD_GET_REG:
            return [generic(request, pack_string(nl.ATTR_REG_ALPHA2, "DE")), acknowledged(request)]
        if request.command == nl.CMD_NEW_INTERFACE:
            return self._new(request)
        index = unpack_number(request.attributes[nl.ATTR_IFINDEX])
        if index not in self.ports:
            return [acknowledged(request, errno.ENODEV)]
        return [acknowledged(request, self._change(request, index))]

    def route(self, request: Request) -> Iterable[bytes]:
        """Answer rtnetlink's."""
        _family, _type, index, flags, change = struct.unpack_from("=BxHiII", request.payload)
        port = self.ports.get(index)
        if port is None:
            return [acknowledged(request, errno.ENODEV)]
        if code := self.refuse.get(request.type):
            return [acknowledged(request, code)]
        if request.type == nl.RTM_NEWLINK:
            assert change == nl.IFF_UP
            port.up = bool(flags & nl.IFF_UP)
            return [acknowledged(request)]
        state = nl.IFF_UP * port.up | nl.IFF_RUNNING * port.running
        body = struct.pack("=BxHiII", 0, 803, index, state, 0)
        return [pack_message(nl.RTM_NEWLINK, 0, request.sequence, body), acknowledged(request)]

    def _change(self, request: Request, index: int) -> int:
        port = self.ports[index]
        if request.command == nl.CMD_DEL_INTERFACE:
            del self.ports[index]
        elif request.command == nl.CMD_SET_INTERFACE:
            if port.up:
                return errno.EBUSY
            port.type = unpack_number(request.attributes[nl.ATTR_IFTYPE])
        elif request.command == nl.CMD_SET_WIPHY:
            return self._tune(request, port)
        return 0

    def _tune(self, request: Request, port: Port) -> int:
        others = (other for other in self.ports.values() if other.radio == port.radio and other is not port)
        if any(other.up and other.type != nl.IFTYPE_MONITOR for other in others):
            return errno.EBUSY
        freq = unpack_number(request.attributes[nl.ATTR_WIPHY_FREQ])
        flags = self.phys[port.radio].channels.get(freq)
        if flags is None or DISABLED in flags:
            return errno.EINVAL
        port.freq, port.width = freq, unpack_number(request.attributes[nl.ATTR_CHANNEL_WIDTH])
        return 0

    def _new(self, request: Request) -> Iterable[bytes]:
        radio = unpack_number(request.attributes[nl.ATTR_WIPHY])
        name = request.attributes[nl.ATTR_IFNAME].rstrip(b"\0").decode()
        type_ = unpack_number(request.attributes[nl.ATTR_IFTYPE])
        if any(port.name == name for port in self.ports.values()):
            return [acknowledged(request, errno.ENFILE)]
        self._next += 1
        self.ports[self._next] = Port(name, radio, type_)
        if nl.ATTR_SOCKET_OWNER in request.attributes:
            self.owned.add(self._next)
        return [self._port(request, self._next), acknowledged(request)]

    def _port(self, request: Request, index: int) -> bytes:
        port = self.ports[index]
        parts = [
            pack_u32(nl.ATTR_IFINDEX, index),
            pack_string(nl.ATTR_IFNAME, port.name),
            pack_u32(nl.ATTR_WIPHY, port.radio),
            pack_u32(nl.ATTR_IFTYPE, port.type),
        ]
        if port.freq:
            parts += [pack_u32(nl.ATTR_WIPHY_FREQ, port.freq), pack_u32(nl.ATTR_CHANNEL_WIDTH, port.width)]
        return generic(request, *parts)

    def _split_dump(self, request: Request) -> Iterable[bytes]:
        """Describe each radio as the kernel does: the name in every part, one channel a part."""
        for number, phy in self.phys.items():

            def part(*more: bytes, number: int = number, phy: Phy = phy) -> bytes:
                identity = pack_u32(nl.ATTR_WIPHY, number), pack_string(nl.ATTR_WIPHY_NAME, phy.name)
                return generic(request, *identity, *more, flags=nl.NLM_F_MULTI)

            yield part(pack_nested(nl.ATTR_SUPPORTED_IFTYPES, [pack_attribute(type_, b"") for type_ in phy.types]))
            capabilities: dict[int, Any] = {0: 0x6E, 1: 0x6E}
            for band, value in capabilities.items():
                ht = pack_attribute(nl.BAND_ATTR_HT_CAPA, struct.pack("=H", value))
                vht = [pack_u32(nl.BAND_ATTR_VHT_CAPA, 0)] if band else []
                yield part(pack_nested(nl.ATTR_WIPHY_BANDS, [pack_nested(band, [ht, *vht])]))
            for place, (freq, flags) in enumerate(phy.channels.items()):
                entry = [pack_u32(nl.FREQUENCY_ATTR_FREQ, freq), *(pack_attribute(flag, b"") for flag in flags)]
                freqs = pack_nested(nl.BAND_ATTR_FREQS, [pack_nested(place, entry)])
                yield part(pack_nested(nl.ATTR_WIPHY_BANDS, [pack_nested(int(freq > 5000), [freqs])]))

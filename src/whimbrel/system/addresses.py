"""The IP addresses of this board, from the kernel by ioctl (netdevice(7)), without a netlink socket or a program."""

from __future__ import annotations

import array
import fcntl
import socket
import struct
from collections.abc import Callable, Iterable

from whimbrel.system.readers import inet6
from whimbrel.text import printable

_SIOCGIFCONF = 0x8912
_SIOCGIFFLAGS = 0x8913
_IFREQ = struct.calcsize("16sLLHBBB3x")  # struct ifreq: a name, and a union of which struct ifmap is the largest
_MOST = 64
"""Limit of addresses that are read."""

_UP, _LOOPBACK, _RUNNING = 0x1, 0x8, 0x40  # IFF_… of net/if.h

Address = tuple[str, str]
"""Interface and address."""


def addresses(if_inet6: str) -> tuple[Address, ...]:
    """Return the addresses of interfaces that are up and connected; `if_inet6` is the text of ``/proc/net/if_inet6``.

    Raises OSError if the kernel reports no interfaces.
    """
    # These requests work on a socket of any family, and the service may open no IP socket.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        return choose(_ipv4(sock), inet6(if_inet6), lambda name: _connected(sock, name))


def choose(ipv4: Iterable[Address], ipv6: Iterable[Address], connected: Callable[[str], bool]) -> tuple[Address, ...]:
    """Return the addresses to show: IPv4 first, of connected interfaces, self-assigned ones only without others."""
    ipv4, ipv6 = tuple(ipv4), tuple(ipv6)
    usable = {name for name in {name for name, _ in (*ipv4, *ipv6)} if connected(name)}
    chosen: list[Address] = []
    assigned: list[Address] = []
    for name, address in (*ipv4, *ipv6):
        if name in usable:
            (assigned if address.startswith("169.254.") else chosen).append((name, address))
    # With a USB cable to a laptop, the self-assigned address is the only one.
    others = {name for name, _ in chosen}
    alone = [each for each in assigned if each[0] not in others]
    return tuple((printable(name), address) for name, address in (*chosen, *alone))


def place_of(address: str) -> str:
    """Return what one place has of an address: all of an IPv4 address, the first half of one of IPv6.

    A machine has 2^64 addresses of its IPv6 network to choose from, and by link-local ones the whole link would be one.
    """
    import ipaddress  # 5 M instructions of a daemon's start, which asks for no place

    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        if not found.is_link_local:
            return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found)


def _ipv4(sock: socket.socket) -> list[Address]:
    """Return every IPv4 address with its interface, in the kernel's order. Raises OSError."""
    room = array.array("B", bytes(_MOST * _IFREQ))
    request = struct.pack("iP", len(room), room.buffer_info()[0])
    used = struct.unpack("iP", fcntl.ioctl(sock, _SIOCGIFCONF, request))[0]
    raw = room.tobytes()
    found = []
    for at in range(0, used - _IFREQ + 1, _IFREQ):
        # An old-style alias is named after its interface, with a label: eth0:1.
        name = raw[at : at + 16].partition(b"\0")[0].partition(b":")[0].decode("ascii", "replace")
        found.append((name, socket.inet_ntoa(raw[at + 20 : at + 24])))  # after family and port of sockaddr_in
    return found


def _connected(sock: socket.socket, name: str) -> bool:
    """Return whether an interface is up, has a carrier and is no loopback."""
    request = struct.pack(f"16s{_IFREQ - 16}x", name.encode("ascii", "replace")[:15])
    try:
        answer = fcntl.ioctl(sock, _SIOCGIFFLAGS, request)
    except OSError:  # the interface has gone since it was listed
        return False
    flags: int = struct.unpack_from("H", answer, 16)[0]
    return flags & (_UP | _RUNNING | _LOOPBACK) == _UP | _RUNNING

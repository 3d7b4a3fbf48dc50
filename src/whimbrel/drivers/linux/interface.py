"""The kernel's facts about a network interface, and whether frames can be captured from it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import socket
import struct
from pathlib import Path

from whimbrel.drivers.radios import all_names
from whimbrel.errors import NotReady
from whimbrel.record import Record

LINK_TYPES = {803: 127, 801: 105, 802: 119}
"""Link type of a monitor interface's frames by its ``ARPHRD_`` number (``linux/if_arp.h``): radiotap, none, Prism."""

_NAME_MAX = 15  # IFNAMSIZ less its NUL
_IFREQ = struct.Struct("@16sH22x")
_SIOCGIFFLAGS, _SIOCGIFHWADDR = 0x8913, 0x8927
_IFF_UP = 1
_ETHERNET = 1  # ARPHRD_ETHER; also the type of Wi-Fi interfaces in any mode except monitor


class CaptureInterface(Record):
    """A network interface."""

    hardware: int
    """Its ``ARPHRD_`` number."""
    up: bool
    """Whether it is up."""


def look_up(name: str) -> CaptureInterface | None:
    """Return the network interface `name`; None if there is none."""
    octets = name.encode()
    if not octets or len(octets) > _NAME_MAX or b"\0" in octets:
        return None
    # Any socket works, and one of this family needs no permission in any sandbox. /sys is no alternative: it may show
    # another network namespace.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as control:
        try:
            hardware = _ask(control, _SIOCGIFHWADDR, octets)
            flags = _ask(control, _SIOCGIFFLAGS, octets)
        except OSError as error:
            if error.errno in {errno.ENODEV, errno.ENXIO}:
                return None
            raise
    return CaptureInterface(hardware=hardware, up=bool(flags & _IFF_UP))


def missing(name: str) -> str:
    """Return the message that there is no interface `name`, with advice."""
    return f"no network interface is called {name!r}: plug it in, or correct the name ('ip link' lists them)"


def link_type_of(name: str) -> int:
    """Return the link type of the frames of the monitor interface `name`.

    Raises `NotReady` if the interface is missing, not a monitor interface, or down.
    """
    interface = look_up(name)
    if interface is None:
        raise NotReady(missing(name))
    link_type = LINK_TYPES.get(interface.hardware)
    if link_type is None:
        wired = interface.hardware == _ETHERNET
        kind = "an Ethernet or managed Wi-Fi interface" if wired else f"one of type {interface.hardware}"
        raise NotReady(
            f"{name} is not a monitor interface but {kind}: 'iw dev {name} set type monitor' while it is down, "
            "or name its radio instead and a monitor interface is made"
        )
    if not interface.up:
        raise NotReady(f"{name} is down: 'ip link set {name} up'")
    return link_type


def no_radio(name: str | None) -> str:
    """Return a message if the radio `name` (`whimbrel.drivers.radios`; None: any radio) is missing on this machine;
    empty if it is present."""
    radios = all_names()
    if name is None:
        return "" if radios else "this machine has no Wi-Fi radio: plug in an adapter, or load its driver"
    if any(names.is_called(name) for names in radios):
        return ""
    return f"no radio is called {name!r}; there is {', '.join(map(str, radios)) or 'none'} ('iw phy' lists them)"


def describe(name: str) -> str:
    """Return the name with its radio and driver, if they can be found: ``wlan1mon (phy1, ath9k_htc)``."""
    device = Path("/sys/class/net") / name
    known = []
    with contextlib.suppress(OSError):
        known.append((device / "phy80211").resolve(strict=True).name)
    with contextlib.suppress(OSError):
        known.append((device / "device" / "driver").resolve(strict=True).name)
    return f"{name} ({', '.join(known)})" if known else name


def _ask(control: socket.socket, request: int, name: bytes) -> int:
    """Return the first 16 bits of the answer."""
    value: int = _IFREQ.unpack(fcntl.ioctl(control, request, _IFREQ.pack(name, 0)))[1]
    return value

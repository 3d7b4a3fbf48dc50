"""scapy's capture socket: its choice, the link type of its frames, and reading without blocking.

The functions here import scapy when they are called. Its releases 2.5 to 2.8 are known to work.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

from whimbrel.drivers.scapy.settings import ScapySettings
from whimbrel.module import NotReady
from whimbrel.wifi import linktypes
from whimbrel.wifi.capture_record import CaptureRecord

LINK_TYPES = {
    "RadioTap": linktypes.RADIOTAP,
    "Dot11": linktypes.IEEE802_11,
    "PrismHeader": linktypes.PRISM,
    "PPI": linktypes.PPI,
}
"""Link type of frames by scapy's name for their outermost layer."""

_SOL_PACKET, _PACKET_STATISTICS, _SO_RCVBUFFORCE = 263, 6, 33  # linux/if_packet.h, asm-generic/socket.h
_STATISTICS = struct.Struct("II")


def load() -> Any:
    """Import scapy, which takes up to a second on a PC, and return its ``conf``. Raises `NotReady`."""
    logging.getLogger("scapy").setLevel(logging.CRITICAL)  # it prints warnings about routes to stderr
    try:
        import scapy.arch  # selects the sockets for this machine
        import scapy.layers.dot11
        import scapy.layers.ppi  # noqa: F401  # both register link types
        from scapy.config import conf
    except ImportError as missing:
        raise NotReady(f"this source needs scapy ({missing}): apt install python3-scapy") from missing
    return conf


def open_socket(name: str, settings: ScapySettings) -> Any:
    """Return scapy's capture socket on the interface `name`. Raises `NotReady`."""
    from scapy.error import Scapy_Exception

    try:
        with _chosen(settings):
            return _listen(name, settings)
    except PermissionError as error:
        raise NotReady(
            f"capturing on {name} is not permitted: run it as the service or as root, or use setcap"
        ) from error
    except (OSError, ValueError, ImportError, Scapy_Exception) as error:
        raise NotReady(f"scapy cannot capture on {name}: {_in_one_line(error)}") from error


@contextlib.contextmanager
def _chosen(settings: ScapySettings) -> Iterator[None]:
    """Make scapy open sockets of the kind in the settings, and restore its own choice afterwards."""
    conf = load()
    usual = conf.use_pcap
    if settings.socket == "libpcap" and not usual:
        conf.use_pcap = True
        if not conf.use_pcap:
            raise NotReady("libpcap is not installed: apt install libpcap0.8, or set scapy.socket: auto")
    try:
        yield
    finally:
        if conf.use_pcap != usual:
            conf.use_pcap = usual


def _listen(name: str, settings: ScapySettings) -> Any:
    from scapy.interfaces import resolve_iface

    conf = load()
    conf.ifaces.reload()  # an interface may have been made meanwhile
    interface = resolve_iface(name)
    options: dict[str, Any] = {"filter": settings.filter} if settings.filter.strip() else {}
    if settings.monitor:
        options["monitor"] = True
    listening: Any = interface.l2listen()
    found = listening(iface=interface, **options)
    ins = getattr(found, "ins", None)
    if isinstance(ins, socket.socket):
        _make_room(ins, settings.buffer)
    return found


def _make_room(ins: socket.socket, size: int) -> None:
    try:
        ins.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, size)
    except OSError:  # without CAP_NET_ADMIN, or not on Linux
        with contextlib.suppress(OSError):
            ins.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)


def link_type_of(capture: Any, name: str) -> int:
    """Return the link type of the frames of a socket. Raises `NotReady` if they are no Wi-Fi frames."""
    layer: str = getattr(capture, "LL", getattr(capture, "cls", object)).__name__
    if layer not in LINK_TYPES:
        raise NotReady(
            f"{name} is not in monitor mode, its frames are {layer}: 'iw dev {name} set type monitor' while it is "
            "down; where libpcap can do that, set scapy.socket: libpcap and scapy.monitor: true"
        )
    return LINK_TYPES[layer]


def trouble(capture: Any) -> str:
    """Return the last error of libpcap, which scapy does not pass on; empty for other sockets."""
    wrapped = getattr(capture, "pcap_fd", None)
    if wrapped is None:
        return ""
    from scapy.libs.winpcapy import pcap_geterr

    return bytes(pcap_geterr(wrapped.pcap)).partition(b"\0")[0].decode("utf-8", "replace")


def make_nonblocking(capture: Any) -> bool:
    """Make the socket non-blocking; return False if that is impossible, or it has no descriptor to wait for."""
    ins = getattr(capture, "ins", None)
    if isinstance(ins, socket.socket):
        ins.setblocking(False)
        return True
    wrapped = getattr(capture, "pcap_fd", None)
    if wrapped is None or capture.fileno() < 0:
        return False
    wrapped.setnonblock(True)
    return True


def take(capture: Any) -> CaptureRecord | None:
    """Return the next frame; None if none is waiting. Raises OSError if the interface has gone."""
    try:
        _, octets, at = capture.recv_raw()
    except BlockingIOError:
        return None
    if not octets:
        return None
    return (time.time() if at is None else float(at), bytes(octets), len(octets))


def dropped(capture: Any, before: int) -> int:
    """Return the frames that the kernel has dropped since the opening; `before` is the result of the last call."""
    ins = getattr(capture, "ins", None)
    if isinstance(ins, socket.socket):
        try:
            _, drops = _STATISTICS.unpack(ins.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size))
        except (OSError, struct.error):
            return before
        return before + int(drops)  # reading resets them
    wrapped = getattr(capture, "pcap_fd", None)
    if wrapped is None:
        return before
    from ctypes import byref

    from scapy.libs.winpcapy import pcap_stat, pcap_stats

    statistics = pcap_stat()
    return int(statistics.ps_drop) if pcap_stats(wrapped.pcap, byref(statistics)) == 0 else before


def _in_one_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__

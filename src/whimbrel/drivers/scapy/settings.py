"""The settings of a capture with scapy. Light to import: no scapy."""

from __future__ import annotations

from typing import Literal

from whimbrel.settings import Size, frozen, setting


@frozen
class ScapySettings:
    """Frames from scapy's capture socket, on every machine and interface that scapy supports."""

    interface: str | None = setting(
        None,
        help="The interface by scapy's name, in monitor mode or with a tuner that sets this mode. Required.",
    )
    socket: Literal["auto", "libpcap"] = setting(
        "auto", help="auto: the socket that scapy chooses for this machine and interface; libpcap: that of libpcap."
    )
    monitor: bool = setting(
        False, help="Whether libpcap sets the monitor mode of the interface (with socket: libpcap, on a Mac)."
    )
    filter: str = setting("", help="A filter expression (pcap-filter(7)) that frames must match. Needs libpcap.")
    buffer: Size = setting(
        Size(2 * 1024 * 1024),
        low=64 * 1024,
        high=64 * 1024 * 1024,
        help="Memory for frames waiting in a Linux socket; sockets of libpcap have their own.",
    )

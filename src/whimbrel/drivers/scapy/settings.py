"""What can be set of a capture by scapy. Light to import: no scapy."""

from __future__ import annotations

from typing import Literal

import attrs

from whimbrel.settings import Size, setting


@attrs.frozen
class ScapySettings:
    """Frames from scapy's capture socket: every machine and interface that scapy can listen on."""

    interface: str | None = setting(
        None,
        help="The interface, as scapy calls it; in monitor mode, or with a tuner that puts it there. Must be given.",
    )
    socket: Literal["auto", "libpcap"] = setting(
        "auto", help="auto: the one that scapy chooses for this machine and interface; libpcap: that of libpcap."
    )
    monitor: bool = setting(
        False, help="Whether libpcap is asked to put the interface into monitor mode (for socket: libpcap, on a Mac)."
    )
    filter: str = setting("", help="A filter expression (pcap-filter(7)) that frames must pass. Needs libpcap.")
    buffer: Size = setting(
        Size(2 * 1024 * 1024),
        low=64 * 1024,
        high=64 * 1024 * 1024,
        help="Memory for frames that wait in a socket of Linux; those of libpcap have their own.",
    )

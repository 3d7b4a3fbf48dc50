"""What every capture format is read into, and which link types are taken."""

from __future__ import annotations

from whimbrel.capture.chunks import UnknownLinkType
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.linktypes import NAMES

Batch = tuple[int, list[CaptureRecord]]
"""A link type and 1 to `BATCH` records that have it, in the order of the file."""

BATCH = 64

# What people are most likely to hold in their hands instead (https://www.tcpdump.org/linktypes.html).
_OTHERS = {
    0: "BSD loopback",
    1: "Ethernet",
    101: "raw IP",
    113: "Linux cooked capture",
    195: "802.15.4",
    201: "Bluetooth",
    251: "Bluetooth Low Energy",
    276: "Linux cooked capture, version 2",
}


def link_name(number: int) -> str:
    """Write a link type for a person: ``1 (Ethernet)``."""
    name = NAMES.get(number) or _OTHERS.get(number)
    return f"{number} ({name})" if name else str(number)


def unknown_link_type(number: int) -> UnknownLinkType:
    """Return the error for frames of link type `number`."""
    wanted = ", ".join(link_name(known) for known in NAMES)
    return UnknownLinkType(f"link type {link_name(number)} is not understood; a Wi-Fi capture has one of {wanted}")

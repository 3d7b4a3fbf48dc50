"""Link types: what a capture puts in front of each frame (tcpdump.org, "Link-layer header types"), and who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi import header, radiotap
from whimbrel.wifi.frames import Frame, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from whimbrel.wifi.capture_record import CaptureRecord

IEEE802_11 = 105
PRISM = 119
RADIOTAP = 127
AVS = 163
PPI = 192

NAMES = {IEEE802_11: "802.11", PRISM: "Prism", RADIOTAP: "radiotap", AVS: "AVS", PPI: "PPI"}
"""What people call the link types that can be read."""


def parse(linktype: int, record: CaptureRecord) -> Frame:
    """Read one record. Never raises; what reads many of one link type takes `parser_for` once."""
    return parser_for(linktype)(record)


def parser_for(linktype: int) -> Callable[[CaptureRecord], Frame]:
    """Return what makes a `Frame` of a record of this link type; for one that cannot be read, a frame that says so.

    Parsers are total: no bytes make them raise.
    """
    if linktype == RADIOTAP:
        return radiotap.parse
    if linktype == IEEE802_11:
        return _parse_bare
    if linktype in {PRISM, AVS}:
        from whimbrel.wifi import prism

        return prism.parse
    if linktype == PPI:
        return _parse_ppi
    return _parse_unknown


def _parse_bare(record: CaptureRecord) -> Frame:
    """Read a record without a capture header, which nothing tells of an FCS at the end."""
    frame = Frame()
    frame.time, frame.raw, original = record
    header.read_record(frame, 0, original, None)
    return frame


def _parse_ppi(record: CaptureRecord) -> Frame:
    """Read a PPI record, whose frame may have another capture header before it."""
    from whimbrel.wifi import ppi

    inner = ppi.carried(record)
    if inner is None or inner[0] == PPI or inner[0] not in NAMES:
        return ppi.parse(record)
    return parse(*inner)


def _parse_unknown(record: CaptureRecord) -> Frame:
    frame = Frame()
    frame.time, frame.raw, _ = record
    frame.malformed = Malformed.LINK_TYPE
    return frame

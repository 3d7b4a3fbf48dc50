"""Link types, the headers that captures put before each frame (tcpdump.org, "Link-layer header types"), and parsers."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from whimbrel.wifi import header, radiotap
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.reading import AS_TOLD, Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from whimbrel.wifi.capture_record import CaptureRecord

IEEE802_11 = 105
PRISM = 119
RADIOTAP = 127
AVS = 163
PPI = 192

NAMES = {IEEE802_11: "802.11", PRISM: "Prism", RADIOTAP: "radiotap", AVS: "AVS", PPI: "PPI"}
"""Names of the link types that can be read."""


def parse(linktype: int, record: CaptureRecord) -> Frame:
    """Parse one record; never raises. To parse many records of one link type, call `parser_for` once."""
    return parser_for(linktype)(record)


@lru_cache(maxsize=32)
def parser_for(linktype: int, reading: Reading = AS_TOLD) -> Callable[[CaptureRecord], Frame]:
    """Return the parser of a link type; for one that cannot be read, a parser that marks every frame as malformed.

    Parsers are total: no bytes make them raise. `reading` holds the peculiarities of the receiver.
    """
    if linktype == RADIOTAP:
        return radiotap.RadiotapParser(reading).parse
    if linktype == IEEE802_11:
        return partial(_parse_bare, reading=reading)
    if linktype in {PRISM, AVS}:
        from whimbrel.wifi import prism

        return partial(prism.parse, reading=reading)
    if linktype == PPI:
        return partial(_parse_ppi, reading=reading)
    return _parse_unknown


def marks(linktype: int, raw: bytes) -> tuple[bool | None, bool]:
    """Return the marks of a capture header: whether an FCS ends the frame (None: unknown), and whether it is damaged.

    Raises ValueError for a header that cannot be read.
    """
    if linktype == RADIOTAP:
        return radiotap.marks(raw)
    if linktype == PPI:
        from whimbrel.wifi import ppi

        return ppi.marks(raw)
    return None, False


def _parse_bare(record: CaptureRecord, reading: Reading) -> Frame:
    """Parse a record without a capture header, so that an FCS at the end is not announced."""
    frame = Frame()
    frame.time, frame.raw, original = record
    header.read_record(frame, 0, original, None if reading.untold is None else sum(reading.untold))
    return frame


def _parse_ppi(record: CaptureRecord, reading: Reading) -> Frame:
    """Parse a PPI record, which may contain another capture header."""
    from whimbrel.wifi import ppi

    inner = ppi.carried(record)
    if inner is None or inner[0] == PPI or inner[0] not in NAMES:
        return ppi.parse(record, reading)
    linktype, carried = inner
    return parser_for(linktype, reading)(carried)


def _parse_unknown(record: CaptureRecord) -> Frame:
    frame = Frame()
    frame.time, frame.raw, _ = record
    frame.malformed = Malformed.LINK_TYPE
    return frame

"""Find the true link type of a capture: the one that the file claims, or another that fits its frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whimbrel.capture.chunks import UnknownLinkType
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.channels import band_of
from whimbrel.wifi.elements import ELEMENTS_AT, parse_elements
from whimbrel.wifi.fcs import ends_with_fcs
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.linktypes import AVS, IEEE802_11, NAMES, PPI, PRISM, RADIOTAP, parser_for
from whimbrel.wifi.prism import AVS_COOKIES, PRISM_CODES
from whimbrel.wifi.radiotap_fields import (
    ANTENNA,
    CHANNEL,
    FLAGS,
    HE,
    MCS,
    RATE,
    RX_FLAGS,
    SIGNAL,
    SIZES,
    TIMESTAMP,
    TSFT,
    VHT,
    fields,
)

# The most likely link types of captures that are not Wi-Fi (https://www.tcpdump.org/linktypes.html).
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
_NOBODY = bytes(6)
_EITHER = AVS_COOKIES | PRISM_CODES
_SLACK = 7
"""Octets of padding that may follow the last radiotap field: some programs align the frame."""
_COMMON = frozenset({TSFT, FLAGS, RATE, CHANNEL, SIGNAL, ANTENNA, RX_FLAGS, MCS, VHT, TIMESTAMP, HE})
"""Fields of which every radiotap header with any field has at least one."""
_GOES_ON = 0x50  # of the first presence word's last octet: TLVs, a vendor's namespace


def link_name(number: int) -> str:
    """Write a link type for a person: ``1 (Ethernet)``."""
    name = NAMES.get(number) or _OTHERS.get(number)
    return f"{number} ({name})" if name else str(number)


def unknown_link_type(numbers: Sequence[int]) -> UnknownLinkType:
    """Return the error for a file whose frames all have one of the link types in `numbers`."""
    found = ", ".join(map(link_name, numbers))
    wanted = ", ".join(map(link_name, NAMES))
    return UnknownLinkType(f"link type {found} is not understood; a Wi-Fi capture has one of {wanted}")


def true_link_type(claimed: int, records: Sequence[CaptureRecord]) -> int | None:
    """Return the link type that fits most of `records`; None if neither `claimed` nor another fits.

    Some programs write the wrong number, above all 105 (bare 802.11) before frames with a radiotap header. Nothing else
    looks like a capture header, so a header that fits outweighs a claim that there is none.
    """
    if claimed in NAMES and claimed != IEEE802_11 and _most(records, _readable(claimed)):
        return claimed
    for number, fits in _HEADERS:
        if number != claimed and _most(records, fits):
            return number
    # Ethernet frames sometimes look like bare 802.11, so a claim of Ethernet is believed.
    return IEEE802_11 if claimed in NAMES and _most(records, _bare_fits) else None


def _most(records: Sequence[CaptureRecord], fits: Callable[[CaptureRecord], bool | None]) -> bool:
    """Return whether more records fit than do not; a record for which `fits` returns None does not count."""
    verdicts = [fits(record) for record in records]
    return verdicts.count(True) > verdicts.count(False)


def _readable(link_type: int) -> Callable[[CaptureRecord], bool]:
    if link_type in {AVS, PRISM}:  # captures mix them up, and one parser reads both
        return lambda record: record[1][:4] in _EITHER
    parse = parser_for(link_type)
    return lambda record: parse(record).malformed not in {Malformed.LINK_HEADER, Malformed.LINK_TYPE}


def _header_fits(link_type: int, magics: frozenset[bytes]) -> Callable[[CaptureRecord], bool]:
    parse = parser_for(link_type)
    return lambda record: record[1][:4] in magics and _sound(parse(record))


def _ppi_fits(record: CaptureRecord) -> bool:
    return _sound(parser_for(PPI)(record))


def _radiotap_fits(record: CaptureRecord) -> bool:
    """Return whether the record begins with a radiotap header without gaps, followed by a sound frame."""
    raw = record[1]
    found = fields(raw) if raw[1:2] == b"\0" else None
    if found is None or not found[1]:
        return False
    places, length = found[0], raw[2] | raw[3] << 8
    if places and _COMMON.isdisjoint(number for _, number, _ in places):
        return False
    # Vendor data and TLVs have no size of their own; they follow the last field, or are in its place.
    last = places[-1][1] if places else 0
    if not raw[7] & _GOES_ON and last < len(SIZES):
        filled = places[-1][2] + SIZES[last][1] if places else 8
        if length - filled > _SLACK:
            return False
    return _sound(parser_for(RADIOTAP)(record))


def _sound(frame: Frame) -> bool:
    """Return whether a frame was read to its end and has a possible kind, band and transmitter."""
    if frame.malformed is not None or frame.kind < 0 or (frame.freq and not band_of(frame.freq)):
        return False
    return frame.ta is None or not (frame.ta[0] & 1 or frame.ta == _NOBODY)


def _bare_fits(record: CaptureRecord) -> bool | None:
    """Return whether the record begins with a frame; None for kinds with too few fields to decide."""
    frame = parser_for(IEEE802_11)(record)
    if not _sound(frame):
        return False
    if ends_with_fcs(frame.raw, frame.start, len(frame.raw)):
        return True
    at = ELEMENTS_AT.get(frame.kind)
    if at is None or frame.protected or frame.cut:
        return None
    return parse_elements(frame.raw, frame.body + at, frame.end).malformed is None


_HEADERS: tuple[tuple[int, Callable[[CaptureRecord], bool]], ...] = (
    (AVS, _header_fits(AVS, AVS_COOKIES)),
    (PRISM, _header_fits(PRISM, PRISM_CODES)),
    (PPI, _ppi_fits),
    (RADIOTAP, _radiotap_fits),
)
"""The test for each capture header, the most certain first."""

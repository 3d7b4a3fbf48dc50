"""The frame check sequence, the last four octets of a frame (IEEE 802.11-2020, 9.2.4.8): the CRC-32 of Ethernet."""

from __future__ import annotations

from binascii import crc32

from whimbrel.wifi.frames import Frame
from whimbrel.wifi.reading import FCS

# The CRC of any octets followed by their own CRC.
_RESIDUE = 0x2144DF1C


def ends_with_fcs(raw: bytes, start: int, end: int) -> bool:
    """Return whether the last four octets of ``raw[start:end]`` are the check sequence of the others."""
    # A copy costs less than a view of so few octets.
    return end - start > FCS and crc32(raw[start:end]) == _RESIDUE


def fits(frame: Frame) -> bool:
    """Return whether the four octets after a frame are its check sequence; False if they are missing."""
    end = frame.end + FCS
    return not frame.cut and end <= len(frame.raw) and ends_with_fcs(frame.raw, frame.start, end)


def has_fcs(frame: Frame) -> bool:
    """Return whether the capture holds a frame's check sequence, right or wrong."""
    return not frame.cut and frame.end + FCS == len(frame.raw)


def holds(frame: Frame) -> bool | None:
    """Return whether a frame's check sequence fits its octets; None if the capture does not hold it.

    Some receivers do not mark damaged frames. Call this before an address seen for the first time is believed.
    """
    raw, start, end = frame.raw, frame.start, frame.end + FCS
    if frame.cut or end != len(raw):
        return None
    return end - start > FCS and crc32(raw[start:end]) == _RESIDUE  # `ends_with_fcs` without a call: many frames ask

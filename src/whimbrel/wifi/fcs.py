"""The frame check sequence, the last four octets of a frame (IEEE 802.11-2020, 9.2.4.8): CRC-32 as of Ethernet."""

from __future__ import annotations

from binascii import crc32

from whimbrel.wifi.frames import Frame
from whimbrel.wifi.reading import FCS

# What the CRC of any octets followed by their own CRC comes to.
_RESIDUE = 0x2144DF1C


def ends_with_fcs(raw: bytes, start: int, end: int) -> bool:
    """Tell whether the last four octets of ``raw[start:end]`` are the check sequence of the others."""
    return end - start > FCS and crc32(memoryview(raw)[start:end]) == _RESIDUE


def fits(frame: Frame) -> bool:
    """Tell whether the four octets behind a frame are its check sequence; False where they are not there."""
    end = frame.end + FCS
    return not frame.cut and end <= len(frame.raw) and ends_with_fcs(frame.raw, frame.start, end)


def holds(frame: Frame) -> bool | None:
    """Tell whether a frame's check sequence fits its octets; None where the capture does not hold it.

    Receivers forget to mark damaged frames; this is for who is about to believe in an address seen for the first time.
    """
    if frame.cut or frame.end + FCS != len(frame.raw):
        return None
    return ends_with_fcs(frame.raw, frame.start, frame.end + FCS)

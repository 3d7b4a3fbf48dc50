"""Whether two frames that carry one sender's address fit one radio."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_SOON = 1.0
"""Seconds within which two frames are compared: a sender's counter and level hardly change meanwhile."""
_MOST = 64
"""Sequence numbers that one sender's management frames may be apart after that time: it sends that many at most."""
_MODULO = 4096
_LEVEL = 12
"""dB that the level of one sender may differ: antennas that take turns make up to 10."""


def apart(one: Frame, other: Frame) -> str:
    """Return in words why two management frames, heard within a second, are not from one radio: their sequence numbers
    or their levels are far apart; empty if they may be."""
    if abs(one.time - other.time) > _SOON:
        return ""
    reasons = []
    if one.seq is not None and other.seq is not None:
        distance = (one.seq - other.seq) % _MODULO
        if min(distance, _MODULO - distance) > _MOST:
            reasons.append(f"sequence numbers {one.seq} and {other.seq}")
    if one.rssi is not None and other.rssi is not None and abs(one.rssi - other.rssi) >= _LEVEL:
        reasons.append(f"levels {one.rssi} and {other.rssi} dBm")
    return ", ".join(reasons)

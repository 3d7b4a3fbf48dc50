"""Comparison of two frames with the same sender address: one sender, or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi.radios import one_radio

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_SOON = 1.0
"""The most seconds between two compared frames: a sender's counter and level hardly change meanwhile."""
_MOST = 64
"""The largest difference of one sender's sequence numbers in that time: it sends at most that many management
frames."""
_MODULO = 4096
_LEVEL = 12
"""The least dB between two senders: alternating antennas of one differ by up to 10."""


def levels_apart(one: Frame, other: Frame) -> bool:
    """Return whether one radio heard both frames, at levels that are not of one sender."""
    return (
        one.rssi is not None
        and other.rssi is not None
        and abs(one.rssi - other.rssi) >= _LEVEL
        and one_radio(one, other)
    )


def apart(one: Frame, other: Frame) -> str:
    """Return the reason why two management frames, heard within a second, are not from one sender: distant sequence
    numbers or levels; empty if they may be. Levels are compared only if one receiving radio heard both."""
    if abs(one.time - other.time) > _SOON:
        return ""
    reasons = []
    if one.seq is not None and other.seq is not None:
        distance = (one.seq - other.seq) % _MODULO
        if min(distance, _MODULO - distance) > _MOST:
            reasons.append(f"sequence numbers {one.seq} and {other.seq}")
    if levels_apart(one, other):
        reasons.append(f"levels {one.rssi} and {other.rssi} dBm")
    return ", ".join(reasons)

"""Recognition of the radio that heard a frame: a capture may contain the frames of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_LATE = 50_000
"""Microseconds by which the delivery of a radio's frames varies against its own clock."""


def one_radio(one: Frame, other: Frame) -> bool:
    """Return whether one radio may have heard both frames: its clock (radiotap, TSFT) has run as long as the time
    stamps between them; without that clock, whether both capture headers have the same length, of one receiver.

    Clocks of two radios count from their own starts, which are hardly ever within 0.05 s of each other.
    """
    if one.tsft is None or other.tsft is None:
        return one.start == other.start and one.receiver == other.receiver
    passed = int((other.time - one.time) * 1e6)
    return -_LATE <= other.tsft - one.tsft - passed <= _LATE

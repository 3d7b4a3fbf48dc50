"""The result of reading a capture of any format, and the oddities of a sound file."""

from __future__ import annotations

from collections import Counter

from whimbrel.wifi.capture_record import CaptureRecord

Batch = tuple[int, list[CaptureRecord]]
"""A link type and 1 to `BATCH` records of that type, in the order of the file."""

BATCH = 64


class Oddities:
    """Oddities of a capture file that a user should know although every frame can be read."""

    def __init__(self) -> None:
        self.left_out: Counter[int] = Counter()
        """Frames that are not Wi-Fi, by link type."""
        self.mislabelled: dict[int, int] = {}
        """Pairs of a claimed link type and the true one, as which the frames were read."""

"""What every capture format is read into, and what is odd about a file that is sound."""

from __future__ import annotations

from collections import Counter

from whimbrel.wifi.capture_record import CaptureRecord

Batch = tuple[int, list[CaptureRecord]]
"""A link type and 1 to `BATCH` records that have it, in the order of the file."""

BATCH = 64


class Oddities:
    """What a person should know of a capture file although every frame of it can be read."""

    def __init__(self) -> None:
        self.left_out: Counter[int] = Counter()
        """Frames that are not Wi-Fi, by link type."""
        self.mislabelled: dict[int, int] = {}
        """Link types that are claimed, and those that the frames have and were read as."""

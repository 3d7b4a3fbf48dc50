"""Frames as the radio delivers them, for tests of the recorder."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.lab import frames as made

from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.recording.counts import Counts
from whimbrel.recording.ring import Held
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import RADIOTAP, parse

NOW = 1_764_449_594.25  # 2025-11-29 20:53:14 UTC


def heard(octets: bytes, time: float = NOW, length: int = 0) -> Frame:
    return parse(RADIOTAP, (time, octets, max(length, len(octets))))


def numbered(first: int, count: int, *, begin: float = NOW, pace: float = 0.01, size: int = 0) -> list[Frame]:
    """Return beacons that end in their numbers, `pace` seconds after each other."""
    return [
        heard(made.numbered(number, size), begin + (number - first) * pace) for number in range(first, first + count)
    ]


def held(*batches: list[Frame], lost: int = 0, counts: Counts | None = None) -> list[Held]:
    """Return batches as the ring holds them; before each but the first, `lost` frames are missing."""
    return [Held(0.0, 0, batch, lost if number else 0, counts or Counts()) for number, batch in enumerate(batches)]


def data_frame(body: bytes, *, protected: bool, time: float = NOW) -> Frame:
    return heard(made.radiotap(made.data(8, body, flags=0x41 if protected else 0x01)), time)


def records(path: Path) -> list[CaptureRecord]:
    """Return the frames of a capture file."""
    with path.open("rb") as file:
        return [record for _, batch in read_capture(file) for record in batch]


def numbers(path: Path) -> list[int]:
    """Return the numbers that the frames of a file end in."""
    return [struct.unpack(">I", octets[-4:])[0] for _, octets, _ in records(path)]


def so_far(path: Path) -> list[int]:
    """Return the numbers in a file that is being written."""
    try:
        return numbers(path)
    except CaptureError:
        return []


def files(folder: Path) -> list[Path]:
    """Return the contents of a folder by name."""
    return sorted(folder.iterdir())

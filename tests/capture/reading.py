"""Reads a whole capture for a test, and remembers how it ended."""

from __future__ import annotations

import io
from typing import NamedTuple

from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.capture.records import Batch, Oddities
from whimbrel.wifi.capture_record import CaptureRecord


class Outcome(NamedTuple):
    batches: list[Batch]
    error: CaptureError | None
    left_out: dict[int, int]
    """Frames by link type."""
    mislabelled: dict[int, int]

    @property
    def records(self) -> list[CaptureRecord]:
        return [record for _, batch in self.batches for record in batch]

    @property
    def frames(self) -> list[bytes]:
        return [octets for _, octets, _ in self.records]


class Trickle(io.RawIOBase):
    """A stream that returns one octet less than requested, and never more than `most`."""

    def __init__(self, data: bytes, most: int) -> None:
        self._inner = io.BytesIO(data)
        self._most = most
        self.largest = 0

    def read(self, size: int = -1) -> bytes:
        self.largest = max(self.largest, size)
        return self._inner.read(min(size, self._most))


def read(data: bytes, most: int = 1 << 30) -> Outcome:
    """Read `data` through a stream that gives at most `most` octets at a time."""
    batches: list[Batch] = []
    oddities = Oddities()
    ended: CaptureError | None = None
    try:
        for link_type, records in read_capture(Trickle(data, most), oddities):
            assert 1 <= len(records) <= 64
            batches.append((link_type, records))
    except CaptureError as error:
        ended = error
    return Outcome(batches, ended, dict(oddities.left_out), oddities.mislabelled)

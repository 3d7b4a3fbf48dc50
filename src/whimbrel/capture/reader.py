"""Read a capture file, pcap or pcapng, as batches of records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator

from whimbrel.capture.chunks import CaptureError, Chunks, NotACapture, Readable
from whimbrel.capture.link_types import true_link_type, unknown_link_type
from whimbrel.capture.pcap import MAGICS, read_pcap
from whimbrel.capture.pcapng import SECTION_HEADER, read_pcapng
from whimbrel.capture.records import BATCH, Batch, Oddities
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.linktypes import NAMES

_LOOKS = 8
"""Batches of one link type that are examined before its claim is believed without evidence."""


def read_capture(stream: Readable, oddities: Oddities | None = None) -> Generator[Batch, None, None]:
    """Yield the Wi-Fi frames of a pcap or pcapng file, plain or gzipped, in batches of 1 to 64 of one link type.

    `stream` is read in pieces and never held as a whole. Frames that are not Wi-Fi are left out and counted in
    `oddities`; a wrong link type is corrected and noted there. After all whole frames were yielded, errors are raised
    as a `whimbrel.capture.chunks.CaptureError`: `NotACapture`, `Damaged`, or `UnknownLinkType` if there are frames and
    none is Wi-Fi.
    """
    chunks = Chunks(stream)
    data = chunks.data
    while len(data) < 4 and len(grown := chunks.more(0)) > len(data):
        data = grown
    magic = data[:4]
    if magic in MAGICS:
        yield from _Sorter(oddities).sort(read_pcap(chunks), mixed=False)
    elif magic == SECTION_HEADER:
        yield from _Sorter(oddities).sort(read_pcapng(chunks), mixed=True)
    elif not data:
        raise NotACapture("it is empty")
    else:
        raise NotACapture(f"it is neither pcap nor pcapng: it begins with {magic.hex(' ')}")


class _Sorter:
    """Separates Wi-Fi frames from others, and refills the batches that became shorter."""

    def __init__(self, oddities: Oddities | None) -> None:
        self._oddities = oddities or Oddities()
        self._settled: dict[int, int] = {}  # the true link type by the claimed one
        self._link_type = 0
        self._waiting: list[CaptureRecord] = []  # records of that link type
        self._doubtful: Counter[int] = Counter()  # batches without evidence, by claimed link type
        self._any = False  # Wi-Fi frames were found

    def sort(self, batches: Iterator[Batch], *, mixed: bool) -> Iterator[Batch]:
        """Yield the Wi-Fi frames; `mixed`: whether the file may hold frames of several link types."""
        try:
            for claimed, records in batches:
                link_type = self._settled.get(claimed) or self._settle(claimed, records)
                if link_type in NAMES:
                    self._any = True
                    yield from self._put(link_type, records)
                else:
                    self._oddities.left_out[link_type] += len(records)
                    if not mixed:
                        break
        except CaptureError:
            yield from self._rest()
            raise
        yield from self._rest()
        left_out = self._oddities.left_out
        if left_out and not self._any:
            error = unknown_link_type(sorted(left_out))
            left_out.clear()  # the error names them
            raise error

    def _settle(self, claimed: int, records: list[CaptureRecord]) -> int:
        """Return the link type of `records`; if it is certain, keep it for the following ones."""
        found = true_link_type(claimed, records)
        if found is None:
            self._doubtful[claimed] += 1
            if self._doubtful[claimed] < _LOOKS:
                return claimed
            found = claimed
        self._settled[claimed] = found
        if found != claimed:
            self._oddities.mislabelled[claimed] = found
        return found

    def _put(self, link_type: int, records: list[CaptureRecord]) -> Iterator[Batch]:
        if link_type != self._link_type:
            yield from self._rest()
            self._link_type = link_type
        if not self._waiting and len(records) == BATCH:
            yield link_type, records
            return
        self._waiting += records
        while len(self._waiting) >= BATCH:
            yield link_type, self._waiting[:BATCH]
            del self._waiting[:BATCH]

    def _rest(self) -> Iterator[Batch]:
        if self._waiting:
            yield self._link_type, self._waiting
            self._waiting = []

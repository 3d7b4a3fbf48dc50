"""A capture file of any of the formats that Wi-Fi captures come in, as batches of records."""

from __future__ import annotations

from collections.abc import Generator

from whimbrel.capture.chunks import Chunks, NotACapture, Readable
from whimbrel.capture.pcap import MAGICS, read_pcap
from whimbrel.capture.pcapng import SECTION_HEADER, read_pcapng
from whimbrel.capture.records import Batch


def read_capture(stream: Readable) -> Generator[Batch, None, None]:
    """Yield the frames of a pcap or pcapng file, plain or gzipped, in batches of 1 to 64 of one link type.

    `stream` is read in pieces and never held as a whole. Raises, when every whole frame before was yielded, a
    `whimbrel.capture.chunks.CaptureError`: `NotACapture`, `UnknownLinkType` or `Damaged`.
    """
    chunks = Chunks(stream)
    data = chunks.data
    while len(data) < 4 and len(grown := chunks.more(0)) > len(data):
        data = grown
    magic = data[:4]
    if magic in MAGICS:
        yield from read_pcap(chunks)
    elif magic == SECTION_HEADER:
        yield from read_pcapng(chunks)
    elif not data:
        raise NotACapture("it is empty")
    else:
        raise NotACapture(f"it is neither pcap nor pcapng: it begins with {magic.hex(' ')}")

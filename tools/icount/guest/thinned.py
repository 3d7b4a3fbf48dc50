"""Counts the cost of whole captures that are heard a second time, thinned by the kernel; writes a line for each: label,
name, frames that passed, findings.

Arguments: captures, each with two files beside it that ``python -m tests.lab.thinned --second`` has made: the frames
that passed the second time, and the counts of each second. As in `tools.icount.guest.mixes`, only the second time is
counted; taking in the counts is part of it, the kernel's and the helper's work are not.
"""

from __future__ import annotations

import gc
import struct
import sys
from pathlib import Path

from tools.icount.guest.marks import mark
from tools.icount.guest.mixes import Ears, batches_of, later

from whimbrel.detections.counting import count, needed
from whimbrel.drivers.linux.thinning.counted import counted
from whimbrel.drivers.linux.thinning.order import unpack_counts
from whimbrel.wifi.capture_record import CaptureRecord

_HEAD = struct.Struct("<dI")
_SOON = 0.1
"""Seconds for which frames wait before the daemon reads them."""


def counts_of(path: Path) -> list[tuple[float, bytes]]:
    """Return the packed counts with their times."""
    data = path.read_bytes()
    found = []
    at = 0
    while at < len(data):
        time, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        found.append((time, data[at : at + size]))
        at += size
    return found


def main() -> None:
    """Count every capture."""
    for label, path in enumerate(map(Path, sys.argv[1:])):
        ears = Ears()
        first = batches_of(path)
        moved = later(first)[0][1][0][0] - first[0][1][0][0]
        passed = [record for _, records in batches_of(path.with_suffix(".passed")) for record in records]
        link_type = first[0][0]
        ears.take(first)
        steps: list[tuple[bytes, list[CaptureRecord]]] = []
        rest = iter(counts_of(path.with_suffix(".counts")))
        coming = next(rest, None)
        batch: list[CaptureRecord] = []
        begun = 0.0
        for time, raw, length in passed:
            if len(batch) == 64 or (batch and not begun <= time < begun + _SOON):
                steps.append((b"", batch))
                batch = []
            if coming is not None and coming[0] <= time:
                steps += [(b"", batch), (coming[1], [])]
                batch = []
                coming = next(rest, None)
            begun = begun if batch else time
            batch.append((time + moved, raw, length))
        steps.append((b"", batch))
        gc.collect()
        mark(label)
        ears.take([])
        mark(label)
        findings = 0
        for packed, records in steps:
            if packed:
                findings += len(count(ears.detections, counted(unpack_counts(packed), moved)))
                needed(ears.detections)
            elif records:
                findings += ears.take([(link_type, records)])
        mark(label)
        print(f"{label}\t{path.stem}\t{len(passed)}\t{findings}")


if __name__ == "__main__":
    main()

"""Counts the cost of whole captures, heard a second time; writes a line for each: label, name, frames, findings.

Arguments: captures. Each is heard twice by one survey with every detection, the second time as if it came right after
the first: known networks, and whatever the capture keeps doing. Only the second time is counted, between the second and
third of three marks; between the first two, nothing is heard.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from tools.icount.guest.marks import mark

from whimbrel.capture.reader import read_capture
from whimbrel.detections.engine import Detections
from whimbrel.detections.guarded import Guard
from whimbrel.detections.registry import all_detections
from whimbrel.events.radio import ClockStepped, ReceiverJudged
from whimbrel.hearing.hearing import Hearing
from whimbrel.survey.survey import Survey
from whimbrel.wifi.capture_record import CaptureRecord

Batches = list[tuple[int, list[CaptureRecord]]]
_BETWEEN = 1.0
"""Seconds from the last frame of the first time to the first of the second."""


class Ears:
    """Sniffer and watcher, without the bus between them."""

    def __init__(self) -> None:
        self.hearing = Hearing(live=False)
        self.detections = Detections(Survey(), Guard(), all_detections())

    def take(self, batches: Batches) -> int:
        """Take batches in; return how many findings there were."""
        observe = self.detections.observe
        findings = 0
        for link_type, records in batches:
            for part in self.hearing.take(link_type, records):
                if isinstance(part, ClockStepped):
                    self.detections.shift(part.delta)
                elif not isinstance(part, ReceiverJudged):
                    for frame in part:
                        findings += len(observe(frame, 0))
        return findings


def batches_of(path: Path) -> Batches:
    """Return a capture as its source delivers it."""
    with path.open("rb", buffering=0) as stream:
        return [(link_type, list(records)) for link_type, records in read_capture(stream)]


def later(batches: Batches) -> Batches:
    """Return batches as they would be heard after these."""
    times = [record[0] for _, records in batches for record in records]
    shift = max(times) - min(times) + _BETWEEN
    return [
        (link_type, [(time + shift, raw, length) for time, raw, length in records]) for link_type, records in batches
    ]


def main() -> None:
    """Count every capture."""
    for label, path in enumerate(map(Path, sys.argv[1:])):
        ears = Ears()
        first = batches_of(path)
        second = later(first)
        ears.take(first)
        gc.collect()
        mark(label)
        ears.take([])
        mark(label)
        findings = ears.take(second)
        mark(label)
        print(f"{label}\t{path.stem}\t{sum(len(records) for _, records in second)}\t{findings}")

"""Counts frames from bytes to findings; writes a line for each case: label, name, frames, findings.

Each case has three marks: around no frame at all, and around all of its frames.
"""

from __future__ import annotations

import gc
import struct
import zlib

from tools.icount.guest.marks import mark
from tools.icount.guest.mix import NAMES

from whimbrel.detections.engine import Detections
from whimbrel.detections.guarded import Guard
from whimbrel.detections.registry import all_detections
from whimbrel.survey.survey import Survey
from whimbrel.wifi.linktypes import parser_for

FRAMES = "/icount/frames.pcap"
RADIOTAP = 127
WARM = 200
"""Frames before a measurement, until the interpreter has specialised its bytecode."""
MANY = 2048
BATCH = 64
"""Frames that the daemon has at a time."""
SPACING = 0.005
"""Seconds between frames: a busy channel's 200 a second."""


def read_mix(path: str) -> dict[str, bytes]:
    """Return the frames of the mix by name."""
    with open(path, "rb") as stream:  # noqa: PTH123  # pathlib is not otherwise needed
        stream.seek(24)
        frames = {}
        for name in NAMES:
            length = struct.unpack("<8xI4x", stream.read(16))[0]
            frames[name] = stream.read(length)
    return frames


def numbered(raw: bytes, number: int, new: bool) -> bytes:
    """Return a later version of a frame: with another sequence number and TSF; `new`: also from another sender."""
    frame = bytearray(raw)
    start = frame[2] | frame[3] << 8
    kind = frame[start]
    if kind & 0x0C != 0x04:
        struct.pack_into("<H", frame, start + 22, (number & 0xFFF) << 4)
    if kind in {0x80, 0x50}:
        struct.pack_into("<Q", frame, start + 24, number * round(SPACING * 1e6))
    if new:
        address = bytes((0x00, 0x1D, 0x7E)) + number.to_bytes(3, "big")
        frame[start + 10 : start + 16] = address
        if kind in {0x80, 0x50}:
            frame[start + 16 : start + 22] = address
    # Frames of the mix end with their FCS, and new devices are not accepted from damaged frames.
    struct.pack_into("<I", frame, len(frame) - 4, zlib.crc32(memoryview(frame)[start:-4]))
    return bytes(frame)


class Air:
    """A survey that knows the mix, with all detections, and a clock of frames."""

    def __init__(self, mix: dict[str, bytes]) -> None:
        self.parse = parser_for(RADIOTAP)
        self.detections = Detections(Survey(), Guard(), all_detections())
        self.now = 1_700_000_000.0
        self.number = 0
        for raw in (*mix.values(), *mix.values()):
            self.take(self.records(raw, 1))

    def records(self, raw: bytes, many: int, *, new: bool = False) -> list[tuple[float, bytes, int]]:
        """Return frames as a source delivers them."""
        made = []
        for _ in range(many):
            self.now += SPACING
            self.number += 1
            made.append((self.now, numbered(raw, self.number, new), len(raw)))
        return made

    def take(self, records: list[tuple[float, bytes, int]]) -> int:
        """Process frames like sniffer and watcher; return the number of findings."""
        parse, observe = self.parse, self.detections.observe
        findings = 0
        for first in range(0, len(records), BATCH):
            for frame in [parse(record) for record in records[first : first + BATCH]]:
                for _ in observe(frame, 0):
                    findings += 1
        return findings

    def read(self, records: list[tuple[float, bytes, int]]) -> None:
        """Parse only."""
        parse = self.parse
        for record in records:
            parse(record)


def main() -> None:
    """Measure every frame of the mix as known, and those that can introduce a device also as new."""
    mix = read_mix(FRAMES)
    cases = [(name, False) for name in NAMES] + [(name, True) for name in ("beacon", "probe request", "probe response")]
    for label, (name, new) in enumerate(cases):
        air = Air(mix)
        many = MANY // 10 if new else MANY
        air.take(air.records(mix[name], WARM // 2 if new else WARM, new=new))
        records = air.records(mix[name], many, new=new)
        empty: list[tuple[float, bytes, int]] = []
        gc.collect()  # garbage of earlier cases must not be collected in this one
        mark(label)
        air.take(empty)
        mark(label)
        findings = air.take(records)
        mark(label)
        if new and findings < many:
            raise SystemExit(f"only {findings} of {many} frames of {name} introduced somebody")
        print(f"{label}\t{'new ' if new else ''}{name}\t{many}\t{findings}")
    parse_only(mix, len(cases))


def parse_only(mix: dict[str, bytes], label: int) -> None:
    """Measure the share of parsing in the cost of a beacon."""
    air = Air(mix)
    records = air.records(mix["beacon"], MANY)
    air.read(records)
    mark(label)
    air.read([])
    mark(label)
    air.read(records)
    mark(label)
    print(f"{label}\tbeacon, parsed only\t{MANY}\t0")

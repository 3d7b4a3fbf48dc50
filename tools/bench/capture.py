"""The captures that are measured on: a lunchtime in the simulated café, the same octets on every machine; real ones."""

from __future__ import annotations

import contextlib
import itertools
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.drivers.sim import library, world
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.linktypes import RADIOTAP

PROJECT = Path(__file__).resolve().parents[2]
BUILD = PROJECT / "build" / "bench"
FRAMES = 200_000
_REAL = [PROJECT.parent / "shared" / name for name in ("captures", "captures2")]
"""Folders of real captures (docs/captures.md)."""
_LONGEST = 3600.0
"""Seconds that one of them may go on at most: some clocks were set meanwhile."""
_START = 1_700_000_000.0  # s since the epoch
_HEADER = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")


def large() -> Path:
    """Return the capture, a pcap file of `FRAMES` frames; made where it is absent."""
    path = BUILD / f"cafe-{FRAMES}.pcap"
    if not path.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(".part")
        with made.open("wb") as stream:
            stream.write(_HEADER.pack(0xA1B2C3D4, 2, 4, 0, 0, 65535, RADIOTAP))
            for time, raw, length in itertools.islice(_air(), FRAMES):
                micros = round(time * 1_000_000)
                stream.write(_RECORD.pack(micros // 1_000_000, micros % 1_000_000, len(raw), length) + raw)
        made.rename(path)
    return path


class Merged(NamedTuple):
    """Real captures in one file."""

    path: Path
    frames: int


def merged() -> Merged | None:
    """Return the real captures with radiotap headers as one pcap file, one after the other in time; None where they are
    not there."""
    found = [path for folder in _REAL for path in sorted(folder.rglob("*.pcap*"))]
    if not found:
        return None
    BUILD.mkdir(parents=True, exist_ok=True)
    path, frames, now = BUILD / "real.pcap", 0, _START
    with path.open("wb") as stream:
        stream.write(_HEADER.pack(0xA1B2C3D4, 2, 4, 0, 0, 65535, RADIOTAP))
        for capture in found:
            heard = list(_whole(capture))
            first = heard[0][0] if heard else 0.0
            last = now
            for time, raw, length in heard:
                last = now + min(max(time - first, 0.0), _LONGEST)
                micros = round(last * 1_000_000)
                stream.write(_RECORD.pack(micros // 1_000_000, micros % 1_000_000, len(raw), length) + raw)
            now = last + 1.0
            frames += len(heard)
    return Merged(path, frames)


def _whole(path: Path) -> Iterator[CaptureRecord]:
    """Yield the records with radiotap headers that come before any damage of a file."""
    with path.open("rb", buffering=0) as file, contextlib.suppress(CaptureError):
        for link_type, found in read_capture(file):
            if link_type == RADIOTAP:
                yield from found


def records(path: Path) -> list[CaptureRecord]:
    """Return every record of a file that `large` has made."""
    data = path.read_bytes()
    found = []
    at = _HEADER.size
    while at < len(data):
        seconds, micros, captured, length = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        found.append((seconds + micros / 1e6, data[at : at + captured], length))
        at += captured
    return found


def _air() -> Iterator[CaptureRecord]:
    return world.build(library.load("cafe"), seed=7, start=_START).air.until(float(FRAMES))

"""The capture that is measured on: a lunchtime in the simulated café, the same octets on every machine."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from pathlib import Path

from whimbrel.drivers.sim import library, world
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.linktypes import RADIOTAP

PROJECT = Path(__file__).resolve().parents[2]
BUILD = PROJECT / "build" / "bench"
FRAMES = 200_000
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

"""A frame as a block of a pcapng file: with a radiotap header, cut according to the settings, with comments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from whimbrel.capture import pcapng_blocks
from whimbrel.capture.radiotap_header import radiotap_header
from whimbrel.recording.selection import Payload, kept_octets
from whimbrel.wifi.linktypes import RADIOTAP, marks, parse

if TYPE_CHECKING:
    from whimbrel.geo import Position
    from whimbrel.wifi.capture_record import CaptureRecord
    from whimbrel.wifi.frames import Frame

    Heard = Frame | CaptureRecord
    """A recordable item: a frame, or its capture record with a radiotap header."""

_LEAST_HEADER = 8
"""Octets of the shortest radiotap header."""
_FCS = 4


def octets_of(heard: Heard) -> bytes:
    """Return its captured octets. The identity of the object identifies the frame in a batch."""
    return heard[1] if isinstance(heard, tuple) else heard.raw


def time_of(heard: Heard) -> float:
    """Return when it was heard, in seconds since the epoch."""
    return heard[0] if isinstance(heard, tuple) else heard.time


def packed(
    heard: Heard,
    payload: Payload = Payload.KEEP,
    snap_length: int = 0,
    comments: Iterable[str] = (),
    lost: int = 0,
    place: bytes = b"",
) -> bytes:
    """Return the block of a frame; `lost` frames before it are missing, `place` is where it was heard.

    A time before the epoch is written as 0.
    """
    frame = parse(RADIOTAP, heard) if isinstance(heard, tuple) else heard
    raw = frame.raw
    octets, length = raw[: kept_octets(frame, payload, snap_length)], len(raw)
    if not is_radiotap(frame):
        # A capture of another kind was the source: the file has one link type, and so one kind of header.
        header = radiotap_header(
            tsft=frame.tsft, rate=frame.rate, freq=frame.freq, phy=frame.phy, rssi=frame.rssi, noise=frame.noise,
            damaged=frame.bad_fcs,
        )  # fmt: skip
        end = max(frame.start, min(len(octets), frame.end))
        octets = header + octets[frame.start : end]
        length = len(header) + max(frame.length - _FCS, end - frame.start)
    elif frame.cut:
        length = _original_length(frame)
    return pcapng_blocks.packet(max(frame.time, 0.0), octets, length, comments, lost, place)


def packed_place(position: Position) -> bytes:
    """Return the position of the device as `packed` writes it with a frame."""
    return pcapng_blocks.position(position.latitude, position.longitude, position.altitude)


def is_radiotap(frame: Frame) -> bool:
    """Return whether a frame has a radiotap header: version 0, and a length that leads to the frame."""
    raw = frame.raw
    return frame.start >= _LEAST_HEADER and raw[0] == 0 and raw[2] | raw[3] << 8 == frame.start


def record_of(frame: Frame) -> CaptureRecord:
    """Return the capture record of a frame with a radiotap header."""
    raw = frame.raw
    return frame.time, raw, _original_length(frame) if frame.cut and len(raw) >= _LEAST_HEADER else len(raw)


def _original_length(frame: Frame) -> int:
    """Return how long the record was before the capture cut it, of a frame with a radiotap header."""
    return frame.start + frame.length - (0 if _has_fcs(frame.raw) else _FCS)


def _has_fcs(raw: bytes) -> bool:
    try:
        return marks(RADIOTAP, raw)[0] is True
    except ValueError:
        return False

"""A frame as a block of a pcapng file: with a radiotap header, cut according to the settings, with comments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from whimbrel.capture import pcapng_blocks
from whimbrel.capture.radiotap_header import radiotap_header
from whimbrel.recording.selection import Payload, kept_octets
from whimbrel.wifi.linktypes import RADIOTAP, marks

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_FCS = 4


def packed(
    frame: Frame,
    payload: Payload = Payload.KEEP,
    snap_length: int = 0,
    comments: Iterable[str] = (),
    lost: int = 0,
    place: bytes = b"",
) -> bytes:
    """Return the block of a frame; `lost` frames before it are missing, `place` is where it was heard.

    A time before the epoch is written as 0.
    """
    raw = frame.raw
    octets, length = raw[: kept_octets(frame, payload, snap_length)], len(raw)
    if not _is_radiotap(frame):
        # A capture of another kind was the source: the file has one link type, and so one kind of header.
        header = radiotap_header(
            tsft=frame.tsft, rate=frame.rate, freq=frame.freq, phy=frame.phy, rssi=frame.rssi, noise=frame.noise,
            damaged=frame.bad_fcs,
        )  # fmt: skip
        end = max(frame.start, min(len(octets), frame.end))
        octets = header + octets[frame.start : end]
        length = len(header) + max(frame.length - _FCS, end - frame.start)
    elif frame.cut:
        length = frame.start + frame.length - (0 if _has_fcs(raw) else _FCS)
    return pcapng_blocks.packet(max(frame.time, 0.0), octets, length, comments, lost, place)


def _is_radiotap(frame: Frame) -> bool:
    """Return whether a frame has a radiotap header: version 0, and a length that leads to the frame."""
    raw = frame.raw
    return frame.start >= 8 and raw[0] == 0 and raw[2] | raw[3] << 8 == frame.start


def _has_fcs(raw: bytes) -> bool:
    try:
        return marks(RADIOTAP, raw)[0] is True
    except ValueError:
        return False

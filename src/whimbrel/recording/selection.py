"""Which frames are recorded, and how much of each."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from whimbrel.wifi.kinds import DATA_FRAMES, NO_PAYLOAD, PROTECTED
from whimbrel.wifi.payloads import ethertype, payloads

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_CONTROL = 0x10
_EAPOL = b"\x88\x8e"
_SECURITY_HEADER = 8
"""Octets behind the MAC header that stay of a protected frame: packet number and key (IEEE 802.11-2020, 12.5.3.2)."""


class Mode(enum.StrEnum):
    """The selection of continuous recording, in addition to frozen alerts."""

    ALL = "all"
    INTERESTING = "interesting"
    OFF = "off"


class Payload(enum.StrEnum):
    """The treatment of the encrypted part of data frames."""

    CUT = "cut"
    KEEP = "keep"


def is_interesting(frame: Frame) -> bool:
    """Return whether a frame is of management, or carries EAPOL in the clear."""
    kind = frame.kind
    if kind < _CONTROL:
        return kind >= 0
    if kind not in DATA_FRAMES or kind & NO_PAYLOAD or frame.flags & PROTECTED:
        return False
    raw = frame.raw
    return any(ethertype(raw, start, end) == _EAPOL for start, end in payloads(frame))


def kept_octets(frame: Frame, payload: Payload, snap_length: int) -> int:
    """Return how many octets of ``frame.raw`` are recorded; `snap_length` 0: no limit."""
    kept = len(frame.raw)
    if payload is Payload.CUT and frame.flags & PROTECTED and frame.kind in DATA_FRAMES:
        kept = min(kept, frame.body + _SECURITY_HEADER)
    return min(kept, snap_length) if snap_length else kept

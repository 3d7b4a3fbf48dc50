"""The clocks in beacons: whether time passed between two frames, or only the clock of their stamps was set."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import BEACON
from whimbrel.wifi.linktypes import parser_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whimbrel.wifi.capture_record import CaptureRecord

_timestamp = Struct("<Q").unpack_from
_TIMESTAMP = 8
_AT_ONCE = 60.0
"""The most seconds by the clock of an access point between the last beacon before its step and the first one after."""
_ASTRAY = 0.01
"""The most that two clocks differ, as a share of the elapsed time; a restarted clock differs by more."""


def clock_was_set(link_type: int, before: Iterable[CaptureRecord], after: Iterable[CaptureRecord], step: float) -> bool:
    """Return whether the stamps jumped by `step` seconds while access points counted on as if no time had passed."""
    earlier = _clocks(link_type, before)
    was_set = passed = 0
    for bssid, clock in _clocks(link_type, reversed([*after])).items():
        if bssid in earlier:
            went = (clock - earlier[bssid]) / 1e6
            was_set += 0 <= went <= _AT_ONCE
            passed += abs(went - step) <= _AT_ONCE + _ASTRAY * step
    return was_set > passed


def _clocks(link_type: int, records: Iterable[CaptureRecord]) -> dict[bytes, int]:
    """Return the timestamp of the last beacon of each BSSID, in microseconds; none for beacons without a clock."""
    parse = parser_for(link_type)
    clocks = {}
    for record in records:
        frame = parse(record)
        if frame.kind == BEACON and frame.bssid is not None and frame.end - frame.body >= _TIMESTAMP:
            clock: int = _timestamp(frame.raw, frame.body)[0]
            if clock and not frame.timeless and holds(frame) is not False:
                clocks[frame.bssid] = clock
    return clocks

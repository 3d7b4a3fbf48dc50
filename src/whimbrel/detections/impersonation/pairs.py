"""Which two beacons of one BSSID, one after the other, any of the rules about two transmitters has to judge."""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_timestamp = Struct("<Q").unpack_from


class Line(Protocol):
    """A clock that is followed."""

    offset: float
    """Microseconds: timestamp less time of reception, as it was last."""


class Usual(NamedTuple):
    """The pairs about which a rule has nothing to say. With its defaults, that is any pair."""

    clocks: Mapping[bytes, Line] | None = None
    """By BSSID: a pair of any other is to be judged. None where clocks do not matter."""
    drift: float = 0.0
    """Microseconds by which a beacon's clock may be away from its line of `clocks`."""
    step: int = 1 << 12
    """Sequence numbers from one beacon to the next, at most."""
    gap: int = 1 << 30
    """Levels are less than this apart, dB."""
    beside: int = 1 << 30
    """A beacon is heard less than this away from the channel that its access point announces, or on it, MHz."""
    moving: Mapping[bytes, object] | None = None
    """BSSIDs whose beacons on their own channel are to be judged too."""


class BeaconPairs:
    """A filter (`whimbrel.detections.base.PairFilter`) of the rules about two transmitters: pairs that all of them
    call usual do not pass.

    It reads what the rules declare, and changes nothing. The rules themselves judge with more care.
    """

    def __init__(self) -> None:
        self._clocks: Mapping[bytes, Line] | None = None
        self._drift = 0.0
        self._step = self._gap = self._beside = 1 << 30
        self._moving: Mapping[bytes, object] = {}

    def add(self, usual: Usual) -> None:
        """Add the values that one rule counts as usual. `clocks` and `moving` belong to one rule each."""
        if usual.clocks is not None:
            self._clocks, self._drift = usual.clocks, usual.drift
        self._step = min(self._step, usual.step)
        self._gap = min(self._gap, usual.gap)
        self._beside = min(self._beside, usual.beside)
        if usual.moving is not None:
            self._moving = usual.moving

    def passes(self, frame: Frame, ap: AccessPoint, before: Frame) -> bool:
        """Return whether any of the rules may have something to say of two beacons."""
        if self._clocks is not None:
            try:
                line = self._clocks[ap.address]
            except KeyError:
                return True
            offset = _timestamp(frame.raw, frame.body)[0] - frame.time * 1e6
            if not -self._drift < offset - line.offset < self._drift:
                return True
        level, earlier = frame.rssi, before.rssi
        if level is not None and earlier is not None and not -self._gap < level - earlier < self._gap:
            return True
        if (frame.seq - before.seq) & 0xFFF > self._step:  # type: ignore[operator]  # management frames have one
            return True
        away = frame.freq - ap.announced.freq
        if away:
            return not -self._beside < away < self._beside and frame.freq != 0
        return ap.address in self._moving

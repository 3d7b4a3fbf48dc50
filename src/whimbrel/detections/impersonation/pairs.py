"""The filter of successive beacons of one BSSID for the rules about two transmitters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

_timestamp = Struct("<Q").unpack_from


class Line(Protocol):
    """A clock that is followed."""

    offset: float
    """Microseconds: the last difference between timestamp and time of reception."""


class Usual(NamedTuple):
    """The pairs that a rule need not judge; with the defaults, every pair."""

    clocks: Mapping[bytes, Line] | None = None
    """By BSSID; pairs of other BSSIDs must be judged. None if clocks do not matter."""
    drift: float = 0.0
    """The most microseconds between a beacon's clock and its line in `clocks`."""
    step: int = 1 << 12
    """The most sequence numbers from one beacon to the next."""
    gap: int = 1 << 30
    """The difference of levels is below this, in dB."""
    beside: int = 1 << 30
    """A beacon is heard less than this away from its announced channel, in MHz."""
    moving: Mapping[bytes, object] | None = None
    """BSSIDs whose beacons on their own channel must be judged too."""


class BeaconPairs:
    """The filter (`whimbrel.detections.base.PairFilter`) of the rules about two transmitters: it drops pairs that are
    usual for all of them.

    It only reads the declared values. The rules themselves judge more precisely.
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
        """Return whether any of the rules must judge two beacons."""
        address = ap.address
        if self._clocks is not None:
            try:
                line = self._clocks[address]
            except KeyError:
                return True
            if abs(_timestamp(frame.raw, frame.body)[0] - frame.time * 1e6 - line.offset) >= self._drift:
                return True
        level, earlier = frame.rssi, before.rssi
        if level != earlier and level is not None and earlier is not None and abs(level - earlier) >= self._gap:
            return True
        try:
            if (frame.seq - before.seq) & 0xFFF > self._step:  # type: ignore[operator]
                return True
        except TypeError:  # a scan found one of them, and does not tell the number
            pass
        away = frame.freq - ap.announced.freq
        if away:
            return not -self._beside < away < self._beside and frame.freq != 0
        return address in self._moving

    def beacons_of(self) -> Iterable[bytes]:
        """Return the access points that move between channels."""
        return self._moving

    @property
    def usual(self) -> Usual:
        """The limits of what is usual for all of the rules."""
        return Usual(self._clocks, self._drift, self._step, self._gap, self._beside, self._moving)

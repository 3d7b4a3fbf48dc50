"""How strongly something is heard, in integers: the board has no fast floating point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.rows import SignalRow

if TYPE_CHECKING:
    from whimbrel.events.thinning import CountedBeacons

_SHIFT = 3
"""The smoothed value moves an eighth of the way to each new one: a second of beacons, about."""
_SETTLED = 64
"""Equal values after which the smoothed one is the same."""
_SLOT_SHIFT = 1
"""The seconds of a slot are a power of 2: a division costs as much as the rest of a sample."""
SLOT, SLOTS = 1 << _SLOT_SHIFT, 15
"""Seconds of a slot of which one RSSI is kept, and how many slots: half a minute, as wide as a signal's graph."""
_NOTHING = bytearray(SLOTS)
"""Placeholder until the first frame."""


class SignalStrength:
    """RSSI in dBm: `last`, `low`, `high`; None before the first frame with a level."""

    __slots__ = ("_begin", "_end", "_past", "_slot", "_smooth", "high", "last", "low")

    def __init__(self) -> None:
        self.last: int | None = None
        self.low: int | None = None
        self.high: int | None = None
        self._smooth = 0
        self._slot = 0  # of the last sample
        self._begin = self._end = 0.0  # of it, in seconds
        self._past = _NOTHING

    def add(self, rssi: int) -> None:
        """Process the RSSI of one frame."""
        last = self.last
        if last == rssi:
            self._smooth += rssi - (self._smooth >> _SHIFT)
            return
        self.last = rssi
        if last is None:
            self.low = self.high = rssi
            self._smooth = rssi << _SHIFT
            return
        self._smooth += rssi - (self._smooth >> _SHIFT)
        if rssi < self.low:  # type: ignore[operator]  # set together with last
            self.low = rssi
        elif rssi > self.high:  # type: ignore[operator]
            self.high = rssi

    def add_counted(self, counted: CountedBeacons, *, later: bool) -> None:
        """Process the levels of frames of which only their number, sum, range and last one are known; `later`: they
        were the last ones heard."""
        if self.last is None:
            self.low, self.high, self.last = counted.low, counted.high, counted.level
            self._smooth = counted.level << _SHIFT
        low, high = self.low, self.high
        if low is None or high is None:
            return
        self.low, self.high = min(low, counted.low), max(high, counted.high)
        if later:
            self.last = counted.level
        mean = counted.total // counted.levelled
        for _ in range(min(counted.levelled, _SETTLED)):
            self._smooth += mean - (self._smooth >> _SHIFT)

    def keep(self, rssi: int, at: float) -> None:
        """Keep the RSSI of a frame that was heard `at` seconds, the first of each slot; now and then is enough."""
        if not self._begin <= at < self._end:
            self._sample(rssi, at)

    @property
    def past(self) -> tuple[tuple[float, int], ...]:
        """The first RSSI of each slot of the last half minute in which something was heard, with its time."""
        last = self._slot
        slots = range(last - SLOTS + 1, last + 1)
        return tuple((float(slot * SLOT), rssi - 256) for slot in slots if (rssi := self._past[slot % SLOTS]))

    def _sample(self, rssi: int, at: float) -> None:
        """Begin a slot."""
        slot, before = int(at) >> _SLOT_SHIFT if at >= 0.0 else int(at // SLOT), self._slot
        past = self._past
        if past is _NOTHING or not 0 < slot - before < SLOTS:
            self._past = past = bytearray(SLOTS)
        elif slot - before > 1:
            for silent in range(before + 1, slot):
                past[silent % SLOTS] = 0
        past[slot % SLOTS] = rssi & 0xFF if rssi < 0 else 0xFF
        self._slot = slot
        self._begin, self._end = float(slot << _SLOT_SHIFT), float(slot + 1 << _SLOT_SHIFT)

    @property
    def smoothed(self) -> int | None:
        """The exponential mean over about eight frames."""
        return None if self.last is None else (self._smooth + (1 << _SHIFT - 1)) >> _SHIFT

    def row(self) -> SignalRow:
        """Return all four values."""
        return SignalRow(last=self.last, min=self.low, max=self.high, smoothed=self.smoothed)

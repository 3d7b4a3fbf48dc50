"""How strongly something is heard, in integers: the board has no fast floating point."""

from __future__ import annotations

from whimbrel.rows import SignalRow

_SHIFT = 3
"""The smoothed value moves an eighth of the way to each new one: a second of beacons, about."""


class SignalStrength:
    """RSSI in dBm: `last`, `low`, `high`; None before the first frame that tells."""

    __slots__ = ("_smooth", "high", "last", "low")

    def __init__(self) -> None:
        self.last: int | None = None
        self.low: int | None = None
        self.high: int | None = None
        self._smooth = 0

    def add(self, rssi: int) -> None:
        """Take in the RSSI of one frame."""
        if self.last is None:
            self.low = self.high = rssi
            self._smooth = rssi << _SHIFT
        else:
            self._smooth += rssi - (self._smooth >> _SHIFT)
            if rssi < self.low:  # type: ignore[operator]  # set together with last
                self.low = rssi
            elif rssi > self.high:  # type: ignore[operator]
                self.high = rssi
        self.last = rssi

    @property
    def smoothed(self) -> int | None:
        """The exponential mean over about eight frames."""
        return None if self.last is None else (self._smooth + (1 << _SHIFT - 1)) >> _SHIFT

    def row(self) -> SignalRow:
        """Return all four values."""
        return SignalRow(last=self.last, min=self.low, max=self.high, smoothed=self.smoothed)

"""Losses since the start, summed over radios and listeners that come and go."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from whimbrel.bus import Policy, Subscription


class KernelLosses:
    """Frames dropped by the kernel. A radio's count restarts at each opening; this sum continues."""

    def __init__(self) -> None:
        self._closed = 0
        self._seq = 0

    def closed(self, seq: int, dropped: int) -> None:
        """Note a radio's last count; `seq` is the sequence number of its event."""
        self._closed += dropped
        self._seq = seq

    def total(self, seq: int = 0, dropped: int = 0) -> int:
        """Return the sum including the newest report of a radio, unless the radio was closed after it."""
        return self._closed + (dropped if seq > self._seq else 0)


class BusLosses:
    """Events lost by slow listeners, except those that want only the latest event, which lose nothing they need."""

    def __init__(self) -> None:
        self._total = 0
        self._seen: WeakKeyDictionary[Subscription, int] = WeakKeyDictionary()

    def total(self, subscriptions: Iterable[Subscription]) -> int:
        """Return the sum including the losses of the open `subscriptions` since the previous call."""
        for sub in subscriptions:
            if sub.policy is not Policy.LATEST:
                lost = sub.stats.lost
                self._total += lost - self._seen.get(sub, 0)
                self._seen[sub] = lost
        return self._total

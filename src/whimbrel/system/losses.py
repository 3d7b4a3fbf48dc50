"""What was lost since the start, summed up over radios and listeners that come and go."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from whimbrel.bus import Policy, Subscription


class KernelLosses:
    """Frames that the kernel had no room for. A radio counts from each opening; this counts on."""

    def __init__(self) -> None:
        self._closed = 0
        self._seq = 0

    def closed(self, seq: int, dropped: int) -> None:
        """Note a radio's last count; `seq` is the event's place in the order of all."""
        self._closed += dropped
        self._seq = seq

    def total(self, seq: int = 0, dropped: int = 0) -> int:
        """Return the sum, with the newest report of a radio, unless it was closed since."""
        return self._closed + (dropped if seq > self._seq else 0)


class BusLosses:
    """Events that listeners were too slow for. Who wants only the latest event loses nothing that it asked for."""

    def __init__(self) -> None:
        self._total = 0
        self._seen: WeakKeyDictionary[Subscription, int] = WeakKeyDictionary()

    def total(self, subscriptions: Iterable[Subscription]) -> int:
        """Return the sum, with what the open `subscriptions` lost since the previous call."""
        for sub in subscriptions:
            if sub.policy is not Policy.LATEST:
                lost = sub.stats.lost
                self._total += lost - self._seen.get(sub, 0)
                self._seen[sub] = lost
        return self._total

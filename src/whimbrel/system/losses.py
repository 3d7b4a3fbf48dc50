"""Losses since the start, summed over radios and listeners that come and go."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from whimbrel.bus import Policy, Subscription
from whimbrel.events.base import Event


class KernelLosses:
    """Frames dropped by the kernel, of all receivers. A radio's count restarts at each opening; this sum continues."""

    def __init__(self) -> None:
        self._closed = 0
        self._seqs: dict[str, int] = {}  # of the last closing, by receiver

    def closed(self, event: Event) -> None:
        """Note the last count of a radio (`RadioClosed`)."""
        self._closed += event.body.dropped
        self._seqs[event.source] = event.seq

    def total(self, reports: Iterable[Event] = ()) -> int:
        """Return the sum including the newest `RadioReport` of each radio, unless the radio was closed after it."""
        return self._closed + sum(
            int(report.body.dropped) for report in reports if report.seq > self._seqs.get(report.source, 0)
        )


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

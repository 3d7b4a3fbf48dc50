"""Reports events lost on the bus and modules that blocked the loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from whimbrel.bus import Bus, Policy, Sender, Subscription
from whimbrel.events.system import EventsLost, LoopStalled
from whimbrel.stall import StallMonitor

_STALLS_EVERY = 60.0
"""Seconds between two reports of stalls, which never end on a busy machine: more lines would not help."""


class LossReporter:
    """Publishes `EventsLost` and `LoopStalled` for the losses and stalls since the previous report; stalls at most once
    a minute, then for the whole time. `clock` returns monotonic seconds."""

    def __init__(
        self, bus: Bus, stalls: StallMonitor, sender: Sender, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bus = bus
        self._stalls = stalls
        self._sender = sender
        self._clock = clock
        self._quiet_until = -float("inf")
        self._reported: WeakKeyDictionary[Subscription, int] = WeakKeyDictionary()

    def report(self, *, starting: bool = False, last: bool = False) -> None:
        """Publish the new ones. A listener that wants only the latest event loses nothing it needs.

        `starting`: not every critical module is ready. `last`: this is the last report of the start or of all, so
        nothing is deferred.
        """
        for sub in self._bus.subscriptions():
            if sub.policy is Policy.LATEST:
                continue
            lost = sub.stats.lost
            if fresh := lost - self._reported.get(sub, 0):
                self._reported[sub] = lost
                self._sender.publish(EventsLost(reader=sub.reader, lost=fresh))
        if last or self._clock() >= self._quiet_until:
            self._report_stalls(starting=starting)
            if starting and last:
                self._quiet_until = -float("inf")

    def _report_stalls(self, *, starting: bool) -> None:
        found = sorted(self._stalls.take().items(), key=lambda item: -item[1].longest)
        if not found:
            return
        self._quiet_until = self._clock() + _STALLS_EVERY
        (module, worst), *others = found
        self._sender.publish(
            LoopStalled(
                module=module,
                seconds=worst.longest,
                times=worst.times,
                others=tuple(name for name, _ in others),
                starting=starting,
            )
        )

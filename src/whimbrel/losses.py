"""Reports events lost on the bus and modules that blocked the loop."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from whimbrel.bus import Bus, Policy, Sender, Subscription
from whimbrel.events.system import EventsLost, LoopStalled
from whimbrel.stall import StallMonitor


class LossReporter:
    """Publishes `EventsLost` and `LoopStalled` for the losses and stalls since the previous report."""

    def __init__(self, bus: Bus, stalls: StallMonitor, sender: Sender) -> None:
        self._bus = bus
        self._stalls = stalls
        self._sender = sender
        self._reported: WeakKeyDictionary[Subscription, int] = WeakKeyDictionary()

    def report(self) -> None:
        """Publish the new ones. A listener that wants only the latest event loses nothing it needs."""
        for sub in self._bus.subscriptions():
            if sub.policy is Policy.LATEST:
                continue
            lost = sub.stats.lost
            if fresh := lost - self._reported.get(sub, 0):
                self._reported[sub] = lost
                self._sender.publish(EventsLost(reader=sub.reader, lost=fresh))
        for module, stall in self._stalls.take().items():
            self._sender.publish(LoopStalled(module=module, seconds=stall.longest, times=stall.times))

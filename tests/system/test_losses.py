from __future__ import annotations

from whimbrel.bus import Bus, Policy
from whimbrel.events.system import DaemonStopping
from whimbrel.system.losses import BusLosses, KernelLosses


def test_radios_that_were_closed_stay_counted() -> None:
    losses = KernelLosses()
    assert losses.total() == 0
    assert losses.total(seq=5, dropped=7) == 7
    losses.closed(seq=6, dropped=9)
    assert losses.total(seq=5, dropped=7) == 9
    assert losses.total(seq=8, dropped=2) == 11


async def test_listeners_that_were_too_slow() -> None:
    bus, losses = Bus(), BusLosses()
    sender = bus.sender("test")
    slow = bus.subscribe(DaemonStopping, reader="slow", capacity=2)
    bus.subscribe(DaemonStopping, reader="screen", policy=Policy.LATEST)
    for _ in range(5):
        sender.publish(DaemonStopping(reason=""))
    assert losses.total(bus.subscriptions()) == 3
    assert losses.total(bus.subscriptions()) == 3
    slow.close()
    assert losses.total(bus.subscriptions()) == 3

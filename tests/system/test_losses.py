from __future__ import annotations

from whimbrel.bus import Bus, Policy
from whimbrel.events.base import Event
from whimbrel.events.radio import RadioClosed, RadioReport
from whimbrel.events.system import DaemonStopping
from whimbrel.system.losses import BusLosses, KernelLosses


def test_radios_that_were_closed_stay_counted() -> None:
    losses = KernelLosses()
    assert losses.total() == 0
    assert losses.total([report(5, 7)]) == 7
    losses.closed(Event(6, 0.0, "sniffer", RadioClosed(reason="", received=0, dropped=9)))
    assert losses.total([report(5, 7)]) == 9
    assert losses.total([report(8, 2)]) == 11
    assert losses.total([report(4, 100, "sniffer2"), report(8, 2)]) == 111, "the second one goes on"


def report(seq: int, dropped: int, source: str = "sniffer") -> Event:
    body = RadioReport(received=0, dropped=dropped, malformed=0, bad_fcs=0, discarded=(), receiver=(), rate=0.0)
    return Event(seq, 0.0, source, body)


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

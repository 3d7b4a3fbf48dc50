"""Counts the bus; writes a line for each case: label, listeners, events at a time, events published, 0.

Each case has three marks: around no event, and around all of its events, published and read. Events come singly, as
most do, each waking every listener, or in bursts that are read at once.
"""

from __future__ import annotations

import asyncio

from tools.icount.guest.marks import mark

from whimbrel.bus import Bus, Closed, Subscription
from whimbrel.events.air import StationLost

MANY = 2048
WARM = 256
BURST = 64
CASES = ((0, 1), (1, 1), (16, 1), (1, BURST), (16, BURST))
"""Listeners, and events published before they run."""


async def listen(sub: Subscription) -> None:
    """Read everything that waits, as a module does, until the end."""
    try:
        while True:
            for _ in await sub.read_all():
                pass
    except Closed:
        pass


async def publish(bus: Bus, body: object, many: int, burst: int) -> None:
    """Publish, and let all listeners read after each burst."""
    send = bus.sender("source").publish
    for _ in range(many // burst):
        for _ in range(burst):
            send(body)
        if bus.subscriptions():
            await asyncio.sleep(0)


async def measure(label: int, listeners: int, burst: int) -> None:
    """Count one case."""
    bus = Bus()
    subs = [bus.subscribe(StationLost, reader=f"reader {number}") for number in range(listeners)]
    tasks = [asyncio.create_task(listen(sub)) for sub in subs]
    body = StationLost(station=bytes(6), last_heard=0.0, reason="silent")
    await asyncio.sleep(0)
    await publish(bus, body, WARM, burst)
    mark(label)
    await publish(bus, body, 0, burst)
    mark(label)
    await publish(bus, body, MANY, burst)
    mark(label)
    if any(sub.stats.delivered != MANY + WARM for sub in subs):
        raise SystemExit(f"not everything was delivered: {[sub.stats for sub in subs]}")
    bus.close()
    await asyncio.gather(*tasks)
    print(f"{label}\t{listeners}\t{burst}\t{MANY}\t0")


def main() -> None:
    """Count every case."""
    for label, (listeners, burst) in enumerate(CASES):
        asyncio.run(measure(label, listeners, burst))

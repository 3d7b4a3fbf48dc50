"""Counts the bus; writes a line for each case: label, listeners, events at a time, way, events published, 0.

Each case has three marks: around no event, and around all of its events, published and read. Events come singly, as
most do, each waking every listener, or in bursts that are read at once. The way is `TASKS` or `CALLS`.
"""

from __future__ import annotations

import asyncio

from tools.icount.guest.marks import mark

from whimbrel.bus import Bus, Closed, Subscription
from whimbrel.events.air import StationLost

MANY = 2048
WARM = 256
BURST = 64
TASKS, CALLS = "tasks", "calls"
"""Listeners are tasks that read, and each event is published by itself; or functions that are called, and what is there
is published at once."""
CASES = (
    (0, 1, TASKS), (1, 1, TASKS), (16, 1, TASKS), (1, BURST, TASKS), (16, BURST, TASKS), (1, 1, CALLS), (16, 1, CALLS),
    (1, BURST, CALLS), (16, BURST, CALLS),
)  # fmt: skip
"""Listeners, events published before they run, and the way."""


async def listen(sub: Subscription) -> None:
    """Read everything that waits, as a module does, until the end."""
    try:
        while True:
            for _ in await sub.read_all():
                pass
    except Closed:
        pass


def ignore(_events: object) -> None:
    """Be a listener that is called."""


async def publish(bus: Bus, body: object, many: int, burst: int, way: str) -> None:
    """Publish, and let all listeners read after each burst."""
    sender = bus.sender("source")
    send, send_all = sender.publish, sender.publish_all
    for _ in range(many // burst):
        if way == CALLS:
            send_all([body] * burst)
        else:
            for _ in range(burst):
                send(body)
        if bus.subscriptions():
            await asyncio.sleep(0)


async def measure(label: int, listeners: int, burst: int, way: str) -> None:
    """Count one case."""
    bus = Bus()
    readers = [f"reader {number}" for number in range(listeners)]
    tasks: list[asyncio.Task[None]] = []
    if way == CALLS:
        subs = [bus.call(ignore, StationLost, reader=reader) for reader in readers]
    else:
        subs = [bus.subscribe(StationLost, reader=reader) for reader in readers]
        tasks = [asyncio.create_task(listen(sub)) for sub in subs]
    body = StationLost(station=bytes(6), last_heard=0.0, reason="silent")
    await asyncio.sleep(0)
    await publish(bus, body, WARM, burst, way)
    mark(label)
    await publish(bus, body, 0, burst, way)
    mark(label)
    await publish(bus, body, MANY, burst, way)
    mark(label)
    if any(sub.stats.delivered != MANY + WARM for sub in subs):
        raise SystemExit(f"not everything was delivered: {[sub.stats for sub in subs]}")
    bus.close()
    await asyncio.gather(*tasks)
    print(f"{label}\t{listeners}\t{burst}\t{way}\t{MANY}\t0")


def main() -> None:
    """Count every case."""
    for label, (listeners, burst, way) in enumerate(CASES):
        asyncio.run(measure(label, listeners, burst, way))

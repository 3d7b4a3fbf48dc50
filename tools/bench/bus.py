"""The bus, beside tokio's broadcast channel on one thread (``tokio_bus``).

As a program, ``python -m tools.bench.bus LISTENERS EVENTS BURST WAY``: prints the CPU seconds that delivering took.
"""

from __future__ import annotations

import asyncio
import functools
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tools.bench.capture import BUILD, PROJECT
from tools.bench.measure import Line, cpu_seconds, interleave

from whimbrel.bus import Bus, Closed, Subscription
from whimbrel.events.air import StationLost

_RING = 128
_BURST = 64
_REPEAT = 3
_WAYS = {
    "called": "our best path: published at once, to functions",
    "all": "tasks that read all that waits, single publishes",
    "one": "like for like: tasks that read each event by itself, single publishes",
}
"""What is compared with tokio's tasks, which read one event at a time."""
_BEST = "called"
_LEAST = 1.2
"""Of tokio's rate, by our best path."""


def benchmark() -> list[Line]:
    """Deliver to sixteen listeners and to one in each way."""
    tokio = _build_tokio()
    lines = []
    for listeners, burst in ((16, _BURST), (1, _BURST), (16, 1), (1, 1)):
        events = 4_000_000 // (listeners + 4) // (16 if burst == 1 else 1) // burst * burst
        delivered = listeners * events
        rates = [functools.partial(_ours, listeners, events, burst, way) for way in _WAYS]
        *ours, theirs = interleave([*rates, functools.partial(_theirs, tokio, listeners, events * 4, burst)], _REPEAT)
        peer = 4 * delivered / theirs
        how = f"{listeners} listener{'s'[: listeners - 1]}, bursts of {burst}"
        for (way, told), took in zip(_WAYS.items(), ours, strict=True):
            rate = delivered / took
            judged = f"at least {_LEAST} of it" if way == _BEST and (listeners, burst) == (16, _BURST) else ""
            met = not judged or rate >= _LEAST * peer
            what = f"bus, {how}, {told}"
            lines.append(Line(what, rate / 1e6, "M/s", "tokio broadcast", peer / 1e6, rate / peer, judged, met))
    return lines


def _ours(listeners: int, events: int, burst: int, how: str) -> float:
    command = [sys.executable, "-m", "tools.bench.bus", str(listeners), str(events), str(burst), how]
    return float(subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout)


def _theirs(program: Path, listeners: int, events: int, burst: int) -> float:
    return cpu_seconds([str(program), str(listeners), str(events), str(burst)])


def _build_tokio() -> Path:
    """Build the peer and return it. Raises subprocess.CalledProcessError."""
    folder = BUILD / "tokio_bus"
    shutil.copytree(Path(__file__).with_name("tokio_bus"), folder, dirs_exist_ok=True)
    subprocess.run(["cargo", "build", "--release", "--offline", "--quiet"], cwd=folder, check=True)
    return folder / "target/release/tokio_bus"


async def _listen_all(sub: Subscription) -> int:
    received = 0
    try:
        while True:
            received += len(await sub.read_all())
    except Closed:
        return received


async def _listen_one(sub: Subscription) -> int:
    received = 0
    async for _ in sub:
        received += 1
    return received


async def _deliver(listeners: int, events: int, burst: int, how: str) -> float:
    bus = Bus()
    sender = bus.sender("source")
    body = StationLost(station=bytes(6), last_heard=0.0, reason="silent")
    deliver = _to_functions if how == "called" else _to_tasks
    received = deliver(bus, listeners, how)
    await asyncio.sleep(0)
    begin = time.process_time()
    for _ in range(events // burst):
        if how == "called":
            sender.publish_all([body] * burst)
        else:
            for _ in range(burst):
                sender.publish(body)
        await asyncio.sleep(0)
    bus.close()
    many = await received
    took = time.process_time() - begin
    if many != listeners * events:
        raise SystemExit(f"{many} events were received of {listeners * events}")
    return took


def _to_tasks(bus: Bus, listeners: int, how: str) -> Awaitable[int]:
    listen = _listen_all if how == "all" else _listen_one
    subs = [bus.subscribe(StationLost, reader=f"reader {number}", capacity=_RING) for number in range(listeners)]
    return asyncio.ensure_future(_sum([asyncio.create_task(listen(sub)) for sub in subs]))


async def _sum(tasks: list[asyncio.Task[int]]) -> int:
    return sum(await asyncio.gather(*tasks))


def _to_functions(bus: Bus, listeners: int, _how: str) -> Awaitable[int]:
    received = [0] * listeners

    def listener(number: int) -> Callable[[Sequence[object]], None]:
        def count(events: Sequence[object]) -> None:
            received[number] += len(events)

        return count

    for number in range(listeners):
        bus.call(listener(number), StationLost, reader=f"reader {number}", capacity=_RING)
    return _heard(received)


async def _heard(received: list[int]) -> int:
    await asyncio.sleep(0)  # what was sent before the end
    return sum(received)


if __name__ == "__main__":
    _listeners, _events, _burst = map(int, sys.argv[1:4])
    print(asyncio.run(_deliver(_listeners, _events, _burst, sys.argv[4])))

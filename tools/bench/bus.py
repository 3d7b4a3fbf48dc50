"""The bus, beside tokio's broadcast channel on one thread (``tokio_bus``).

As a program, ``python -m tools.bench.bus LISTENERS EVENTS BURST all|one``: prints the CPU seconds that delivering took.
"""

from __future__ import annotations

import asyncio
import functools
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.bench.capture import BUILD, PROJECT
from tools.bench.measure import Line, cpu_seconds, interleave

from whimbrel.bus import Bus, Closed, Subscription
from whimbrel.events.air import StationLost

_RING = 128
_BURST = 64
_REPEAT = 3
_OWN_WAY, _ALIKE = "our best path: all that waits is read at once", "like for like: each event is read by itself"


def benchmark() -> list[Line]:
    """Deliver to sixteen listeners and to one, read all at once and one at a time."""
    tokio = _build_tokio()
    lines = []
    for listeners, burst, budget in ((16, _BURST, "at least as many"), (1, _BURST, ""), (16, 1, ""), (1, 1, "")):
        events = 4_000_000 // (listeners + 4) // (16 if burst == 1 else 1) // burst * burst
        delivered = listeners * events
        rates = [
            functools.partial(_ours, listeners, events, burst, "all"),
            functools.partial(_ours, listeners, events, burst, "one"),
            functools.partial(_theirs, tokio, listeners, events * 4, burst),
        ]
        every, single, theirs = interleave(rates, _REPEAT)
        ours = {_OWN_WAY: delivered / every, _ALIKE: delivered / single}
        peer = 4 * delivered / theirs
        how = f"{listeners} listener{'s'[: listeners - 1]}, bursts of {burst}"
        for reading, rate in ours.items():
            judged = budget if reading == _OWN_WAY else ""
            met = not judged or rate >= peer
            what = f"bus, {how}, {reading}"
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
    listen = _listen_all if how == "all" else _listen_one
    subs = [bus.subscribe(StationLost, reader=f"reader {number}", capacity=_RING) for number in range(listeners)]
    tasks = [asyncio.create_task(listen(sub)) for sub in subs]
    send = bus.sender("source").publish
    body = StationLost(station=bytes(6), last_heard=0.0, reason="silent")
    await asyncio.sleep(0)
    begin = time.process_time()
    for _ in range(events // burst):
        for _ in range(burst):
            send(body)
        await asyncio.sleep(0)
    bus.close()
    received = sum(await asyncio.gather(*tasks))
    took = time.process_time() - begin
    if received != listeners * events:
        raise SystemExit(f"{received} events were received of {listeners * events}")
    return took


if __name__ == "__main__":
    _listeners, _events, _burst = map(int, sys.argv[1:4])
    print(asyncio.run(_deliver(_listeners, _events, _burst, sys.argv[4])))

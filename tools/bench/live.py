"""The daemon on a monitor interface: its losses, its memory, and the cost up to the first frame."""

from __future__ import annotations

import statistics
import sys

from tests.lab.tun import MonitorTun, unavailable
from tools.bench import capture
from tools.bench.daemons import Daemon, running
from tools.bench.measure import Line, cpu_seconds, limit, part

_RATE = 5000  # frames a second
_FIRST = 20_000
_TIMES = 5
_ROOM = 64.0  # MB
_GROWTH = 2.0
"""MB by which memory may grow after the first frames: the tables fill up to their bounds."""
_STARTS = 5
_SNIFFER = "{{source: linux, tuner: none, linux: {{interface: {name}}}, report: 500ms}}"


class Unavailable(Exception):
    """This machine cannot run the benchmark; the message has the reason."""


def capturing() -> list[Line]:
    """Send frames at a rate, and measure losses and memory. Raises `Unavailable`."""
    _need_tun()
    frames = [raw for _, raw, _ in capture.records(capture.large())[: _FIRST * _TIMES]]
    with MonitorTun() as tun, running(_SNIFFER.format(name=tun.name), tun.spawn) as daemon:
        before = daemon.cpu()
        _offer(tun, daemon, frames[:_FIRST], _FIRST)
        early, _ = daemon.memory()
        _offer(tun, daemon, frames[_FIRST:], len(frames))
        late, proportional = daemon.memory()
        taken, used = daemon.frames(), daemon.cpu() - before
        on_bus = sum(listener["lost"] for listener in daemon.ask("status")["listeners"])
    share = used * _RATE / len(frames)
    spent = f"{share:.0%} of one CPU; on the bus {on_bus} lost"
    offered = f"{len(frames):,} offered at {_RATE:,}/s"
    return [
        limit(f"live capture: frames lost of {offered}", len(frames) - taken + on_bus, "frames", 0, spent),
        limit("resident memory, live capture", late, "MB", _ROOM, f"proportional {proportional:.1f} MB"),
        limit(f"memory: growth from {_FIRST:,} to {len(frames):,} frames", late - early, "MB", _GROWTH),
    ]


def simulating() -> list[Line]:
    """Measure the memory of the demonstration, which contains scapy and the air besides the daemon."""
    with running("{source: sim, tuner: sim, sim: {scene: home, speed: 20}}") as daemon:
        daemon.wait(lambda: daemon.frames() > 5000, "5,000 frames")
        resident, proportional = daemon.memory()
    return [limit("resident memory, simulated air", resident, "MB", _ROOM, f"proportional {proportional:.1f} MB")]


def starting() -> list[Line]:
    """Count CPU seconds from exec until the one frame in the air has become an event. Raises `Unavailable`."""
    _need_tun()
    beacon = next(raw for _, raw, _ in capture.records(capture.large()) if raw[raw[2]] == 0x80)
    ours, theirs = [], []
    for _ in range(_STARTS):
        ours.append(_start(beacon))
        theirs.append(cpu_seconds([sys.executable, "-c", "import scapy.all"]))
    mine, peer = statistics.median(ours), statistics.median(theirs)
    return [part("exec to the first frame", mine, "s of CPU", "import scapy.all", peer, 0.5)]


def _start(beacon: bytes) -> float:
    with MonitorTun() as tun, running(_SNIFFER.format(name=tun.name), tun.spawn) as daemon:
        tun.write(beacon)
        daemon.wait(lambda: daemon.told("access-point-found"), "the first frame")
        return daemon.kill()


def _offer(tun: MonitorTun, daemon: Daemon, frames: list[bytes], total: int) -> None:
    """Let `frames` arrive, and wait until `total` are processed, or no more come."""
    feeder = tun.feed(frames, _RATE)
    if feeder.wait() != 0:
        raise RuntimeError("the frames could not be written")
    seen = -1

    def settled() -> bool:
        nonlocal seen
        before, seen = seen, daemon.frames()
        return seen >= total or seen == before

    daemon.wait(settled, "the last frame")


def _need_tun() -> None:
    if reason := unavailable():
        raise Unavailable(reason)

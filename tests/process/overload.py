"""Floods the real daemon at a small share of the processor, and measures its answers, its keys and its memory.

``python -m tests.process.overload`` (`make overload`). The frames come from a monitor interface; the control group
gives the daemon the share of one core in short slices, so that it runs evenly, like on a slow board. It runs without
Python's own checks (`-X dev`), as on the device: with them memory is a third more, and every future notes its origin.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.lab.child import Child
from tests.lab.frames import radiotap
from tests.lab.tun import MonitorTun, unavailable
from tests.process.daemon import DaemonProcess
from tools.stress import NoQuota, quota

from whimbrel.client.blocking import BlockingClient
from whimbrel.verbs.air import SURVEY
from whimbrel.verbs.daemon import STATUS
from whimbrel.verbs.device import PRESS

SHARE = 0.07
"""Of one core of the development machine: about a Pi Zero W, whose core executes a fourteenth of the instructions."""
PERIOD = 20_000
"""Microseconds of a slice with its pause."""
PER_SECOND = 3000
"""Frames offered."""
DIFFERENT = 60_000
"""Frames of a flood before it repeats."""
SETTINGS = """\
modules:
  sniffer: {source: linux, tuner: none, linux: {interface: wmon0}}
  watcher: {remembered: FOLDER/alerts.json}
  logger: {to: stderr}
  control: {socket: SOCKET}
  recorder: {folder: FOLDER/recordings, least_free: 0B, mode: interesting}
  history: {file: FOLDER/history.db}
  display: {driver: png, png: {path: FOLDER/panel.png}, dim_after: 0s, off_after: 0s}
  buttons: {}
  system: {}
"""
_EVERYBODY = b"\xff" * 6
_RATES = bytes.fromhex("010882848b960c121824030106")
_RSN = bytes.fromhex("30140100000fac040100000fac040100000fac020000")


class Figures(NamedTuple):
    """The result of one flood."""

    status: list[float]
    """Seconds from each question to its answer, as `Stopwatch` counts them."""
    key: list[float]
    """Seconds of each press, without the time that the key was down."""
    peak: int
    """Octets of resident memory at most."""
    heard: int
    """Frames that the survey took in."""
    lost: int
    """Frames that the kernel had no room for."""
    missed: int
    """Events that listeners of the bus lost."""


def beacons(rng: random.Random, number: int) -> bytes:
    """Return the beacon of one more access point."""
    address = bytes((2, *number.to_bytes(5, "big")))
    name = b"net %d" % rng.randrange(1 << 20)
    body = struct.pack("<QHH", number << 20, 100, 0x0411) + bytes((0, len(name))) + name + _RATES + _RSN
    return radiotap(b"\x80\0\0\0" + _EVERYBODY + address * 2 + bytes(2) + body)


def known(_rng: random.Random, number: int) -> bytes:
    """Return a beacon of one of sixty access points."""
    return beacons(random.Random(number % 60), number % 60)


def disconnections(rng: random.Random, number: int) -> bytes:
    """Return a deauthentication between random addresses."""
    bssid = bytes((2, *rng.randbytes(5)))
    return radiotap(b"\xc0\0\0\0" + rng.randbytes(6) + bssid * 2 + struct.pack("<H", number << 4 & 0xFFFF) + b"\7\0")


def probes(rng: random.Random, number: int) -> bytes:
    """Return a probe request of a random station for a random name."""
    name = b"home %d" % rng.randrange(1 << 20)
    station = bytes((2, *rng.randbytes(5)))
    sequence = struct.pack("<H", number << 4 & 0xFFFF)
    return radiotap(
        b"\x40\0\0\0" + _EVERYBODY + station + _EVERYBODY + sequence + bytes((0, len(name))) + name + _RATES
    )


_BETWEEN = 0.7
"""Seconds between two questions, and between two presses: more of them would be a load of their own."""
QUIET = "quiet"
"""No frames at all, for comparison."""
FLOODS: dict[str, Callable[[random.Random, int], bytes]] = {
    "known": known, "access-points": beacons, "disconnections": disconnections, "probes": probes,
}  # fmt: skip


@contextlib.contextmanager
def slowed(share: float) -> Iterator[Callable[..., subprocess.Popen[Any]]]:
    """Yield what starts a process that gets `share` of one core."""
    with quota(share, period=PERIOD) as procs:

        def spawn(args: list[str], **options: Any) -> subprocess.Popen[Any]:
            return Child(["sh", "-c", 'echo 0 > "$1" && shift && exec "$@"', "sh", str(procs), *args], **options)

        yield spawn


def under(flood: str, share: float, seconds: float) -> Figures:
    """Return the figures of one flood."""
    rng = random.Random(7)
    make = FLOODS.get(flood)
    frames = [make(rng, number) for number in range(DIFFERENT)] if make is not None else []
    with tempfile.TemporaryDirectory() as name, MonitorTun() as tun, slowed(share) as spawn:
        folder = Path(name)

        def inside(args: list[str], **options: Any) -> subprocess.Popen[Any]:
            with tun.inside():
                return spawn(args, **options)

        with DaemonProcess(folder, SETTINGS.replace("FOLDER", name), spawn=inside, checks=False) as daemon:
            for module in ("sniffer", "watcher", "display", "buttons", "history"):
                daemon.wait_for_state(module, "ready")
            if not frames:
                return measure(daemon, seconds, share)
            repeat = int(PER_SECOND * (seconds + 30) / DIFFERENT) + 1
            tun.feed(frames, PER_SECOND, repeat=repeat)
            time.sleep(seconds / 4)  # until the tables are full and the first alerts are out
            return measure(daemon, seconds, share)


class Stopwatch:
    """Counts the seconds that pass for a process with `share` of a core.

    They are those of the processor that it got, divided by its share: what other processes take from it meanwhile is no
    part of them. Right while it always has something to do, as in a flood.
    """

    def __init__(self, pid: int, share: float) -> None:
        self._tasks = Path(f"/proc/{pid}/task")
        self._share = share
        self._began = self._spent()

    def seconds(self) -> float:
        """Return them since the beginning."""
        return (self._spent() - self._began) / self._share

    def _spent(self) -> float:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in self._tasks.iterdir()) / 1e9


def measure(daemon: DaemonProcess, seconds: float, share: float) -> Figures:
    """Ask for the status and press keys, each again and again, for so many seconds."""
    until = time.monotonic() + seconds
    asked: list[float] = []
    pressed: list[float] = []

    def ask() -> None:
        while time.monotonic() < until:
            watch = Stopwatch(daemon.process.pid, share)
            with BlockingClient(daemon.socket) as client:
                client.ask(STATUS)
            asked.append(watch.seconds())
            time.sleep(_BETWEEN)

    def press() -> None:
        keys = 0
        with BlockingClient(daemon.socket) as client:
            while time.monotonic() < until:
                watch = Stopwatch(daemon.process.pid, share)
                answer = client.ask(PRESS, key=("down", "up", "right", "left")[keys % 4])
                pressed.append(max(watch.seconds() - answer.held, 0.0))
                keys += 1
                time.sleep(_BETWEEN)

    threads = [threading.Thread(target=each) for each in (ask, press)]
    for thread in threads:
        thread.start()
    peak = 0
    while any(thread.is_alive() for thread in threads):
        peak = max(peak, _resident(daemon.process.pid))
        time.sleep(0.2)
    with BlockingClient(daemon.socket) as client:
        heard = client.ask(SURVEY, what="channels").totals.frames
        status = client.ask(STATUS)
    missed = sum(listener.lost for listener in status.listeners)
    return Figures(asked, pressed, peak, heard, status.kernel_lost, missed)


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def percentile(values: list[float], share: float) -> float:
    """Return the value that `share` of all do not exceed."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def main(argv: list[str] | None = None) -> int:
    """Print a table; 1 if a figure is over its budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("floods", nargs="*", choices=[[], QUIET, *FLOODS], help="which (all)")
    parser.add_argument("--share", type=float, default=SHARE, help=f"of one core ({SHARE:g})")
    parser.add_argument("--seconds", type=float, default=30.0, help="of measuring each (30)")
    args = parser.parse_args(argv)
    if why := unavailable():
        _say(f"not tried here: {why}")
        return 1
    _say(f"{args.share:g} of a core, {PER_SECOND} frames/s offered")
    _say("flood            status p50, p99, ms   key p50, p99, ms   memory, MiB   frames heard, lost   events lost")
    over = False
    for flood in args.floods or (QUIET, *FLOODS):
        try:
            found = under(flood, args.share, args.seconds)
        except NoQuota as missing:
            _say(f"not tried here: {missing}")
            return 1
        cells = []
        for values in (found.status, found.key):
            high = percentile(values, 0.99)
            over = over or high > 0.2
            cells.append(f"{statistics.median(values) * 1000:6.0f} {high * 1000:6.0f}")
        over = over or found.peak > 64 << 20
        _say(
            f"{flood:16} {cells[0]:>20} {cells[1]:>18} {found.peak / 1048576:13.1f}   {found.heard}, "
            f"{found.lost}   {found.missed}"
        )
    return int(over)


if __name__ == "__main__":
    sys.exit(main())

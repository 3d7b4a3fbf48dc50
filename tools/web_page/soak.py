"""``python -m tools.web_page.soak``: an hour of the page in Chromium, with 200 access points that change.

The page goes through its views all the time. Once a minute its memory (after a collection of garbage), its nodes and
listeners, and the memory of both processes are written. All modules of the second process are on, and have a
counterpart: mosquitto, an HTTP server in the place of ntfy, a log server on TCP, and somebody who scrapes the metrics.
It fails where the last quarter of the figures is more than the first one after the warm-up, beyond the allowances
below, where the second process takes more than it may, or where a counterpart has heard nothing.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.lab.browser import Visit, browser
from tests.lab.watched_air import TOKEN, WatchedAir, end
from tools.web_page.counterparts import Others

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession
    from tests.process.daemon import DaemonProcess

RADIOS = 200
CHANNELS = (1, 6, 11, 36, 44, 52, 100, 149)
VIEWS = (
    "here", "ap", "here?only=open", "stations", "station", "channels", "here?sort=name", "incidents", "incident",
    "visitors", "history", "panel", "recordings", "health", "log", "rules", "more",
)  # fmt: skip
EACH = 4.0
"""Seconds with a view."""
WARM_UP = 0.2
"""Share of the time before which nothing is compared: caches fill."""
_SEED = 11


class Sample(NamedTuple):
    """One look at everything."""

    minutes: float
    access_points: int
    heap: float
    """MB of JavaScript objects in the page, garbage collected."""
    nodes: int
    listeners: int
    reach: float
    """MiB that the second process has in memory."""
    daemon: float
    """The same of the daemon; the simulated air is in it."""


ALLOWED = {"heap": 2.0, "nodes": 2000, "listeners": 400, "reach": 2.0}
"""By how much the medians of the first and the last quarter may differ."""
REACH = 48.0
"""MiB that the second process may take."""


def scene() -> str:
    """Return an air of 200 radios, of which one changes every few seconds."""
    random_ = random.Random(_SEED)
    lines = ["about: two hundred access points that change", "beacon_interval: 500", "radios:"]
    for number in range(RADIOS):
        channel = random_.choice(CHANNELS)
        channel = 6 if number < 2 else channel  # of the stations, and of the attack
        band = "2.4" if channel < 20 else "5"
        security = random_.choice(("wpa2-psk", "wpa2-psk", "wpa3-sae", "open", "wpa2-wpa3"))
        place = f"[{random_.uniform(-60, 60):.1f}, {random_.uniform(-60, 60):.1f}]"
        lines.append(
            f'  - {{name: "r{number}", networks: [{{ssid: "Net {number:03}", security: {security}}}], band: "{band}", '
            f"channel: {channel}, position: {place}, load: true}}"
        )
    lines += ["stations:", '  - {name: phones, count: 60, network: "Net 000", habit: idle, asks: [elsewhere]}']
    lines += ["happenings:"]
    for number in range(0, RADIOS, 4):
        radio = f'radio: "r{number}"'
        lines.append(f"  - {{kind: other-channel, at: {number + 30}s, every: {240 + number}s, {radio}}}")
        lines.append(f"  - {{kind: security, at: {number + 60}s, every: {300 + number}s, {radio}, security: wpa3-sae}}")
    lines += [
        "incidents:",
        "  - {kind: beacon-flood, at: 45s, lasts: 15s, rate: 40, count: 30, channel: 6, every: 2min}",
        '  - {kind: deauthentication, at: 90s, lasts: 15s, rate: 40, target: "Net 001", every: 3min}',
    ]
    return "\n".join(lines) + "\n"


def resident(pid: int) -> float:
    """Return the MiB that a process has in memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Soak:
    """One page, and what it and its processes take."""

    def __init__(self, visit: Visit, air: WatchedAir, daemon: DaemonProcess, reach: int) -> None:
        self._visit = visit
        self._air = air
        self._daemon = daemon
        self._reach = reach
        self._devtools: CDPSession = visit.page.context.new_cdp_session(visit.page)
        self._devtools.send("Performance.enable")

    def _subject(self, view: str) -> str:
        if view == "ap":
            rows = self._daemon.ask("survey", what="access_points")["access_points"]
            return f"ap/{rows[0]['bssid']}" if rows else "here"
        if view == "station":
            rows = self._daemon.ask("survey", what="stations")["stations"]
            return f"station/{rows[0]['station']}" if rows else "stations"
        if view == "incident":
            incidents = self._daemon.ask("alerts")["incidents"]
            return f"incident/{incidents[0]['id']}" if incidents else "incidents"
        return view

    def sample(self, minutes: float) -> Sample:
        """Look at everything, in the same view each time."""
        self._visit.show("more")
        for _ in range(2):
            self._devtools.send("HeapProfiler.collectGarbage")
        found: dict[str, Any] = self._devtools.send("Performance.getMetrics")
        metrics = {each["name"]: each["value"] for each in found["metrics"]}
        points = self._daemon.ask("survey", what="access_points")["totals"]["access_points"]
        return Sample(
            minutes, points, metrics["JSHeapUsedSize"] / 1e6, int(metrics["Nodes"]),
            int(metrics["JSEventListeners"]), resident(self._reach), resident(self._daemon.process.pid),
        )  # fmt: skip

    def run(self, minutes: float, told: Callable[[Sample], None]) -> list[Sample]:
        """Go through the views for so long."""
        samples: list[Sample] = []
        began = time.monotonic()
        while time.monotonic() - began < minutes * 60:
            for view in VIEWS:
                self._visit.show(self._subject(view))
                # The time with each view is what is measured.
                self._visit.page.wait_for_timeout(EACH * 1000)
            samples.append(self.sample((time.monotonic() - began) / 60))
            told(samples[-1])
        return samples


def faults(samples: Sequence[Sample]) -> list[str]:
    """Return what has grown, a line each."""
    rest = samples[int(len(samples) * WARM_UP) :]
    part = max(1, len(rest) // 4)
    if len(rest) < 2 * part:
        return ["too short: nothing to compare"]
    found = []
    for name, allowed in ALLOWED.items():
        first, last = (
            statistics.median(getattr(sample, name) for sample in some) for some in (rest[:part], rest[-part:])
        )
        if last - first > allowed:
            found.append(f"{name} has grown from {first:.1f} to {last:.1f}, by more than {allowed}")
    most = max(sample.reach for sample in rest)
    if most > REACH:
        found.append(f"reach has taken {most:.1f} MiB, more than {REACH:g}")
    return found


def _tell(sample: Sample) -> None:
    print(
        f"{sample.minutes:6.1f} min  {sample.access_points:4} access points  page {sample.heap:6.2f} MB "
        f"{sample.nodes:6} nodes {sample.listeners:5} listeners  reach {sample.reach:6.1f} MiB  "
        f"daemon {sample.daemon:6.1f} MiB",
        flush=True,
    )


def main() -> int:
    """Do it; return 1 where something has grown, or the page complained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="for how long (default: an hour)")
    arguments = parser.parse_args()
    channels = ", ".join(f'"{channel}"' for channel in CHANNELS)
    with tempfile.TemporaryDirectory() as folder, browser() as running, Others(Path(folder)) as others:
        air = WatchedAir(Path(folder), air=scene(), speed=1.0, channels=channels, forget="1min", more=others.settings)
        # Without Python's own checks, which cost memory that a device does not spend.
        with air.daemon(checks=False) as daemon, air.reach() as reach, Visit(running, air.origin, width=360) as visit:
            daemon.wait_until_told("READY=1")
            air.wait_for_page()
            visit.log_in(TOKEN)
            samples = Soak(visit, air, daemon, reach.pid).run(arguments.minutes, _tell)
            print(others.told())
            wrong = faults(samples) + others.faults() + sorted(set(visit.complaints))
            end(reach)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

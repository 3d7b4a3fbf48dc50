"""The measures: each runs programs in the armel root and returns figures, instructions by name."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.icount.air import write
from tools.icount.armel import PROJECT, ROOT
from tools.icount.guest.frames import SPACING, numbered, read_mix
from tools.icount.guest.listeners import CALLS
from tools.icount.guest.panel import HALF_SECOND, SECONDS, SNAPSHOT
from tools.icount.guest.wakes import RECORDER, WAKES
from tools.icount.machine import Count, count

Figures = dict[str, int]

_NOTIFY = {"NOTIFY_SOCKET": "/run/systemd/notify"}
_BEACONS = 3200
MANY = 64
"""Frames of a wake-up of a busy channel."""
_CACHE = "/var/cache/scapy"
_LIVE = "from whimbrel.drivers.registry import SOURCES, TUNERS; SOURCES.load('linux'); TUNERS.load('nl80211')"
_SETTINGS = """\
modules:
  sniffer: {{source: pcap, tuner: none, pcap: {{files: [{file}]}}}}
  watcher: {{remembered: /dev/null}}
  logger: {{to: journal}}
  control:
"""
_HANDS = """\
  system:
  display: {driver: oled}
  buttons: {driver: gpio, gpio: {keys: {up: 17, down: 22, left: 27, right: 23, ok: 4, back: 5, menu: 6}}}
"""
_RING_SHARE = 0.03
"""Of a beacon's instructions, that the recorder may add."""
WORTH = 400_000_000
"""Instructions that a Zero gets through in a second: 9.8 M, a beacon in scapy's hands, take it some 25 ms."""
_BUDGET = 5
"""Percent of them that the screen may have."""


_CAPTURES = PROJECT.parent / "shared" / "captures"
"""Real captures (docs/captures.md), which are beside the checkout where they may be had."""
_MIXES = {
    "wids-802.11x/deauth.pcap": "an office, few disconnections",
    "wids-802.11x/100x0.1fap.pcap": "an office, made-up access points",
    "deauth-attack/deauth.pcap": "a disconnection attack",
}


class Goal(NamedTuple):
    """The goal for a figure."""

    figure: str
    most: int
    why: str


WHOLE = "known beacon, whole daemon, from file to survey"
FIRST = "exec to first frame, from file, to the journal"
FIRST_LIVE = "exec to first frame, live drivers imported too"
FIRST_HANDS = "exec to first frame, with system, display and buttons"
SCREEN = "screen: a second of the overview, 20 access points and 40 stations, hopping"
MOVING = "screen: a second of the signal graph there, which moves"
MIX = "real capture heard again, each frame: "
WAKE = "a wake for one frame, live source to survey"
EACH = f"each of {MANY} frames of one wake"
WAKE_RING = f"{WAKE}, with the recorder on"
RING = f"{EACH}, with the recorder on, which keeps it in memory"
GOALS = (
    Goal(f"{MIX}an office, few disconnections", 28_000, "half of what it was at 79ad7b8"),
    Goal(f"{MIX}an office, made-up access points", 30_000, "the same"),
    Goal(f"{MIX}a disconnection attack", 60_000, "the same"),
    Goal("known deauthentication, bytes to findings", 75_000, "the same"),
    Goal("new beacon, bytes to findings", 350_000, "the same"),
    Goal("new access point, tables full", 350_000, "the same"),
    Goal(FIRST_HANDS, 500_000_000, "of 734 M at 79ad7b8"),
    Goal("known beacon, bytes to findings", 60_000, "DESIGN: with every detection, at most"),
    Goal(WHOLE, 60_000, "the same in the whole daemon"),
    Goal(SCREEN, WORTH * _BUDGET // 100, "a twentieth of a Zero, at most"),
    Goal(MOVING, WORTH * _BUDGET // 100, "the same"),
)


def frames() -> Figures:
    """Count a frame of each kind, from bytes to findings."""
    figures = {}
    counted = count(*_program("frames"))
    for name, many, cost in _cases(counted):
        if name.startswith("beacon,"):
            figures[name] = round(cost / many)
        else:
            known = "" if name.startswith("new ") else "known "
            figures[f"{known}{name}, bytes to findings"] = round(cost / many)
    return figures


def mixes() -> Figures:
    """Count each frame of real captures that are heard a second time; none without the captures."""
    there = [name for name in _MIXES if (_CAPTURES / name).exists()]
    for name in _MIXES.keys() - there:
        print(f"not counted: the capture {name}, which is not beside this checkout", file=sys.stderr)
    inside = []
    for number, name in enumerate(there):
        inside.append(f"/icount/{number}.pcap")
        shutil.copyfile(_CAPTURES / name, f"{ROOT}{inside[-1]}")
    counted = count(*_program("mixes"), *inside)
    return {
        f"{MIX}{_MIXES[name]}": round(cost / many) for name, (_, many, cost) in zip(there, _cases(counted), strict=True)
    }


def floods() -> Figures:
    """Count a frame of each kind of flood, and new devices while the tables are full."""
    return {name: round(cost / many) for name, many, cost in _cases(count(*_program("floods")))}


def wakes() -> Figures:
    """Count a wake-up of the live source, sniffer and watcher: for one known beacon, and each of many at once; both
    with the recorder too."""
    figures = {
        name: round((heard - silent) / WAKES / frames)
        for name, frames, more in ((WAKE, 1, ""), (EACH, MANY, ""), (WAKE_RING, 1, RECORDER), (RING, MANY, RECORDER))
        for silent, heard in (_wakes(frames, more),)
    }
    share = figures[RING] / figures[EACH] - 1
    print(f"{RING}: {share:+.1%} ({'met' if share <= _RING_SHARE else 'MISSED'}: at most {_RING_SHARE:.0%})")
    return figures


def _wakes(frames: int, more: str) -> tuple[int, int]:
    """Return the cost of the silence, and of the same time with a wake-up for so many frames now and then."""
    first, second, third = (number for _, number in count(*_program("wakes"), str(frames), more).marks)
    return second - first, third - second


def bus() -> Figures:
    """Count an event on the bus."""
    counted = count(*_program("listeners"))
    figures = {}
    for name, many, cost in _cases(counted):
        listeners, burst = map(int, name.split()[:2])
        if not listeners:
            figures["event published, nobody listens"] = round(cost / many)
            continue
        how = "singly, with a turn of the loop for each" if burst == 1 else f"in bursts of {burst}"
        if name.endswith(CALLS):
            how += ", to functions"
        plural = "s" if listeners > 1 else ""
        figures[f"event delivered, {listeners} listener{plural}, {how}"] = round(cost / many / listeners)
    return figures


def daemon() -> Figures:
    """Count a known beacon on its whole way, by running the whole daemon on captures of N and of 2 N."""
    raw = read_mix(str(ROOT / "icount/frames.pcap"))["beacon"]
    totals = []
    for many in (_BEACONS, 2 * _BEACONS):
        records = [(1.7e9 + SPACING * number, numbered(raw, number, new=False), len(raw)) for number in range(many)]
        write(ROOT / "icount/beacons.pcap", records)
        command = "import sys; from whimbrel.cli import main; sys.exit(main())"
        totals.append(count("-P", "-c", command, "run", "-c", _settings("beacons"), environment=_NOTIFY).total)
    return {WHOLE: round((totals[1] - totals[0]) / _BEACONS)}


def start() -> Figures:
    """Count from exec to the first frame."""
    first = _start().marks[-1][1]
    live = _between(count(*_program("imports"), _LIVE))
    hands = _start(more=_HANDS).marks[-1][1]
    return {
        FIRST: first,
        "the same, live drivers' imports alone": live,
        FIRST_LIVE: first + live,
        FIRST_HANDS: hands + live,
    }


def screen() -> Figures:
    """Count pictures, drawn and sent, and a second of them as the daemon makes them, snapshots included."""
    counted = count(*_program("screens"))
    cases = {name: round(cost / many) for name, many, cost in _cases(counted)}
    hearing = cases.pop(HALF_SECOND)
    cases["snapshot made and taken in, 12 of its 60 rows anew"] = cases.pop(SNAPSHOT) - hearing
    figures = {f"screen: {name}": cost for name, cost in cases.items()}
    none = _between(count(*_program("usual"), "nothing"))
    for name, what in ((SCREEN, "overview"), (MOVING, "graph")):
        counted = count(*_program("usual"), what)
        figures[name] = round((_between(counted) - none) / SECONDS)
        pictures, sent = map(int, counted.output.split())
        print(
            f"{name}: {pictures / SECONDS:g} pictures, {sent / pictures:.0f} octets each on I2C, "
            f"{figures[name] / WORTH:.2%} of a Zero at {WORTH / 1e6:.0f} M instructions a second "
            f"({'met' if 100 * figures[name] <= _BUDGET * WORTH else 'MISSED'}: at most {_BUDGET} %)"
        )
    return figures


def peers() -> Figures:
    """Count the cost of scapy in the same places, with a warm cache of vendors and services."""
    statement = "import scapy.arch.linux; from scapy.arch.linux import L2ListenSocket"
    warm = {"XDG_CACHE_HOME": _CACHE}
    count(*_program("imports"), statement, environment=warm)
    figures = {
        "scapy: import of its capture socket": _between(count(*_program("imports"), statement, environment=warm))
    }
    counted = count(*_program("dissect"), environment=warm)
    for name, many, cost in _cases(counted):
        figures[f"scapy: dissection of a {name}"] = round(cost / many)
    return figures


def imports() -> list[tuple[str, int, int]]:
    """Return the cost of each import before the first frame, the highest first: name, alone, with its own imports."""
    counted = _start("imports")
    names = [line for line in counted.output.splitlines() if line[:1] in {"+", "-"}]
    marks = [number for label, number in counted.marks if label == 2]
    alone: dict[str, int] = {}
    whole: dict[str, int] = {}
    open_: list[tuple[int, int]] = []  # its beginning; the imports inside it
    for name, at in zip(names, marks, strict=True):
        if name[0] == "+":
            open_.append((at, 0))
            continue
        began, inside = open_.pop()
        cost = at - began
        alone[name[1:]] = alone.get(name[1:], 0) + cost - inside
        whole[name[1:]] = max(whole.get(name[1:], 0), cost)
        if open_:
            open_[-1] = (open_[-1][0], open_[-1][1] + cost)
    return sorted(((name, cost, whole[name]) for name, cost in alone.items()), key=lambda row: -row[1])


def _start(*how: str, more: str = "") -> Count:
    return count(*_program("start"), *how, "run", "-c", _settings("frames", more), environment=_NOTIFY)


def _program(name: str) -> tuple[str, ...]:
    """Return the arguments of Python that run one of the programs in `tools.icount.guest`."""
    return "-P", "-c", f"from tools.icount.guest.{name} import main; main()"


def _settings(capture: str, more: str = "") -> str:
    """Write the settings of a daemon that reads a capture, with the modules `more` too, and return their path."""
    path = Path(f"/icount/{capture}.yaml")
    Path(f"{ROOT}{path}").write_text(_SETTINGS.format(file=f"/icount/{capture}.pcap") + more)
    return str(path)


def _cases(counted: Count) -> Iterator[tuple[str, int, int]]:
    """Yield name, repetitions and cost of each case that a program wrote a line for."""
    for line in counted.output.splitlines():
        label, *name, many, _findings = line.split("\t")
        first, second, third = (number for mark, number in counted.marks if mark == int(label))
        yield " ".join(name), int(many), (third - second) - (second - first)


def _between(counted: Count) -> int:
    (_, before), (_, after) = counted.marks
    return after - before

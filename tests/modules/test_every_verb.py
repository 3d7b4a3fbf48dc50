"""With full tables no verb of any module holds the loop: a real daemon is asked each of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.lab.waiting import until
from tests.survey.air import ESS, PRIVACY, WPS, beacon, probe

from whimbrel.config import load
from whimbrel.daemon import Daemon
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.events.position import PositionChanged
from whimbrel.events.radio import FrameBatch
from whimbrel.geo import Position
from whimbrel.notify import Notifier
from whimbrel.settings import Ssid
from whimbrel.stall import StallMonitor
from whimbrel.testing import PATIENCE
from whimbrel.verbs.registry import VERBS
from whimbrel.watching import guarded_file, ignoring

ACCESS_POINTS, STATIONS = 512, 2048
STEP = 0.004
"""Seconds of this machine's processor for one step. A Pi Zero W executes a fourteenth of the instructions in the same
time, and may take 30 ms; the rest is for neighbours who share the caches."""
ROWS = 1900
"""Rows that are made and written in so long where nobody else computes."""
TRIES = 3
"""The shortest of the longest steps counts: a neighbour who takes the caches is not the verb's."""
KINDS: list[dict[str, Any]] = [
    {}, {"security": b""}, {"security": b"", "capability": ESS | PRIVACY}, {"security": WPS},
]  # fmt: skip
"""Of access points: WPA2, open, WEP, WPS."""
NOT_ASKED = {
    "tail": "a connection of its own; tests/modules/test_full_tables.py",
    "restart": "replaces a module", "reload": "replaces modules",
    "lock": "a command to the radio", "unlock": "a command to the radio", "camp": "a command to the radio",
    "press": "waits for its key", "copy-to-card": "root does it", "security-updates": "root does it",
}  # fmt: skip
"""Verbs that answer from no table."""
SETTINGS = """\
modules:
  watcher: {remembered: FOLDER/alerts.json, learned: FOLDER/learned.yaml, ignored: FOLDER/ignored}
  control: {socket: FOLDER/control.sock}
  recorder: {folder: FOLDER/recordings, least_free: 0B}
  history: {file: FOLDER/history.db}
  display: {driver: png, png: {path: FOLDER/panel.png}}
  system: {}
"""


def address(kind: int, number: int) -> bytes:
    return bytes((0, kind, 0x22)) + number.to_bytes(3, "big")


def frames(begin: float) -> list[Any]:
    """Return a quarter of an hour in which all tables become full: weak networks raise alerts all the time."""
    found: list[Any] = []
    last: list[Any] = []
    for number in range(ACCESS_POINTS):
        at = begin + number * 900.0 / ACCESS_POINTS
        more = KINDS[number % len(KINDS)]
        named: dict[str, Any] = {"bssid": address(0x11, number), "name": b"net %d" % number}
        found += [beacon(tsf=1 + 102_400 * each, time=at + 0.1 * each, **named, **more) for each in range(4)]
        last.append(beacon(tsf=1 + int((begin + 900.0 - at) * 1e6), time=begin + 900.0, **named, **more))
    last += [probe(b"home %d" % number, ta=address(0x12, number), time=begin + 901.0) for number in range(STATIONS)]
    return found + last


def allowed() -> float:
    """Return the seconds that a step may take now: what the same work takes beside the neighbours of this moment."""
    began = time.thread_time()
    json.dumps(
        [{"bssid": f"{row:012x}", "ssid": f"net {row}", "rates": [row, row + 1], "rssi": -row} for row in range(ROWS)]
    )
    return max(STEP, time.thread_time() - began)


class Asking:
    """A daemon with full tables, and the longest step while it is asked."""

    def __init__(self, daemon: Daemon, path: Path, steps: StallMonitor) -> None:
        self.daemon = daemon
        self.path = path
        self.steps = steps

    async def ask(self, verb: str, **arguments: Any) -> Any:
        reader, writer = await asyncio.open_unix_connection(str(self.path), limit=1 << 26)
        writer.write(json.dumps({"verb": verb, **arguments}).encode() + b"\n")
        answer = json.loads(await asyncio.wait_for(reader.readline(), PATIENCE))
        writer.close()
        await writer.wait_closed()
        return answer.get("result", answer)

    async def longest(self, verb: str, **arguments: Any) -> float:
        """Return the longest step of any module, as a share of what it may take."""
        self.steps.take()
        await self.ask(verb, **arguments)
        return max((stall.longest for stall in self.steps.take().values()), default=0.0) / allowed()


@contextlib.asynccontextmanager
async def full(folder: Path) -> AsyncIterator[Asking]:
    guarded_file.write(
        folder / "learned.yaml",
        [GuardedNetwork(ssid=Ssid(b"far away %d" % number)) for number in range(guarded_file.MOST - 1)],
    )
    (folder / "ignored").write_text(ignoring.text({address(0x13, number) for number in range(ignoring.MOST)}))
    (folder / "whimbrel.yaml").write_text(SETTINGS.replace("FOLDER", str(folder)))
    daemon = Daemon(load(folder / "whimbrel.yaml"), notifier=Notifier())
    steps = daemon.supervisor.stalls = StallMonitor(0.0, clock=time.thread_time)
    task = asyncio.create_task(daemon.run())
    try:
        await until(lambda: daemon.ready, ended=lambda: task.done() and f"the daemon has ended: {task}")
        send = daemon.bus.sender("test").publish
        here = Position(latitude=54.0, longitude=8.3, time=time.time(), error=5.0)
        send(PositionChanged(position=here, until=time.time() + 3600.0))
        everything = frames(time.time() - 900.0)
        for start in range(0, len(everything), 64):
            send(FrameBatch(frames=everything[start : start + 64]))
            await asyncio.sleep(0)
        asking = Asking(daemon, folder / "control.sock", steps)
        deadline = time.monotonic() + 10 * PATIENCE  # for thousands of frames, on a machine with other tasks
        while len((await asking.ask("survey"))["stations"]) < STATIONS - 64:
            assert time.monotonic() < deadline
        gc.collect()
        gc.disable()  # a collection is no verb's
        yield asking
    finally:
        gc.enable()
        daemon.stop("the end of the test")
        assert await asyncio.wait_for(task, PATIENCE) == 0


async def test_no_verb_has_a_long_step(tmp_path: Path) -> None:
    async with full(tmp_path) as asking:
        alerts = (await asking.ask("alerts"))["alerts"]
        assert len(alerts) > 100
        some = alerts[0]["id"]
        asked: list[tuple[str, dict[str, Any]]] = [
            ("survey", {"device": "00:11:22:00:00:01"}), ("alerts", {"open": True}), ("evidence", {"alert": some}),
            ("acknowledge", {"alert": "all"}), ("learn", {"ssids": ["net 500"], "dry_run": True, "sure": True}),
            ("forget", {"ssid": "far away 1"}), ("screenshot", {"scale": 16}), ("record", {"what": "keep"}),
            ("recording-piece", {"recording": "none"}), ("history", {"what": "access_points"}),
            ("erase", {"device": "00:11:22:00:00:01"}), ("ignore", {}),
            ("ignore", {"addresses": [f"00:13:22:00:{n >> 8:02x}:{n & 255:02x}" for n in range(3000)], "forget": True}),
        ]  # fmt: skip
        verbs = asking.daemon.supervisor.verbs
        await until(  # the display begins behind the daemon's readiness
            lambda: verbs.summaries().keys() | NOT_ASKED.keys() == VERBS.keys(),
            "every verb served",
        )
        served = verbs.summaries().keys()
        asked = [(name, {}) for name in sorted(served - NOT_ASKED.keys() - {name for name, _ in asked[2:]})] + asked
        found = {
            f"{name} {str(arguments)[:60]}": min([await asking.longest(name, **arguments) for _ in range(TRIES)])
            for name, arguments in asked
        }
        assert not {name: share for name, share in found.items() if share > 1.0}

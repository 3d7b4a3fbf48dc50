"""Kills history and watcher while alerts are raised and acknowledged, and looks for every one that was answered for.

``python -m tests.process.history_torture --kills 1000`` (`make torture-history`). The process that is killed runs both
modules on one bus, on one file that outlasts all of the kills; it says which alerts the verb ``acknowledge`` has
answered. Each of them must be in the file, as seen, and no number may come twice.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.lab.child import Child
from tests.lab.waiting import block_until
from tests.survey.air import ALL, beacon, frame

from whimbrel.bus import Bus
from whimbrel.events.alerts import Alert
from whimbrel.events.radio import FrameBatch
from whimbrel.history.settings import HistorySettings
from whimbrel.history.store import Limits, Store
from whimbrel.module import Context
from whimbrel.modules.history import HistoryKeeper
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.settings import Duration
from whimbrel.testing import Lab
from whimbrel.verbs.alerts import ACKNOWLEDGE
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH

_APART = 90.0
"""Seconds of the air between two attacks: so that none is folded into the one before."""


class Round(NamedTuple):
    """One life and its end."""

    raised: list[int]
    """Ids of the alerts that were told."""
    acknowledged: list[int]
    """Ids of those whose acknowledgement was answered."""
    missing: list[int]
    """Those of them that the file does not have, or not as seen."""


def live_and_die(folder: Path, life: float) -> Round:
    """Have alerts raised and acknowledged for `life` seconds behind the first one, kill, and look."""
    command = [sys.executable, "-m", "tests.process.history_torture", "--live", str(folder)]
    root = str(Path(__file__).resolve().parents[2])
    said: list[str] = []
    with Child(command, stdout=subprocess.PIPE, text=True, cwd=root, env=os.environ) as process:
        assert process.stdout is not None
        stream = process.stdout
        reading = threading.Thread(target=lambda: said.extend(iter(stream.readline, "")))
        reading.start()
        try:
            block_until(lambda: bool(said), "the first alert", ended=process.poll)
            time.sleep(life)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            reading.join()
    # The last line may have been cut.
    words = [line.split() for line in said if line.endswith("\n")]
    raised = [int(number) for what, number in words if what == "raised"]
    acknowledged = [int(number) for what, number in words if what == "acknowledged"]
    return Round(raised, acknowledged, forgotten(folder, acknowledged))


def forgotten(folder: Path, numbers: Iterable[int]) -> list[int]:
    """Return those of the alerts that the history does not have, or not as seen at any severity."""
    store = Store(folder / "history.db", Limits(400 * 86400.0, 1 << 30))
    store.open()  # as the next start does
    damaged = store.damaged
    store.close()
    # Not `Reader`, for which an alert that became worse behind its acknowledgement is not seen.
    with contextlib.closing(sqlite3.connect(folder / "history.db")) as file:
        seen = {number for (number,) in file.execute("SELECT id FROM alerts WHERE seen >= 0")}
    return [number for number in numbers if damaged or number not in seen]


async def live(folder: Path) -> None:
    """Raise and acknowledge alerts until killed."""
    bus = Bus()
    history = Context("history", HistorySettings(file=folder / "history.db", commit=Duration(1.0)), bus)
    chosen = WatcherSettings(learned=Path(os.devnull), remembered=folder / "alerts.json")
    watcher = Context("watcher", chosen, bus, history.verbs)
    keeping, watching = Lab(history, HistoryKeeper(history)), Lab(watcher, Watcher(watcher))
    await keeping.ready()
    await watching.ready()
    answer = watcher.verbs.find(ACKNOWLEDGE.name)
    assert answer is not None
    now = bus.clock()
    while True:
        now += _APART
        watching.publish(FrameBatch(frames=[*_attack(now)]))
        alert = await watching.event(Alert, lambda body: body.rule == "deauth-flood")
        print(f"raised {alert.id}", flush=True)  # noqa: T201  # what the parent reads
        # All of its incident, which one before may have been of too.
        done = await answer({"alert": alert.id})
        for number in done.acknowledged if done.safe else ():
            print(f"acknowledged {number}", flush=True)  # noqa: T201


def _attack(now: float) -> Iterator[Frame]:
    bssid = bytes((0, 0x11)) + random.randbytes(4)
    for number in range(10):
        yield beacon(bssid=bssid, time=now + number / 10)
    for number in range(30):
        yield frame(DEAUTH, ALL, bssid, bssid, b"\x07\0", time=now + 1 + number / 10)


def main() -> int:
    """Kill, and count."""
    parser = argparse.ArgumentParser(description="Kill the history while alerts are acknowledged, and look for them.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--live", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.live is not None:
        asyncio.run(live(args.live))
    chance = random.Random(args.seed)  # moments, not secrets
    acknowledged, missing, raised = 0, 0, set[int]()
    twice = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, args.kills + 1):
            outcome = live_and_die(Path(folder), chance.uniform(0.0, 1.5))
            acknowledged += len(outcome.acknowledged)
            missing += len(outcome.missing)
            twice += len(raised.intersection(outcome.raised))
            raised.update(outcome.raised)
            if outcome.missing or number % 20 == 0 or number == args.kills:
                sys.stdout.write(
                    f"{number} kills: {acknowledged} alerts acknowledged, {missing} not in the history, "
                    f"{twice} numbers given twice\n"
                )
                sys.stdout.flush()
    return 1 if missing or twice else 0


if __name__ == "__main__":
    sys.exit(main())

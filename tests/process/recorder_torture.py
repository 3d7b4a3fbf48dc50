"""Kills the daemon at random moments while it records from a monitor interface, and looks for what it promised.

``python -m tests.process.recorder_torture --kills 1000`` (`make torture-recorder`). Each frame carries its number;
those that were written to the interface longer before the kill than the promise says must be in a file that tshark
reads.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.lab.frames import BEACON
from tests.lab.tun import MonitorTun, unavailable
from tests.lab.waiting import block_until
from tests.recording.frames import records

from whimbrel.recording.folder import Folder
from whimbrel.recording.limits import Caps

PER_SECOND = 1000
PROMISE = 1.0  # s
SETTINGS = f"""\
modules:
  sniffer: {{source: linux, tuner: none, linux: {{interface: wmon0}}}}
  watcher: {{remembered: /dev/null}}
  logger: {{to: stderr, level: error}}
  recorder: {{folder: FOLDER, least_free: 0B, mode: all, lose_at_most: {PROMISE:g}s, file_size: 1MiB}}
"""


class Feeder(threading.Thread):
    """Writes numbered frames at a rate, and remembers when each was written."""

    def __init__(self, tun: MonitorTun) -> None:
        super().__init__(daemon=True)
        self.sent: list[float] = []
        """Monotonic seconds of each frame, by its number."""
        self.ending = threading.Event()
        self._tun = tun

    def run(self) -> None:
        """Write until told to end."""
        begun = time.monotonic()
        while not self.ending.wait(0.01):
            due = int((time.monotonic() - begun) * PER_SECOND)
            for number in range(len(self.sent), due):
                self._tun.write(BEACON + struct.pack(">I", number))
                self.sent.append(time.monotonic())


class Round:
    """What one life of the daemon came to."""

    def __init__(self, promised: int, missing: list[int], youngest: float) -> None:
        self.promised = promised
        """Frames that had to be in a file."""
        self.missing = missing
        """Numbers of those that are not."""
        self.youngest = youngest
        """Seconds before the kill at which the newest frame in a file was sent."""


def numbers(folder: Path) -> set[int]:
    """Return the numbers of the frames in all files; tshark has to read each of them to its end."""
    found: set[int] = set()
    for path in sorted(folder.glob("*.pcapng")):
        read = ["tshark", "-n", "-r", str(path), "-T", "fields", "-e", "frame.number"]
        done = subprocess.run(read, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{path}: {done.stderr}"
        frames = [struct.unpack(">I", octets[-4:])[0] for _, octets, _ in records(path)]
        assert len(done.stdout.split()) == len(frames)
        found.update(frames)
    return found


def live_and_die(tun: MonitorTun, folder: Path, life: float) -> Round:
    """Have the daemon record for `life` seconds behind its first file, kill it, and look."""
    recordings = folder / "recordings"
    config = folder / "whimbrel.yaml"
    config.write_text(SETTINGS.replace("FOLDER", str(recordings)))
    command = [sys.executable, "-m", "whimbrel", "run", "--config", str(config)]
    environment = os.environ | {"XDG_STATE_HOME": str(folder)}
    daemon = tun.spawn(command, env=environment, stdin=subprocess.DEVNULL)
    feeder = Feeder(tun)
    try:
        feeder.start()
        block_until(lambda: list(recordings.glob("*.pcapng")), "a file", ended=daemon.poll)
        time.sleep(life)
        killed = time.monotonic()
        daemon.send_signal(signal.SIGKILL)
    finally:
        daemon.kill()
        daemon.wait()
        feeder.ending.set()
        feeder.join()
    list(Folder(recordings, Caps(1 << 40, 0)).repair())  # as the next start does
    found = numbers(recordings)
    first = min(found)  # those before it came before the daemon listened
    promised = [n for n, at in enumerate(feeder.sent) if n >= first and at < killed - PROMISE]
    newest = max(found)
    return Round(len(promised), [n for n in promised if n not in found], killed - feeder.sent[newest])


def main() -> int:
    """Kill, and count."""
    parser = argparse.ArgumentParser(description="Kill the daemon while it records, and look for what it promised.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if reason := unavailable() or ("" if shutil.which("tshark") else "it needs tshark"):
        sys.stderr.write(f"{reason}\n")
        return 1
    chance = random.Random(args.seed)  # moments, not secrets
    promised, missing, youngest = 0, 0, 0.0
    with MonitorTun() as tun:
        for number in range(1, args.kills + 1):
            with tempfile.TemporaryDirectory() as folder:
                outcome = live_and_die(tun, Path(folder), chance.uniform(0.0, 4.0))
            promised += outcome.promised
            missing += len(outcome.missing)
            youngest = max(youngest, outcome.youngest)
            if outcome.missing or number % 20 == 0 or number == args.kills:
                sys.stdout.write(
                    f"{number} kills: {promised} frames promised, {missing} missing; at most {youngest:.2f} s lost\n"
                )
                sys.stdout.flush()
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
